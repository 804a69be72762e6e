package sim_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.yaml.in/yaml/v3"

	"enjobridge/bot"
	"enjobridge/enjo"
	"enjobridge/internal/memnet"
	enjosandbox "enjobridge/sandbox/enjo"
	slacksandbox "enjobridge/sandbox/slack"
)

// published are Enjo's documented limits, https://docs.enjo.ai/enjo-api.
var published = []enjo.Limit{{Calls: 10, Per: 5 * time.Second}, {Calls: 20, Per: time.Minute}}

const (
	// margin is the maximum difference of the delays of two calls to the agent: the default
	// of ENJO_JITTER.
	margin = 500 * time.Millisecond
	// webhookSecret is the secret of the simulated ticketing system.
	webhookSecret = "a secret of twenty-odd characters"
	// restartAfter is how long the supervisor waits before it restarts the bot.
	restartAfter = 2 * time.Second
)

// world is everything in one bubble of simulated time: users, Slack, the agent, the
// network, the disk, and the instances of the bot. Only the goroutine that plays the story
// calls its methods. It also restarts the instances.
type world struct {
	t      *testing.T
	seed   uint64
	random *rand.Rand // of the story
	trace  *trace
	dir    string
	log    *syncBuffer // of all instances

	net       *memnet.Network
	faultyNet *faultyNetwork
	disk      *disk
	steps     []step // of the bot's clock
	slack     *slacksandbox.Workspace
	trap      *trap
	enjo      *enjosandbox.Agent
	crowd     *crowd
	points    *points
	seen      *observations
	judge     *worldJudge

	secrets   bot.Secrets // of the next instance
	retention time.Duration
	strict    bool // the agent allows fewer calls than documented

	instance   runningInstances
	shared     *shared // the database of replicas; nil in a world with one instance at a time
	instances  int
	crashCount int
	ends       []time.Time // crashes and exits
	leftStore  string      // the store of the last instance; empty at first
	running    sync.WaitGroup
	crashes    chan *instance
	exits      chan *instance
	// downtime is the time until the restart after the next crash or exit.
	downtime  time.Duration
	restart   <-chan time.Time
	noRestart bool // whether the supervisor does not start the bot
	schedule  []scheduledEvent
	// presses has the messages whose buttons users have pressed, and strangePresses those
	// whose buttons a member of another organisation has pressed.
	presses        map[string]bool
	strangePresses []string
	lasted         time.Duration // from the beginning to the end

	mu        sync.Mutex  // guards strangers
	strangers []time.Time // until when connections of nobody stay open
}

// scheduledEvent is a function that runs at a time.
type scheduledEvent struct {
	at   time.Time
	what string
	do   func()
}

// later schedules a function to run after d.
func (w *world) later(d time.Duration, what string, do func()) {
	w.schedule = append(w.schedule, scheduledEvent{time.Now().Add(d), what, do})
	slices.SortStableFunc(w.schedule, func(a, b scheduledEvent) int { return a.at.Compare(b.at) })
}

// due returns a channel that receives at the time of the next scheduled event; nil if there
// is none.
func (w *world) due() <-chan time.Time {
	if len(w.schedule) == 0 {
		return nil
	}
	return time.After(time.Until(w.schedule[0].at))
}

// runNext runs the next scheduled event.
func (w *world) runNext() {
	next := w.schedule[0]
	w.schedule = w.schedule[1:]
	w.trace.add("%s", next.what)
	next.do()
}

// setup configures a world.
type setup struct {
	fails      point                   // the write or read that fails
	doneAnyway bool                    // a write that fails is done nevertheless
	crashAt    []point                 // where the bot crashes
	enjo       enjosandbox.Config      // the configuration of the agent
	steps      func(*rand.Rand) []step // of the bot's clock
	traceAll   bool                    // store the whole trace
	retention  time.Duration           // 0 for the default
	rotation   bool                    // Slack's tokens expire, also if it is false with some seeds
	graceless  bool                    // a refresh token works only once
	replicas   int                     // how many instances run at a time, over one database; 0 for one over a file
}

// inWorld plays a story in a new world, judges the bot, and returns the world.
func inWorld(t *testing.T, seed uint64, s setup, play func(*world)) *world {
	t.Helper()
	dir, err := os.MkdirTemp(memory(), "enjobridge-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	var w *world
	synctest.Test(t, func(t *testing.T) {
		// Timestamps get as many digits as real ones, and the day starts in the morning.
		time.Sleep(time.Until(time.Date(2026, 3, 2, 8, 0, 0, int(seed%1e9), time.UTC)))
		w = newWorld(t, seed, dir, s)
		defer w.close()
		defer writeTrace(t, w)
		play(w)
		w.end()
	})
	return w
}

// memory returns a directory in memory; empty if there is none.
func memory() string {
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		return "/dev/shm"
	}
	return ""
}

func newWorld(t *testing.T, seed uint64, dir string, s setup) *world {
	t.Helper()
	w := &world{
		t: t, seed: seed, random: rand.New(rand.NewPCG(seed, 0)), dir: dir, log: new(syncBuffer),
		trace: &trace{begin: time.Now(), all: s.traceAll}, disk: new(disk), points: newPoints(s.crashAt...), seen: new(observations),
		presses: make(map[string]bool), crashes: make(chan *instance, 100), exits: make(chan *instance, 100), downtime: restartAfter, retention: s.retention,
	}
	w.disk.fails, w.disk.doneAnyway = s.fails, s.doneAnyway
	w.faultyNet = newFaultyNetwork(w)
	w.net = memnet.New(w.path)
	config, err := workspace(seed)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := w.net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	config.Listener, config.History = listener, 200_000
	if s.graceless {
		withRotation(&config, simTokenLife, 0)
	} else if s.rotation || seed%3 == 0 {
		withRotation(&config, simTokenLife, simGrace)
	}
	if w.slack, err = slacksandbox.Open(config); err != nil {
		t.Fatal(err)
	}
	w.secrets = secretsOf(w.slack)
	if listener, err = w.net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	w.trap = newTrap(listener)
	s.enjo.Listen, s.enjo.Seed, s.enjo.Token = w.net.Listen, seed, "pat-simulated"
	if s.enjo.Articles == nil {
		s.enjo.Articles = library()
	}
	if s.enjo.Latency == 0 {
		s.enjo.Latency = 2 * time.Second
	}
	w.strict = s.enjo.Limits != nil && !slices.Equal(s.enjo.Limits, enjosandbox.DefaultLimits())
	if w.enjo, err = enjosandbox.Open(s.enjo); err != nil {
		t.Fatal(err)
	}
	w.faultyNet.name("slack", strings.TrimPrefix(w.slack.URL(), "http://"))
	w.faultyNet.name("enjo", strings.TrimPrefix(w.enjo.URL(), "http://"))
	w.crowd = newCrowd(w.slack, w.random)
	w.judge = newWorldJudge(w)
	if s.steps != nil {
		w.steps = s.steps(w.random)
	}
	if s.replicas > 0 {
		w.shared = newShared(w, s.replicas)
	}
	return w
}

// workspace returns the configuration of a workspace. With some seeds it belongs to an
// organisation, and with some Slack does not say the team of those who write directly.
func workspace(seed uint64) (slacksandbox.Config, error) {
	manifest, err := os.ReadFile(filepath.Join("..", "manifest.yml"))
	config := slacksandbox.Config{Manifest: manifest, Seed: seed, DirectWithoutTeam: seed%4 >= 2}
	if seed%2 == 1 {
		config.Enterprise = &slacksandbox.Enterprise{Sisters: []slacksandbox.Team{{Name: "Sister"}}}
	}
	return config, err
}

// boot starts the first instance, and waits until it is connected and has read history.
func (w *world) boot() {
	if err := w.start(); err != nil {
		w.t.Fatal(err)
	}
	w.until(10*time.Minute, func() bool {
		return w.slack.Sockets() > 1 && bytes.Contains(w.log.Bytes(), []byte(historyRead))
	})
	if w.shared != nil {
		for range w.shared.replicas - 1 {
			w.later(w.upTo(20*time.Second), "a replica starts", w.startReplica)
		}
	}
}

// historyRead is logged when the bot has read the history of all conversations.
const historyRead = "history is read"

// path decides the fate of a packet: its delay, the faults of the network, and whether the
// bot crashes at it.
func (w *world) path(p memnet.Packet) memnet.Fate {
	l := w.instance.between(p.From, p.To)
	f := w.fate(p)
	if l != nil {
		var late bool
		if f, late = l.away.delay(p, f); late {
			w.shared.lateCall(time.Now().Add(f.Delay))
		}
	}
	f = w.faultyNet.fate(p, f)
	if l != nil && p.To == l.host && isHTTP(p.Data) && !f.Lose && !f.Reset {
		l.refreshes.answered(p.Conn, p.Data, time.Now().Add(f.Delay))
	}
	return f
}

// fate returns the fate of a packet without network faults.
func (w *world) fate(p memnet.Packet) memnet.Fate {
	from, to := w.faultyNet.nameOf(p.From), w.faultyNet.nameOf(p.To)
	f := memnet.Fate{Delay: delayOf(w.seed, from, to, p.Data, 5*time.Millisecond, 120*time.Millisecond)}
	l := w.instance.between(p.From, p.To)
	switch {
	case l == nil || l.crashed():
		// The packet is not of the bot, or of an instance that has ended.
		f.Refuse = p.Dial
		f.Lose = !p.Dial && strings.HasPrefix(from, "bot")
		return f
	case p.Dial:
		// It is random which of two simultaneous calls gets the idle connection and which
		// has to dial, so dialing must not take time.
		f.Delay = 0
		return f
	}
	switch call := callOf(p.Data); {
	case call != "" && p.From == l.host:
		w.trace.add("%s calls %s", l.host, call)
		w.faultyNet.calling(p.Conn, call)
		if call == "oauth.v2.access" {
			l.refreshes.calling(w, p.Conn, p.Data)
		}
		if w.shared != nil {
			w.shared.calling(l, call, p.Data)
		}
		if w.points.reach("before", call) {
			l.crash("before " + call)
			f.Lose = true
		}
	case p.To == l.host && isHTTP(p.Data):
		call := w.faultyNet.answered(p.Conn)
		w.trace.add("%s gets the response to %s: %s", l.host, call, strings.TrimSpace(string(p.Data[8:min(len(p.Data), 13)])))
		if w.points.reach("after", call) {
			l.crash("after " + call)
			f.Lose = true
		}
	case p.From == l.host && acknowledged(p.Data) != "":
		w.trace.add("%s acknowledges %s", l.host, acknowledged(p.Data))
		if w.points.reach("before", "ack") {
			l.crash("before ack")
			f.Lose = true
		} else if w.points.reach("after", "ack") {
			f.Then = func() { l.crash("after ack") }
		}
	}
	return f
}

// noteEnd notes that an instance has ended.
func (w *world) noteEnd() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ends = append(w.ends, time.Now())
}

// endedWithin reports whether an instance has ended within a time before now.
func (w *world) endedWithin(d time.Duration) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.ContainsFunc(w.ends, func(at time.Time) bool { return time.Since(at) < d })
}

// endedBetween reports whether an instance has ended, or a replica has taken over, between two
// moments.
func (w *world) endedBetween(from, to time.Time) bool {
	between := func(at time.Time) bool { return !at.Before(from) && !at.After(to) }
	if w.shared != nil {
		return slices.ContainsFunc(w.shared.takeOvers(), between)
	}
	return slices.ContainsFunc(w.ends, between)
}

// pass advances the time by d, handles crashes and exits, and runs scheduled events.
func (w *world) pass(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
			return
		case l := <-w.crashes:
			synctest.Wait()
			w.crashCount++
			w.noteEnd()
			w.takeStore(l)
			w.startLater()
		case l := <-w.exits:
			w.noteEnd()
			w.exited(l)
		case <-w.due():
			w.runNext()
		case <-w.restart:
			w.restart = nil
			if w.noRestart {
				continue
			}
			if err := w.start(); err != nil {
				w.trace.add("the bot cannot start: %v", err)
				w.restart = time.After(restartAfter)
			}
		}
	}
}

// exited handles the exit of an instance, clean or because Slack rejected it.
func (w *world) exited(l *instance) {
	err := <-l.ended
	if l.crashed() {
		return
	}
	if err != nil {
		w.seen.note("instance exits with an error")
		w.trace.add("%s ended with %v", l.host, err)
		w.helpWithTokens(err)
	}
	w.takeStore(l)
	w.startLater()
}

// startLater has the supervisor start the bot again after its downtime.
func (w *world) startLater() {
	after := w.downtime
	w.downtime = restartAfter
	if w.shared != nil {
		w.later(after, "a replica starts", w.startReplica)
		return
	}
	w.restart = time.After(after)
}

// until advances the time until a condition is true, by at most d. It reports whether the
// condition is true.
func (w *world) until(d time.Duration, condition func() bool) bool {
	for end := time.Now().Add(d); time.Now().Before(end); {
		if condition() {
			return true
		}
		w.pass(min(250*time.Millisecond, time.Until(end)))
	}
	return condition()
}

// upTo returns a random duration less than d.
func (w *world) upTo(d time.Duration) time.Duration { return time.Duration(w.random.Int64N(int64(d))) }

// end ends all faults, waits until the bot has finished all work, and judges it.
func (w *world) end() {
	w.points.close()
	w.clear()
	w.judge.drain()
	w.judge.judgeWorld()
	w.lasted = time.Since(w.trace.begin)
	for _, line := range branches {
		if bytes.Contains(w.log.Bytes(), []byte(line)) {
			w.seen.note("log: " + line)
		}
	}
	for _, wrong := range w.judge.findings() {
		w.t.Errorf("seed %d: %s", w.seed, wrong)
	}
	if w.t.Failed() {
		w.t.Logf("seed %d: the end of the trace:\n%s", w.seed, w.trace.last(*simLines))
		w.t.Logf("seed %d: log lines of the questions:\n%s", w.seed, w.judge.logged())
	}
}

// clear ends all faults.
func (w *world) clear() {
	w.trace.add("all faults end")
	w.disk.set(func(d *disk) { d.locked = false }) // so that scheduled starts succeed
	for len(w.schedule) > 0 {
		w.runNext() // the code below also ends faults that this injects
	}
	w.faultyNet.clear()
	w.slack.Faults().Clear()
	w.enjo.Faults().Clear()
	if err := w.enjo.Faults().Up(); err != nil {
		w.t.Error(err)
	}
	w.disk.set(func(d *disk) { d.full, d.unknownWrites, d.unreadable, d.slow, d.locked = false, 0, false, 0, false })
	w.crowd.odd, w.crowd.forging = nil, 0
	w.noRestart = false
	w.downtime = restartAfter
	w.points.disableCrashes()
	if w.shared != nil {
		w.shared.clear()
	} else if w.instance.Load() == nil {
		w.restart = time.After(restartAfter)
	}
}

// scopes returns the scopes in the app's manifest.
func (w *world) scopes() []string {
	var manifest struct {
		OAuth struct {
			Scopes struct {
				Bot []string `yaml:"bot"`
			} `yaml:"scopes"`
		} `yaml:"oauth_config"`
	}
	text, err := os.ReadFile(filepath.Join("..", "manifest.yml"))
	if err == nil {
		err = yaml.Unmarshal(text, &manifest)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return manifest.OAuth.Scopes.Bot
}

// close closes everything. A goroutine that remains fails the test.
func (w *world) close() {
	w.noRestart = true
	w.restart = nil
	for _, l := range w.instance.all() {
		l.cancel()
	}
	w.running.Wait()
	for len(w.exits) > 0 {
		if l := <-w.exits; !l.crashed() {
			if err := <-l.ended; err != nil {
				w.t.Errorf("the bot ended with %v", err)
			}
		}
	}
	w.judge.close()
	if w.shared != nil {
		w.shared.close()
	}
	w.trap.close()
	if err := w.enjo.Close(); err != nil {
		w.t.Error(err)
	}
	if err := w.slack.Close(); err != nil {
		w.t.Error(err)
	}
	time.Sleep(time.Second) // net/http needs half a second to stop
}

// syncBuffer is a buffer for concurrent writers.
type syncBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *syncBuffer) Bytes() []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	return bytes.Clone(b.text.Bytes())
}

// observations counts what happened in a run: the faults, the outcomes, and the log lines
// of the paths of questions.
type observations struct {
	mu   sync.Mutex
	seen map[string]int
}

func (s *observations) note(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen == nil {
		s.seen = make(map[string]int)
	}
	s.seen[what]++
}

// merge adds the observations of another run.
func (s *observations) merge(other *observations) {
	other.mu.Lock()
	defer other.mu.Unlock()
	for what, n := range other.seen {
		s.mu.Lock()
		if s.seen == nil {
			s.seen = make(map[string]int)
		}
		s.seen[what] += n
		s.mu.Unlock()
	}
}

// count returns how often something was observed.
func (s *observations) count(what string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seen[what]
}

func (s *observations) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return fmt.Sprint(s.seen)
}
