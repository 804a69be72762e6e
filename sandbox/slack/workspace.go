package slack

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Config configures a workspace. The zero value is suitable for most tests.
type Config struct {
	// Addr is the address to listen on; empty means a free port of 127.0.0.1.
	Addr string
	// Listener is used instead of Addr, for example on an in-memory network. The
	// workspace closes it. Its address must be a TCP address.
	Listener net.Listener
	// Manifest is the app's manifest in YAML or JSON. Its scopes, events and
	// features are enforced. Nil grants and subscribes everything.
	Manifest []byte
	// NoApp opens the workspace without an app: apps.manifest.create makes it. Manifest
	// must be nil. See [Workspace.GenerateConfigToken].
	NoApp bool
	// Speed divides Slack's times: rate limits, retries, expiries, lifetimes of
	// connections. 0 means 1. Pings use real time.
	Speed float64
	// LeastDeadline limits how far Speed shortens the app's 3 seconds for an
	// acknowledgement or with a trigger_id, because Speed makes no app faster. 0
	// means half a second. Values above Slack's have no effect.
	LeastDeadline time.Duration
	// Seed determines all randomness: ids, and every choice that Slack leaves
	// open. With the same seed, the same events at the same instants get the same
	// choices, in whatever order goroutines run within an instant. Users, channels
	// and tokens get the same ids at any time.
	Seed uint64
	// TeamName is the workspace's name; empty means Acme.
	TeamName string
	// History is the number of messages of a channel, calls and envelopes that are
	// stored; 0 means 10,000.
	History int
	// WithoutOptional installs the app without the scopes that its manifest says are
	// optional.
	WithoutOptional bool
	// Enterprise makes the workspace part of an organisation; nil means none.
	Enterprise *Enterprise
	// OrgWide installs the app for all workspaces of the Enterprise, with one token.
	OrgWide bool
	// MentionTeam says whether an app_mention has the field team.
	MentionTeam Presence
	// DirectWithoutTeam leaves out the field team in events about direct messages.
	DirectWithoutTeam bool
	// TokenLife is how long a rotating access token is valid; 0 means Slack's 12 hours.
	// Tokens rotate if the manifest says so: settings.token_rotation_enabled and
	// settings.app_level_token_rotation_enabled.
	TokenLife time.Duration
	// RefreshGrace is how long a refresh token still works after its first use. Slack
	// documents a short grace period without its length; 0 means none.
	RefreshGrace time.Duration
	// Page returns the page that the workspace serves at its root. It may be nil.
	Page func(*Workspace) http.Handler
}

// Presence says whether Slack sends a field that it does not always send.
type Presence int

// The presences.
const (
	Sometimes Presence = iota // by chance, as determined by Config.Seed
	Always
	Never
)

// Workspace is a local Slack workspace with one app installed.
//
// Apps connect to [Workspace.APIURL]. Tests act as its people: they post,
// react, click, and read what any reader would see. All methods are safe for
// concurrent use.
type Workspace struct {
	// View reads the workspace.
	View

	config   Config
	listener net.Listener
	server   *http.Server
	running  sync.WaitGroup // everything that Close waits for
	done     chan struct{}  // closed by Close

	mu       sync.Mutex // guards all fields below
	closed   bool
	lastTS   int64
	manifest manifest
	app      app
	tokens   tokens
	pages    pages
	grid     grid
	scopes   []string
	needed   map[string]bool // the scopes that were needed
	second   secondApp

	instant  int64          // time of the latest event, in Unix nanoseconds
	happened map[uint64]int // how often the same event happened at that instant, by its hash

	users      []*User
	usersByID  map[string]*User
	channels   []*channel
	channelsBy map[string]*channel // by id
	groups     []*userGroup
	files      *bounded[string, *File]
	statuses   map[threadKey]*status // the visible ones, for two minutes at most
	sessions   *bounded[threadKey, *session]
	prompts    map[string][]Prompt // by channel
	titles     *bounded[threadKey, string]
	views      viewBoard
	limits     limiter
	responses  *bounded[string, *responseURL]

	sockets sockets
	pending map[string]*attempt // by envelope id
	held    []*envelope         // waiting to be overtaken by the next event
	flying  int                 // deliveries in progress

	faults  Faults
	calls   ring[Call]
	traffic ring[*Envelope]
	watch   watchers
}

// app is the installed app.
type app struct {
	teamID, teamName   string
	appID, userID      string
	botID, name, title string
}

// Open starts a workspace. The caller must [Workspace.Close] it.
func Open(config Config) (*Workspace, error) {
	m, err := parseManifest(config.Manifest)
	if err != nil {
		return nil, err
	}
	if config.NoApp {
		if config.Manifest != nil || config.OrgWide {
			return nil, errors.New("opening a Slack workspace: without an app there is no manifest and no installation")
		}
		m = manifest{}
	}
	if err := checkOrg(config, &m); err != nil {
		return nil, err
	}
	config.Addr = cmp.Or(config.Addr, "127.0.0.1:0")
	config.Speed = cmp.Or(config.Speed, 1)
	config.LeastDeadline = cmp.Or(config.LeastDeadline, time.Second/2)
	config.TeamName = cmp.Or(config.TeamName, "Acme")
	config.History = cmp.Or(config.History, 10_000)
	config.TokenLife = cmp.Or(config.TokenLife, tokenLife)
	if config.Speed < 0 || config.LeastDeadline < 0 || config.History < 0 || config.TokenLife < 0 || config.RefreshGrace < 0 {
		return nil, fmt.Errorf("opening a Slack workspace: speed %v, least deadline %s, history %d, token life %s and refresh grace %s must not be negative",
			config.Speed, config.LeastDeadline, config.History, config.TokenLife, config.RefreshGrace)
	}
	w := newWorkspace(config, m)
	if w.listener = config.Listener; w.listener == nil {
		if w.listener, err = net.Listen("tcp", config.Addr); err != nil {
			return nil, fmt.Errorf("opening a Slack workspace: %w", err)
		}
	}
	w.server = &http.Server{Handler: w.routes(), ReadHeaderTimeout: 10 * time.Second}
	w.running.Go(func() { _ = w.server.Serve(w.listener) }) // returns when Close closes it
	return w, nil
}

func newWorkspace(config Config, m manifest) *Workspace {
	w := &Workspace{
		config:     config,
		manifest:   m,
		done:       make(chan struct{}),
		scopes:     m.grants(!config.WithoutOptional),
		needed:     make(map[string]bool),
		usersByID:  make(map[string]*User),
		channelsBy: make(map[string]*channel),
		files:      newBounded[string, *File](filesKept),
		statuses:   make(map[threadKey]*status),
		sessions:   newBounded[threadKey, *session](threadsKept),
		prompts:    make(map[string][]Prompt),
		titles:     newBounded[threadKey, string](threadsKept),
		views:      newViewBoard(),
		limits:     newLimiter(config.Speed),
		responses:  newBounded[string, *responseURL](responsesKept),
		sockets:    newSockets(),
		pending:    make(map[string]*attempt),
		calls:      newRing[Call](config.History),
		traffic:    newRing[*Envelope](config.History),
		watch:      newWatchers(),
	}
	w.View = View{w}
	w.faults.w = w
	if m.open {
		w.scopes = allScopes()
	}
	w.install()
	return w
}

// install generates the app's identity.
func (w *Workspace) install() {
	a, random := &w.app, w.stream("app")
	a.teamID, a.teamName = newID(random, "T"), w.config.TeamName
	a.appID, a.botID = newID(random, "A"), newID(random, "B")
	a.name, a.title = w.manifest.botName(), w.manifest.appName()
	w.setUpTokens()
	w.found()
	if w.config.NoApp {
		a.userID = newID(random, "U")
	} else {
		w.pages = pages{exists: true, appScopes: []string{connectionsWrite}}
		a.userID = w.addUser(User{Name: a.name, RealName: a.title, Bot: true})
	}
	w.addUser(User{ID: slackbot, Name: "slackbot", RealName: "Slackbot"})
}

// Close ends every connection, drops undelivered envelopes, and waits until all
// goroutines have ended.
func (w *Workspace) Close() error {
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		return nil
	}
	w.closed = true
	close(w.done)
	for _, s := range w.sockets.open {
		s.close()
	}
	w.mu.Unlock()

	err := w.server.Close()
	w.running.Wait()
	return err
}

// URL returns the root of the workspace's page, without a trailing slash.
func (w *Workspace) URL() string {
	addr := w.listener.Addr()
	if tcp, ok := addr.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		// Browsers and clients on some systems do not connect to [::].
		return fmt.Sprintf("http://127.0.0.1:%d", tcp.Port)
	}
	return "http://" + addr.String()
}

// APIURL returns the root of the Web API, for a client's "API URL" option: it
// ends in /api/.
func (w *Workspace) APIURL() string { return w.URL() + "/api/" }

// BotUserID returns the user ID of the app's bot user.
func (w *Workspace) BotUserID() string { return w.app.userID }

// BotID returns the app's bot ID, which marks its messages.
func (w *Workspace) BotID() string { return w.app.botID }

// AppID returns the app's ID.
func (w *Workspace) AppID() string { return w.app.appID }

// TeamID returns the workspace's ID.
func (w *Workspace) TeamID() string { return w.app.teamID }

// TeamName returns the workspace's name.
func (w *Workspace) TeamName() string { return w.app.teamName }

// SetScopes changes the scopes of the bot token. Slack grants an app created
// from a manifest only some of them until it is installed again.
func (w *Workspace) SetScopes(scopes ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.scopes = slices.Clone(scopes)
}

// deadline returns one of Slack's deadlines for the app, scaled by the
// workspace's speed.
func (w *Workspace) deadline(d time.Duration) time.Duration {
	return max(w.scaled(d), min(d, w.config.LeastDeadline))
}

// scaled returns one of Slack's times, scaled by the workspace's speed.
func (w *Workspace) scaled(d time.Duration) time.Duration {
	return time.Duration(float64(d) / w.config.Speed)
}

// enter keeps the workspace from finishing Close until the caller calls
// running.Done. It returns false if the workspace is already closed.
func (w *Workspace) enter() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return false
	}
	w.running.Add(1)
	return true
}

// start runs f in a goroutine that Close waits for, unless the workspace is
// closed. The caller must hold mu.
func (w *Workspace) start(f func()) {
	if !w.closed {
		w.running.Go(f)
	}
}

// after runs f, with mu held, after d, unless stop is closed first. The caller
// must hold mu.
func (w *Workspace) after(d time.Duration, stop <-chan struct{}, f func()) {
	w.start(func() {
		if w.sleep(d, stop) {
			w.mu.Lock()
			defer w.mu.Unlock()
			f()
		}
	})
}

// sleep waits for d, and returns false if stop or the workspace was closed
// first. A nil stop is never closed.
func (w *Workspace) sleep(d time.Duration, stop <-chan struct{}) bool {
	if d <= 0 {
		select {
		case <-stop:
			return false
		case <-w.done:
			return false
		default:
			return true
		}
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-stop:
	case <-w.done:
	}
	return false
}
