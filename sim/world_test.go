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
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.yaml.in/yaml/v3"

	"enjobridge/enjo"
	"enjobridge/internal/memnet"
	enjosandbox "enjobridge/sandbox/enjo"
	slacksandbox "enjobridge/sandbox/slack"
)

// published are Enjo's published limits, https://docs.enjo.ai/enjo-api.
var published = []enjo.Limit{{Calls: 10, Per: 5 * time.Second}, {Calls: 20, Per: time.Minute}}

const (
	// margin is how much later one call may reach the agent than another: the default of ENJO_JITTER.
	margin = 500 * time.Millisecond
	// webhookSecret is what the ticketing system of the simulation shows.
	webhookSecret = "a secret of twenty-odd characters"
	// restartAfter is how long the supervisor waits before it starts the bot again.
	restartAfter = 2 * time.Second
)

// world is everything: people, Slack, the agent, the network, the disk, and the
// lives of the bot, in one bubble of simulated time. Its methods are called by
// the goroutine that plays the story, which also buries and starts the lives.
type world struct {
	t      *testing.T
	seed   uint64
	random *rand.Rand // of the story
	trace  *trace
	dir    string
	log    *syncBuffer // of all lives

	net       *memnet.Network
	faultyNet *faultyNetwork
	disk      *disk
	steps     []step // of the bot's clock
	slack     *slacksandbox.Workspace
	enjo      *enjosandbox.Agent
	crowd     *crowd
	points    *points
	seen      *observations
	judge     *worldJudge

	retention time.Duration
	strict    bool // the agent allows less than it says

	instance   atomic.Pointer[instance] // nil while none lives
	instances  int
	crashCount int
	ends       []time.Time // deaths and others
	leftStore  string      // the store that the last life left; empty at first
	running    sync.WaitGroup
	crashes    chan *instance
	exits      chan *instance
	// downtime is how long nothing runs after the next death or end.
	downtime  time.Duration
	restart   <-chan time.Time
	noRestart bool // the supervisor does not start the bot
	schedule  []scheduledEvent
	lasted    time.Duration // from the beginning to the end
}

// appointment is something that is to happen at a time.
type scheduledEvent struct {
	at   time.Time
	what string
	do   func()
}

// later lets something happen after d.
func (w *world) later(d time.Duration, what string, do func()) {
	w.schedule = append(w.schedule, scheduledEvent{time.Now().Add(d), what, do})
	slices.SortStableFunc(w.schedule, func(a, b scheduledEvent) int { return a.at.Compare(b.at) })
}

// due returns what is signalled when the next appointment has come; nil if there is none.
func (w *world) due() <-chan time.Time {
	if len(w.schedule) == 0 {
		return nil
	}
	return time.After(time.Until(w.schedule[0].at))
}

// keep keeps the next appointment.
func (w *world) runNext() {
	next := w.schedule[0]
	w.schedule = w.schedule[1:]
	w.trace.add("%s", next.what)
	next.do()
}

// setup says what is special about a world.
type setup struct {
	fails      point                   // the write or read that fails
	doneAnyway bool                    // a write that fails happens all the same
	crashAt    []point                 // where the bot dies
	enjo       enjosandbox.Config      // what the agent is like
	steps      func(*rand.Rand) []step // of the bot's clock
	traceAll   bool                    // remember the whole trace
	retention  time.Duration           // 0 for the default
}

// inWorld plays a story in a world of its own, and judges what the bot made of it.
// It returns the world as it was in the end.
func inWorld(t *testing.T, seed uint64, s setup, play func(*world)) *world {
	t.Helper()
	dir, err := os.MkdirTemp(memory(), "enjobridge-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	var w *world
	synctest.Test(t, func(t *testing.T) {
		// Timestamps have as many digits as those of today, and days begin at some hour.
		time.Sleep(time.Until(time.Date(2026, 3, 2, 8, 0, 0, int(seed%1e9), time.UTC)))
		w = newWorld(t, seed, dir, s)
		defer w.close()
		defer writeTrace(t, w)
		play(w)
		w.end()
	})
	return w
}

// memory is a directory in memory, if there is one.
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
		crashes: make(chan *instance, 100), exits: make(chan *instance, 100), downtime: restartAfter, retention: s.retention,
	}
	w.disk.fails, w.disk.doneAnyway = s.fails, s.doneAnyway
	w.faultyNet = newFaultyNetwork(w)
	w.net = memnet.New(w.path)
	manifest, err := os.ReadFile(filepath.Join("..", "manifest.yml"))
	if err != nil {
		t.Fatal(err)
	}
	listener, err := w.net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if w.slack, err = slacksandbox.Open(slacksandbox.Config{Manifest: manifest, Listener: listener, Seed: seed, History: 200_000}); err != nil {
		t.Fatal(err)
	}
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
	return w
}

// boot starts the first life, and waits until it listens and has read history.
func (w *world) boot() {
	if err := w.start(); err != nil {
		w.t.Fatal(err)
	}
	w.until(10*time.Minute, func() bool {
		return w.slack.Sockets() > 1 && bytes.Contains(w.log.Bytes(), []byte(historyRead))
	})
}

// historyRead is in the log when the bot has read the history of all conversations.
const historyRead = "history is read"

// path decides what becomes of a packet: it takes its time, the weather may have
// it, and the bot may die of it.
func (w *world) path(p memnet.Packet) memnet.Fate {
	return w.faultyNet.fate(p, w.fate(p))
}

// fate is what becomes of a packet in good weather.
func (w *world) fate(p memnet.Packet) memnet.Fate {
	from, to := w.faultyNet.nameOf(p.From), w.faultyNet.nameOf(p.To)
	f := memnet.Fate{Delay: delayOf(w.seed, from, to, p.Data, 5*time.Millisecond, 120*time.Millisecond)}
	l := w.instance.Load()
	switch {
	case l == nil || l.crashed() || (p.From != l.host && p.To != l.host):
		// Not the bot's, or that of a life that is over.
		f.Refuse = p.Dial
		f.Lose = !p.Dial && strings.HasPrefix(from, "bot")
		return f
	case p.Dial:
		// Which of two calls of one instant gets the idle connection and which has to
		// dial is chance, and must not matter.
		f.Delay = 0
		return f
	}
	switch call := callOf(p.Data); {
	case call != "" && p.From == l.host:
		w.trace.add("%s calls %s", l.host, call)
		w.faultyNet.calling(p.Conn, call)
		if w.points.reach("before", call) {
			l.crash("before " + call)
			f.Lose = true
		}
	case p.To == l.host && isHTTP(p.Data):
		call := w.faultyNet.answered(p.Conn)
		w.trace.add("%s gets the answer to %s: %s", l.host, call, strings.TrimSpace(string(p.Data[8:min(len(p.Data), 13)])))
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

// lifeEnded reports whether a life has ended between two moments.
func (w *world) endedBetween(from, to time.Time) bool {
	return slices.ContainsFunc(w.ends, func(at time.Time) bool { return !at.Before(from) && !at.After(to) })
}

// pass lets time pass. What happens to the lives meanwhile is dealt with.
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
			w.ends = append(w.ends, time.Now())
			w.takeStore(l)
			w.restart = time.After(w.downtime)
			w.downtime = restartAfter
		case l := <-w.exits:
			w.ends = append(w.ends, time.Now())
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

// exited deals with a life that has ended, in peace or because Slack refused it.
func (w *world) exited(l *instance) {
	err := <-l.ended
	if l.crashed() {
		return
	}
	if err != nil {
		w.seen.note("life ends with an error")
		w.trace.add("%s ended with %v", l.host, err)
	}
	w.takeStore(l)
	w.restart = time.After(w.downtime)
	w.downtime = restartAfter
}

// until lets time pass until a condition holds, for at most d. It reports
// whether it holds.
func (w *world) until(d time.Duration, holds func() bool) bool {
	for end := time.Now().Add(d); time.Now().Before(end); {
		if holds() {
			return true
		}
		w.pass(min(250*time.Millisecond, time.Until(end)))
	}
	return holds()
}

// upTo returns a time of at most d, at random.
func (w *world) upTo(d time.Duration) time.Duration { return time.Duration(w.random.Int64N(int64(d))) }

// end makes everything work again, waits until the bot has done all it has to
// do, and judges it.
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
		w.t.Logf("seed %d: what the log tells:\n%s", w.seed, w.judge.logged())
	}
}

// clear ends everything that is wrong with the world.
func (w *world) clear() {
	w.trace.add("all faults end")
	for len(w.schedule) > 0 {
		w.runNext() // what that begins is ended here, too
	}
	w.faultyNet.clear()
	w.slack.Faults().Clear()
	w.enjo.Faults().Clear()
	if err := w.enjo.Faults().Up(); err != nil {
		w.t.Error(err)
	}
	w.disk.set(func(d *disk) { d.full, d.unknownWrites, d.unreadable, d.slow, d.locked = false, 0, false, 0, false })
	w.noRestart = false
	w.downtime = restartAfter
	w.points.disableCrashes()
	if w.instance.Load() == nil {
		w.restart = time.After(restartAfter)
	}
}

// scopes are those that the app's manifest asks for.
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

// close takes everything down. Whatever goroutine is left fails the test.
func (w *world) close() {
	w.noRestart = true
	w.restart = nil
	if l := w.instance.Load(); l != nil {
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
	if err := w.enjo.Close(); err != nil {
		w.t.Error(err)
	}
	if err := w.slack.Close(); err != nil {
		w.t.Error(err)
	}
	time.Sleep(time.Second) // net/http lingers for half a second
}

// syncBuffer is a buffer that many write to.
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

// sightings are what was seen to happen in a run: which faults struck, which
// failures were told, which ways a question went.
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

// merge adds what another run saw.
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

// count returns how often something was seen.
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
