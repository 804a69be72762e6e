package bot_test

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/bot"
	"enjobridge/enjo"
	"enjobridge/internal/memnet"
	enjosandbox "enjobridge/sandbox/enjo"
	slacksandbox "enjobridge/sandbox/slack"
	"enjobridge/storage"
)

// enjosLimits are the limits that Enjo publishes.
var enjosLimits = []enjo.Limit{{Calls: 10, Per: 5 * time.Second}, {Calls: 20, Per: time.Minute}}

// patience is how long a test waits for an expected event, in simulated time.
const patience = 24 * time.Hour

// bubble runs a test in a separate synctest bubble. Time is simulated: it advances when
// all goroutines block, so a test that covers hours runs at once.
func bubble(t *testing.T, test func(*testing.T)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		// A bubble starts in 2000, when Slack's timestamps would be one digit shorter.
		time.Sleep(time.Until(time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)))
		test(t)
	})
}

// bubbles runs a subtest in a separate bubble.
func bubbles(t *testing.T, name string, test func(*testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) { bubble(t, test) })
}

// house is a local Slack, a local agent, and the bot between them. A test's house is in
// a bubble and uses an in-memory network. A benchmark's house uses real time and TCP.
type house struct {
	t     testing.TB
	net   *memnet.Network // nil in a benchmark
	slack *slacksandbox.Workspace
	enjo  *enjosandbox.Agent
	path  string // the store's file
	log   *record

	alice, bob, carol string // carol belongs to another organisation
	support, shared   string

	config  func(*bot.Config)
	agent   string                            // the URL of the agent
	bridge  *bot.Bot                          // the running bot
	handler http.Handler                      // the HTTP handler for operators
	webhook http.Handler                      // the HTTP handler for the ticketing system
	admin   http.Handler                      // the HTTP handler for the commands of operators
	wrap    func(storage.Store) storage.Store // the store as the bot sees it; nil leaves it unchanged
	stop    func() error                      // stops the bot; nil while it is stopped
	wait    func() error                      // waits until the bot has stopped
	cancel  func()                            // asks the bot to stop, without waiting
}

// record is a log that tests can read, and wait on, while the bot writes it.
type record struct {
	mu      sync.Mutex
	text    bytes.Buffer
	changed chan struct{} // closed when a line is added
}

func (r *record) Write(line []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	close(r.changed)
	r.changed = make(chan struct{})
	return r.text.Write(line)
}

func (r *record) String() string {
	text, _ := r.read()
	return text
}

// read returns the log, and a channel that is closed when the log grows.
func (r *record) read() (string, <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.String(), r.changed
}

// await waits until the log contains a text at least so many times.
func (r *record) await(ctx context.Context, text string, n int) error {
	for {
		log, changed := r.read()
		if strings.Count(log, text) >= n {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// plan describes a house.
type plan struct {
	slack slacksandbox.Config
	enjo  enjosandbox.Config
	bot   func(*bot.Config)
	// agent replaces the local agent.
	agent http.Handler
	// path is what happens on the network; nil for nothing.
	path memnet.Path
}

// build creates a house with a running bot, and closes it when the test ends.
func build(t testing.TB, p plan) *house {
	t.Helper()
	h := foundation(t, p)
	h.start()
	return h
}

// foundation creates a house without a bot.
func foundation(t testing.TB, p plan) *house {
	t.Helper()
	h := &house{t: t, path: filepath.Join(t.TempDir(), "bot.db"), log: &record{changed: make(chan struct{})}, config: p.bot}
	var err error
	if p.slack.Manifest == nil {
		if p.slack.Manifest, err = os.ReadFile("../manifest.yml"); err != nil {
			t.Fatal(err)
		}
	}
	if _, simulated := t.(*testing.T); simulated {
		h.net = memnet.New(p.path)
		p.slack.Listener, p.enjo.Listen = h.listen(), h.net.Listen
	}
	if h.slack, err = slacksandbox.Open(p.slack); err != nil {
		t.Fatal(err)
	}
	if h.enjo, err = enjosandbox.Open(p.enjo); err != nil {
		t.Fatal(err)
	}
	h.agent = h.enjo.URL()
	if p.agent != nil {
		h.agent = h.serve(p.agent)
	}
	h.alice = h.slack.AddUser(slacksandbox.User{Name: "alice", RealName: "Alice Abara"})
	h.bob = h.slack.AddUser(slacksandbox.User{Name: "bob", RealName: "Bob Berg"})
	h.carol = h.slack.AddUser(slacksandbox.User{Name: "carol", RealName: "Carol Cruz", Team: "TGLOBEX"})
	app := h.slack.BotUserID()
	h.support = h.slack.AddChannel(slacksandbox.Channel{Name: "support", Members: []string{h.alice, h.bob, app}})
	h.shared = h.slack.AddChannel(slacksandbox.Channel{Name: "shared", Shared: true, Members: []string{h.alice, h.carol, app}})
	t.Cleanup(h.close)
	return h
}

// listen listens on the house's network.
func (h *house) listen() net.Listener {
	h.t.Helper()
	listener, err := h.net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		h.t.Fatal(err)
	}
	return listener
}

// serve serves HTTP on the house's network until the test ends, and returns the server's
// URL.
func (h *house) serve(handler http.Handler) string {
	h.t.Helper()
	listener := h.listen()
	server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(listener) }()
	h.t.Cleanup(func() { _ = server.Close() })
	return "http://" + listener.Addr().String()
}

// start runs the bot until it is stopped, and waits until it has read history, so that a
// fault injected afterwards does not affect the start.
func (h *house) start() {
	h.t.Helper()
	before := strings.Count(h.log.String(), historyIsRead)
	h.begin()
	h.awaitHistory(before + 1)
}

// historyIsRead is logged each time the bot has read all history.
const historyIsRead = `"message":"backfill: history is read"`

// begin runs the bot until it is stopped, and waits until it listens.
func (h *house) begin() {
	h.t.Helper()
	store, err := storage.OpenBolt(h.path, storage.BoltOptions{})
	if err != nil {
		h.t.Fatal(err)
	}
	client := enjo.Config{BaseURL: h.agent, Token: h.enjo.Token(), Version: "test", Timeout: time.Minute}
	config := bot.Config{
		SlackAPIURL:   h.slack.APIURL(),
		SlackAppToken: h.slack.AppToken(),
		SlackBotToken: h.slack.BotToken(),
		AgentView:     true,
		Agents:        []bot.Agent{{Name: "default", BotID: h.enjo.BotID()}},
		Limits:        enjosLimits,
		Jitter:        500 * time.Millisecond,
	}
	if h.net != nil {
		client.Dial, config.Dial = h.net.Dial, h.net.Dial
	}
	if h.config != nil {
		h.config(&config)
	}
	agent, err := enjo.New(client)
	if err != nil {
		h.t.Fatal(err)
	}
	var kept storage.Store = store
	if h.wrap != nil {
		kept = h.wrap(store)
	}
	bridge, err := bot.New(config, kept, agent, zerolog.New(h.log).Level(zerolog.InfoLevel))
	if err != nil {
		h.t.Fatal(err)
	}
	h.bridge, h.handler, h.webhook, h.admin = bridge, bridge.Handler(), bridge.Webhook(), bridge.Admin()
	var ctx context.Context
	ctx, h.cancel = context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- bridge.Run(ctx) }()
	h.wait = func() error {
		err := <-ended
		agent.Close()
		if closed := store.Close(); closed != nil {
			h.t.Error(closed)
		}
		h.stop = nil
		return err
	}
	h.stop = func() error {
		h.cancel()
		return h.wait()
	}
	h.await("the bot to listen", func(v slacksandbox.View) bool { return v.Sockets() >= 2 })
}

// close stops everything in the house.
func (h *house) close() {
	if h.stop != nil {
		if err := h.stop(); err != nil {
			h.t.Errorf("the bot ended with %v", err)
		}
	}
	h.noteScopes()
	if err := h.enjo.Close(); err != nil {
		h.t.Error(err)
	}
	if err := h.slack.Close(); err != nil {
		h.t.Error(err)
	}
	if h.net != nil {
		// Connections of net/http outlive their server for half a second, and time stops
		// when the test ends.
		time.Sleep(time.Second)
	}
	if h.t.Failed() {
		h.t.Logf("the bot's log:\n%s", h.log)
	}
}

// await waits until the workspace is in the state that the test wants.
func (h *house) await(what string, until func(slacksandbox.View) bool) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), patience)
	defer cancel()
	if err := h.slack.Await(ctx, until); err != nil {
		h.t.Fatalf("waiting for %s: %v", what, err)
	}
}

// say posts a message as a person.
func (h *house) say(channel, user, text string, options ...slacksandbox.PostOption) string {
	h.t.Helper()
	ts, err := h.slack.Post(channel, user, text, options...)
	if err != nil {
		h.t.Fatal(err)
	}
	return ts
}

// mention posts a message that mentions the bot.
func (h *house) mention(user, text string) string {
	h.t.Helper()
	return h.say(h.support, user, slacksandbox.Mention(h.slack.BotUserID())+" "+text)
}

// answers returns the bot's posts in a thread.
func (h *house) answers(v slacksandbox.View, channel, root string) []slacksandbox.Message {
	var answers []slacksandbox.Message
	for _, m := range v.Thread(channel, root) {
		if m.BotID == h.slack.BotID() && m.EphemeralTo == "" {
			answers = append(answers, m)
		}
	}
	return answers
}

// awaitAnswers waits for so many posts of the bot in a thread, and returns them.
func (h *house) awaitAnswers(channel, root string, n int) []slacksandbox.Message {
	h.t.Helper()
	h.await("an answer", func(v slacksandbox.View) bool { return len(h.answers(v, channel, root)) >= n })
	return h.answers(h.slack.View, channel, root)
}

// awaitLog waits until the log contains a text at least so many times.
func (h *house) awaitLog(text string, n int) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), patience)
	defer cancel()
	if err := h.log.await(ctx, text, n); err != nil {
		h.t.Fatalf("waiting for the log to contain %q %d times: %v", text, n, err)
	}
}

// awaitEnded waits until so many questions have ended.
func (h *house) awaitEnded(n int) {
	h.t.Helper()
	h.awaitLog(`"message":"deliver: question ended"`, n)
}

// texts returns everything that the bot showed in some messages, as one text.
func texts(messages []slacksandbox.Message) string {
	var all strings.Builder
	for _, m := range messages {
		all.WriteString(m.Text)
		all.Write(m.Blocks)
	}
	return all.String()
}
