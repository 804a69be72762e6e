package bot_test

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/bot"
	"enjobridge/enjo"
	"enjobridge/internal/pgtest"
	enjosandbox "enjobridge/sandbox/enjo"
	slacksandbox "enjobridge/sandbox/slack"
	"enjobridge/storage"
)

const (
	// drained is the number of questions at the start of a drain: the queue of a bad
	// morning.
	drained = 300
	// hurry is the factor by which the limits of a drain are faster than Enjo's, and its
	// Slack's times shorter.
	hurry = 60
	// drainMargin is the bridge's margin for jitter. This machine's scheduler causes the
	// jitter, and it does not scale with the limits.
	drainMargin = 12 * time.Millisecond
)

// scaled are Enjo's published limits, scaled by hurry.
var scaled = []enjo.Limit{{Calls: 10, Per: 5 * time.Second / hurry}, {Calls: 20, Per: time.Minute / hurry}}

// BenchmarkDrain measures how long it takes to ask an agent 300 waiting questions with
// Enjo's limits, 60 times as fast, and how many calls are refused meanwhile. It compares
// the whole bridge, from Slack to Slack, with clients that call at any time and retry
// after a refusal.
//
// makespan/least is the time from the first call to the last one's arrival, divided by
// the least time that the limits allow. The benchmark also reports the machine's load,
// because a busy machine is late.
func BenchmarkDrain(b *testing.B) {
	b.Run("bridge", func(b *testing.B) {
		for b.Loop() {
			drainBridge(b)
		}
	})
	b.Run("three replicas", func(b *testing.B) {
		for b.Loop() {
			drainReplicas(b, 3)
		}
	})
	for _, every := range []time.Duration{time.Second, 10 * time.Second} {
		b.Run(fmt.Sprintf("naive, again after %v", every), func(b *testing.B) {
			for b.Loop() {
				drainNaively(b, every/hurry)
			}
		})
	}
}

// drainBridge lets people ask in their DMs while the bot may not call, and then starts a
// bot that may call as the agent allows.
func drainBridge(b *testing.B) {
	limits := callRarely()
	h := drainHouse(b, &limits)
	dir, err := os.MkdirTemp(memory(), "enjobridge-")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = os.RemoveAll(dir) })
	h.path = filepath.Join(dir, filepath.Base(h.path))
	store, err := storage.OpenBolt(h.path, storage.BoltOptions{})
	if err != nil {
		b.Fatal(err)
	}
	callHalfAnHourAgo(b, store)
	h.begin()
	h.askForDrain(b)
	if err := h.stop(); err != nil {
		b.Fatal(err)
	}

	limits = scaled
	h.begin()
	h.awaitDrain(b)
}

// drainReplicas does the same with replicas over a PostgreSQL.
func drainReplicas(b *testing.B, replicas int) {
	limits := callRarely()
	h := drainHouse(b, &limits)
	url := benchDatabase(b, memory())
	callHalfAnHourAgo(b, openPostgres(b, url, new(pgtest.Trips)))
	employ := func() (stop func()) {
		var stops []func()
		for range replicas {
			stops = append(stops, h.employ(b, openPostgres(b, url, new(pgtest.Trips)), zerolog.InfoLevel))
		}
		return func() {
			for _, stop := range stops {
				stop()
			}
		}
	}
	stop := employ()
	h.askForDrain(b)
	stop()

	limits = scaled
	b.Cleanup(employ())
	h.awaitDrain(b)
}

// callRarely are the limits of a bot that makes no call, if it has made one in the last hour.
func callRarely() []enjo.Limit { return []enjo.Limit{{Calls: 1, Per: time.Hour}} }

// drainHouse creates a house whose bots may call as the limits say at their start.
func drainHouse(b *testing.B, limits *[]enjo.Limit) *house {
	b.Helper()
	return foundation(b, plan{
		slack: slacksandbox.Config{Speed: hurry, LeastDeadline: acknowledgedWithin},
		enjo:  enjosandbox.Config{Limits: sandboxLimits(scaled)},
		bot: func(c *bot.Config) {
			c.SlackSpeed = hurry
			c.Limits = *limits
			c.Jitter = drainMargin
		},
	})
}

// askForDrain has people ask, and waits until their questions are stored.
func (h *house) askForDrain(b *testing.B) {
	b.Helper()
	const people = 60
	channels, askers := h.crowd(people)
	for n := range drained {
		h.say(channels[n%people], askers[n%people], slacksandbox.Mention(h.slack.BotUserID())+fmt.Sprintf(" How do I print on printer %d?", n))
	}
	awaitLogged(b, h, `"decision":"ask"`, drained)
}

// awaitDrain waits until all questions are answered, and reports how long it took.
func (h *house) awaitDrain(b *testing.B) {
	b.Helper()
	awaitAnswered(b, h.enjo, drained)
	calls := h.enjo.Requests()
	refused := 0
	for _, call := range calls {
		if call.Status == http.StatusTooManyRequests {
			refused++
		}
	}
	reportDrain(b, calls[len(calls)-1].Time.Sub(calls[0].Time), refused)
	awaitLogged(b, h, `"message":"deliver: question ended"`, drained)
}

// callHalfAnHourAgo records a call in a store, and closes it: the call counts towards a limit of
// one call an hour, but not towards a shorter limit.
func callHalfAnHourAgo(b *testing.B, store storage.Store) {
	b.Helper()
	at := time.Now().Add(-30 * time.Minute)
	q := storage.Question{
		ID: storage.MessageID{Team: "T1", Channel: "C1", TS: "1.1"}, Thread: storage.ThreadID{Team: "T1", Channel: "C1", Root: "1.1"}, AcceptedAt: at,
	}
	_, accepted := store.Accept(b.Context(), q, storage.Thread{ID: q.Thread, LastActive: at})
	_, claimed := store.Claim(b.Context(), q.ID, nil, at)
	ended := store.End(b.Context(), q.ID, storage.Cancelled, nil, at)
	if err := errors.Join(accepted, claimed, ended); err != nil {
		b.Fatal(err)
	}
	if err := store.Close(); err != nil {
		b.Fatal(err)
	}
}

// memory returns a directory in memory if the machine has one, else one on the disk. The
// benchmark scales all times but the disk's, so it would measure the disk's slowest commits.
func memory() string {
	const shared = "/dev/shm"
	if _, err := os.Stat(shared); err != nil {
		return os.TempDir()
	}
	return shared
}

// awaitLogged waits without a timeout until the bot's log contains a text so many times.
func awaitLogged(b *testing.B, h *house, text string, n int) {
	b.Helper()
	if err := h.log.await(b.Context(), text, n); err != nil {
		b.Fatal(err)
	}
}

// awaitAnswered waits without a timeout until the agent has answered so many times.
func awaitAnswered(b *testing.B, agent *enjosandbox.Agent, n int) {
	b.Helper()
	err := agent.Await(b.Context(), func(all []enjosandbox.Request) bool {
		answered := 0
		for _, r := range all {
			if r.Done && r.Status == http.StatusOK {
				answered++
			}
		}
		return answered >= n
	})
	if err != nil {
		b.Fatal(err)
	}
}

// drainNaively asks the agent the questions from 20 concurrent callers, which wait for a
// fixed time after a refusal.
func drainNaively(b *testing.B, backOff time.Duration) {
	const callers = 20
	agent, err := enjosandbox.Open(enjosandbox.Config{Limits: sandboxLimits(scaled)})
	if err != nil {
		b.Fatal(err)
	}
	defer agent.Close()
	client, err := enjo.New(enjo.Config{BaseURL: agent.URL(), Token: agent.Token(), Version: "test", Timeout: 5 * time.Second})
	if err != nil {
		b.Fatal(err)
	}
	defer client.Close()

	questions := make(chan string)
	var refused atomic.Int64
	var calling sync.WaitGroup
	for range callers {
		calling.Go(func() {
			for question := range questions {
				for !askNaively(b, client, agent.BotID(), question) {
					refused.Add(1)
					time.Sleep(backOff)
				}
			}
		})
	}
	began := time.Now()
	for n := range drained {
		questions <- fmt.Sprintf("How do I print on printer %d?", n)
	}
	close(questions)
	calling.Wait()
	calls := agent.Requests()
	reportDrain(b, calls[len(calls)-1].Time.Sub(began), int(refused.Load()))
}

// askNaively asks, and reports whether the agent accepted the call.
func askNaively(b *testing.B, client *enjo.Client, botID, question string) bool {
	_, err := client.Ask(b.Context(), botID, enjo.Message{Text: question})
	var failed *enjo.Error
	if errors.As(err, &failed) && failed.Code == enjo.RateLimited {
		return false
	}
	if err != nil {
		b.Error(err)
	}
	return true
}

// reportDrain reports the results of a drain.
func reportDrain(b *testing.B, makespan time.Duration, refused int) {
	b.Helper()
	b.ReportMetric(makespan.Seconds()/leastTime(scaled, drained).Seconds(), "makespan/least")
	b.ReportMetric(float64(refused), "429s")
	b.ReportMetric(load(), "load")
	b.ReportMetric(0, "ns/op") // it would be the makespan and the setup
}

// leastTime returns the least time that so many calls take: from the first to the last,
// each as soon as the limits allow.
func leastTime(limits []enjo.Limit, n int) time.Duration {
	var made []time.Duration
	var at time.Duration
	for i := range n {
		for _, limit := range limits {
			if i >= limit.Calls {
				at = max(at, made[i-limit.Calls]+limit.Per)
			}
		}
		made = append(made, at)
	}
	return at
}

// sandboxLimits converts limits to the local agent's type.
func sandboxLimits(limits []enjo.Limit) []enjosandbox.Limit {
	var same []enjosandbox.Limit
	for _, limit := range limits {
		same = append(same, enjosandbox.Limit(limit))
	}
	return same
}

// load returns the average number of processes that want a processor over the last
// minute, or 0 if the system does not report it.
func load() float64 {
	var average float64
	if posted, err := os.ReadFile("/proc/loadavg"); err == nil {
		_, _ = fmt.Sscan(string(posted), &average)
	}
	return average
}
