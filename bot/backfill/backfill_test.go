package backfill

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/bot/supervise"
	"enjobridge/bot/telemetry"
	"enjobridge/storage"
)

// archive is a Slack that has history. Its calls fail as often as fails says.
type archive struct {
	mu     sync.Mutex
	fails  map[string]int // calls that get 503, by method and channel
	answer func(method string, r *http.Request) string
	users  string // answers users.info; by default everyone is a member
}

// RoundTrip answers a call as Slack does.
func (a *archive) RoundTrip(r *http.Request) (*http.Response, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	method := path.Base(r.URL.Path)
	if err := r.ParseForm(); err != nil {
		return nil, err
	}
	status, body := http.StatusOK, ""
	switch method {
	case "auth.test":
		body = `{"ok":true,"team_id":"T1","user_id":"UBOT"}`
	case "users.info":
		if body = a.users; body == "" {
			body = `{"ok":true,"user":{"id":"U1","team_id":"T1"}}`
		}
	default:
		body = a.answer(method, r)
	}
	if key := method + " " + r.Form.Get("channel"); a.fails[key] > 0 {
		a.fails[key]--
		status, body = http.StatusServiceUnavailable, ""
	}
	return &http.Response{StatusCode: status, Header: make(http.Header), Request: r, Body: io.NopCloser(bytes.NewBufferString(body))}, nil
}

// newBackfill returns a backfill over the archive, which reads every hour.
func newBackfill(a *archive, store storage.Store, reopened <-chan struct{}, missed Signal, found func(slackevent.Message)) *Backfill {
	return newFastBackfill(1, a, store, reopened, missed, found)
}

// newFastBackfill is newBackfill in a workspace that is faster than Slack.
func newFastBackfill(
	speed float64, a *archive, store storage.Store, reopened <-chan struct{}, missed Signal, found func(slackevent.Message),
) *Backfill {
	metrics := telemetry.NewRegistry()
	client := slackapi.New(slackapi.Config{
		URL: "https://slack.com/api/", Transport: a, Random: rand.Int64N,
		Metrics: metrics, Health: telemetry.NewHealth(1, time.Now), Log: zerolog.Nop(),
	})
	if _, err := client.AuthTest(context.Background()); err != nil {
		panic(err)
	}
	return New(Config{
		Slack: client, Store: store, Self: slackevent.Identity{TeamID: "T1", UserID: "UBOT"}, Identify: client.Membership, Every: time.Hour, Speed: speed, Random: rand.Int64N,
		Reopened: reopened, Missed: missed, Panics: supervise.New(metrics, zerolog.Nop()), Log: zerolog.Nop(),
	}, func(_ context.Context, m slackevent.Message) (func(context.Context) error, error) {
		found(m)
		return nil, nil
	})
}

// membership returns where the sender of a message belongs; empty for a member.
func membership(m slackevent.Message) string {
	if m.Membership == slackevent.Member {
		return ""
	}
	return string(m.Membership)
}

// readOnce runs a backfill over the archive until it has read all, after history was
// read until a while ago. It returns the texts that it found.
func readOnce(t *testing.T, a *archive, ago time.Duration) (found []string, took time.Duration) {
	t.Helper()
	store, err := storage.OpenBolt(filepath.Join(t.TempDir(), "bot.db"), storage.BoltOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	begin := time.Now()
	if err := store.SetWatermark(t.Context(), allConversations, begin.Add(-ago)); err != nil {
		t.Fatal(err)
	}
	opened := make(chan struct{}, 1)
	opened <- struct{}{}
	ctx, stop := context.WithCancel(t.Context())
	b := newFastBackfill(1e9, a, store, opened, nil, func(m slackevent.Message) { found = append(found, strings.TrimSpace(m.Text+" "+membership(m))) })
	b.backOff = func(int) time.Duration { return 10 * time.Second }
	ended := make(chan struct{})
	go func() { defer close(ended); b.Run(ctx) }()
	for {
		time.Sleep(time.Second) // in the test's own time
		synctest.Wait()
		read, err := store.Watermark(t.Context(), allConversations)
		if err != nil {
			t.Fatal(err)
		}
		if !read.Before(begin) && read.Before(time.Now()) || time.Since(begin) > 30*time.Minute {
			break
		}
	}
	took = time.Since(begin)
	stop()
	<-ended
	return found, took
}

// Ensure that a mention in a thread of people is found although the thread began
// before history was read last.
func TestBackfill_OldThreads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		old, reply := slackevent.FormatTS(time.Now().Add(-48*time.Hour)), slackevent.FormatTS(time.Now().Add(-time.Minute))
		found, _ := readOnce(t, &archive{answer: func(method string, r *http.Request) string {
			switch {
			case method == "users.conversations":
				return `{"ok":true,"channels":[{"id":"C1"}]}`
			case method == "conversations.history" && r.Form.Get("latest") != "":
				return `{"ok":true,"messages":[{"type":"message","user":"U1","text":"old","ts":"` + old + `","thread_ts":"` + old + `","reply_count":1,"latest_reply":"` + reply + `"}]}`
			case method == "conversations.replies" && r.Form.Get("ts") == old:
				return `{"ok":true,"messages":[{"type":"message","user":"U2","text":"what now?","ts":"` + reply + `","thread_ts":"` + old + `"}]}`
			}
			return `{"ok":true,"messages":[]}`
		}}, time.Hour)
		if diff := cmp.Diff([]string{"what now?"}, found); diff != "" {
			t.Error(diff)
		}
	})
}

// Ensure that history is read although it is known to have been read until long
// after now, which cannot be.
func TestBackfill_ReadAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ts := slackevent.FormatTS(time.Now().Add(-time.Hour))
		found, _ := readOnce(t, &archive{answer: func(method string, r *http.Request) string {
			switch {
			case method == "users.conversations":
				return `{"ok":true,"channels":[{"id":"D1","is_im":true}]}`
			case method == "conversations.history" && slackevent.CompareTS(r.Form.Get("oldest"), ts) < 0:
				return `{"ok":true,"messages":[{"type":"message","user":"U1","text":"How?","ts":"` + ts + `"}]}`
			}
			return `{"ok":true,"messages":[]}`
		}}, -10*time.Hour)
		if diff := cmp.Diff([]string{"How?"}, found); diff != "" {
			t.Error(diff)
		}
	})
}

// Ensure that a conversation whose history cannot be read holds up no other, and
// is read again soon.
func TestBackfill_Failures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ts := slackevent.FormatTS(time.Now().Add(-time.Minute))
		found, took := readOnce(t, &archive{
			fails: map[string]int{"users.conversations ": 1, "conversations.history C1": 2},
			answer: func(method string, r *http.Request) string {
				switch {
				case method == "users.conversations":
					return `{"ok":true,"channels":[{"id":"C1"},{"id":"C3"},{"id":"C2"}]}`
				case r.Form.Get("channel") == "C3":
					return `{"ok":false,"error":"missing_scope"}`
				case method == "conversations.history" && r.Form.Get("oldest") != "":
					return `{"ok":true,"messages":[{"type":"message","user":"U1","text":"in ` + r.Form.Get("channel") + `","ts":"` + ts + `"}]}`
				}
				return `{"ok":true,"messages":[]}`
			},
		}, time.Hour)
		if len(found) == 0 || found[0] != "in C2" || !slices.Contains(found, "in C1") {
			t.Errorf("%q was found", found)
		}
		if took > time.Minute {
			t.Errorf("it took %v", took)
		}
	})
}

// Ensure that many conversations whose history fails for long do not keep the
// others from being read.
func TestBackfill_ManyFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ts := slackevent.FormatTS(time.Now().Add(-time.Minute))
		fails, channels := make(map[string]int), ""
		for n := range 3 * maxFailuresInARow {
			id := fmt.Sprint("C", n)
			fails["conversations.history "+id] = 20
			channels += `{"id":"` + id + `"},`
		}
		found, took := readOnce(t, &archive{fails: fails, answer: func(method string, r *http.Request) string {
			switch {
			case method == "users.conversations":
				return `{"ok":true,"channels":[` + channels + `{"id":"CGOOD"}]}`
			case r.Form.Get("channel") == "CGOOD" && r.Form.Get("oldest") != "":
				return `{"ok":true,"messages":[{"type":"message","user":"U1","text":"How?","ts":"` + ts + `"}]}`
			}
			return `{"ok":true,"messages":[]}`
		}}, time.Hour)
		if !slices.Contains(found, "How?") {
			t.Errorf("%q was found after %v", found, took)
		}
	})
}

// memoryWatermarks is a store whose watermarks are in memory, because thousands on
// disk take long.
type memoryWatermarks struct {
	storage.Store
	until map[string]time.Time
}

func (m memoryWatermarks) Watermark(_ context.Context, conversation string) (time.Time, error) {
	return m.until[conversation], nil
}

func (m memoryWatermarks) SetWatermark(_ context.Context, conversation string, until time.Time) error {
	m.until[conversation] = until
	return nil
}

// bigWorkspace is a backfill over thousands of channels.
type bigWorkspace struct {
	t        *testing.T
	bolt     *storage.Bolt
	archive  archive
	channels []string        // in JSON; guarded by archive.mu
	read     map[string]bool // the conversations that were read; guarded by archive.mu
	reopened chan struct{}
	missed   Signal
}

// newBigWorkspace runs the backfill until the test ends.
func newBigWorkspace(t *testing.T) *bigWorkspace {
	t.Helper()
	bolt, err := storage.OpenBolt(filepath.Join(t.TempDir(), "bot.db"), storage.BoltOptions{})
	if err != nil {
		t.Fatal(err)
	}
	w := &bigWorkspace{t: t, bolt: bolt, read: make(map[string]bool), reopened: make(chan struct{}, 1), missed: NewSignal()}
	for n := range 2_000 {
		w.channels = append(w.channels, fmt.Sprintf(`{"id":"C%d"}`, n))
	}
	w.channels = append(w.channels, `{"id":"D1","is_im":true}`, `{"id":"D2","is_im":true}`)
	w.archive.answer = func(method string, r *http.Request) string {
		if method == "users.conversations" {
			return `{"ok":true,"channels":[` + strings.Join(w.channels, ",") + `]}`
		}
		w.read[r.Form.Get("channel")] = true
		return `{"ok":true,"messages":[]}`
	}
	store := memoryWatermarks{bolt, map[string]time.Time{allConversations: time.Now()}}
	b := newBackfill(&w.archive, store, w.reopened, w.missed, func(slackevent.Message) {})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); b.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		<-ended
		_ = bolt.Close()
	})
	return w
}

// ask makes a thread active.
func (w *bigWorkspace) ask(id storage.ThreadID) {
	w.t.Helper()
	q := storage.Question{ID: storage.MessageID{Channel: id.Channel, TS: id.Root}, Thread: id, AcceptedAt: time.Now()}
	if _, err := w.bolt.Accept(w.t.Context(), q, storage.Thread{ID: id, Agent: "default", LastActive: time.Now()}); err != nil {
		w.t.Fatal(err)
	}
}

// join makes the bot a member of another conversation.
func (w *bigWorkspace) join(channel string) {
	w.archive.mu.Lock()
	defer w.archive.mu.Unlock()
	w.channels = append(w.channels, channel)
}

// readIn returns the conversations that are read in the next time.
func (w *bigWorkspace) readIn(d time.Duration) []string {
	time.Sleep(d) // in the test's own time
	synctest.Wait()
	w.archive.mu.Lock()
	defer w.archive.mu.Unlock()
	all := slices.Sorted(maps.Keys(w.read))
	clear(w.read)
	return all
}

// Ensure that only active and new conversations are read periodically, so that a bot
// in thousands of channels keeps within Slack's rate limits, and that all are read
// after a gap: when the sockets were closed, or an event could not be stored.
func TestBackfill_ActiveConversations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newBigWorkspace(t)
		w.reopened <- struct{}{}
		if n := len(w.readIn(2 * time.Hour)); n != 2_002 { // 4,002 calls at 40 a minute
			t.Errorf("%d conversations were read after the start, want all", n)
		}
		w.ask(storage.ThreadID{Channel: "C7", Root: "1.1"})
		w.ask(storage.ThreadID{Channel: "D2", Root: "1.1"})
		w.join(`{"id":"CNEW"}`)
		if diff := cmp.Diff([]string{"C7", "CNEW", "D2"}, w.readIn(2*time.Hour)); diff != "" {
			t.Error("periodically:", diff)
		}
		if diff := cmp.Diff([]string{"C7", "D2"}, w.readIn(2*time.Hour)); diff != "" {
			t.Error("periodically:", diff)
		}
		w.missed.Send()
		if n := len(w.readIn(3 * time.Hour)); n != 2_003 {
			t.Errorf("%d conversations were read after an event was missed, want all", n)
		}
		w.reopened <- struct{}{}
		if n := len(w.readIn(2 * time.Hour)); n != 2_003 {
			t.Errorf("%d conversations were read after a gap, want all", n)
		}
		if diff := cmp.Diff([]string{"C7", "D2"}, w.readIn(30*time.Hour)); diff != "" {
			t.Error("periodically:", diff)
		}
		if all := w.readIn(2 * time.Hour); len(all) > 0 {
			t.Errorf("%v were read a day after the last activity", all)
		}
	})
}

// Ensure that a panic over the messages of one conversation does not keep others from
// being read.
func TestBackfill_Panic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ts := slackevent.FormatTS(time.Now().Add(-time.Minute))
		store, err := storage.OpenBolt(filepath.Join(t.TempDir(), "bot.db"), storage.BoltOptions{})
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		if err := store.SetWatermark(t.Context(), allConversations, time.Now().Add(-time.Hour)); err != nil {
			t.Fatal(err)
		}
		var found []string
		opened := make(chan struct{}, 1)
		opened <- struct{}{}
		b := newBackfill(&archive{answer: func(method string, r *http.Request) string {
			if method == "users.conversations" {
				return `{"ok":true,"channels":[{"id":"C1"},{"id":"C2"},{"id":"C3"}]}`
			}
			return `{"ok":true,"messages":[{"type":"message","user":"U1","text":"in ` + r.Form.Get("channel") + `","ts":"` + ts + `"}]}`
		}}, store, opened, nil, func(m slackevent.Message) {
			if m.ID.Channel == "C1" {
				panic("an odd message")
			}
			found = append(found, m.Text)
		})
		ctx, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		b.Run(ctx)
		slices.Sort(found)
		if diff := cmp.Diff([]string{"in C2", "in C3"}, found); diff != "" {
			t.Error(diff)
		}
	})
}

// Ensure that a conversation is read although Slack answers with an unknown error code
// for a while.
func TestBackfill_UnknownCode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ts := slackevent.FormatTS(time.Now().Add(-time.Minute))
		failures := 3
		found, _ := readOnce(t, &archive{answer: func(method string, _ *http.Request) string {
			switch {
			case method == "users.conversations":
				return `{"ok":true,"channels":[{"id":"D1","is_im":true}]}`
			case failures > 0:
				failures--
				return `{"ok":false,"error":"some_new_error"}`
			}
			return `{"ok":true,"messages":[{"type":"message","user":"U1","text":"How?","ts":"` + ts + `"}]}`
		}}, time.Hour)
		if diff := cmp.Diff([]string{"How?"}, found); diff != "" {
			t.Error(diff)
		}
	})
}

// Ensure that the sender of a message is looked up if history does not say where the person
// belongs, and that history does not count as read while Slack does not answer.
func TestBackfill_Senders(t *testing.T) {
	for name, test := range map[string]struct {
		answer string
		fails  int
		want   string
	}{
		"a member":             {`{"ok":true,"user":{"id":"U1","team_id":"T1"}}`, 0, "<@UBOT> How?"},
		"an outsider":          {`{"ok":true,"user":{"id":"U1","is_stranger":true}}`, 0, "<@UBOT> How? outsider"},
		"an error":             {`{"ok":false,"error":"user_not_found"}`, 0, "<@UBOT> How? unverified"},
		"late, after a minute": {`{"ok":true,"user":{"id":"U1","team_id":"T1"}}`, 12, "<@UBOT> How?"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ts := slackevent.FormatTS(time.Now().Add(-time.Minute))
				found, took := readOnce(t, &archive{users: test.answer, fails: map[string]int{"users.info ": test.fails}, answer: func(method string, r *http.Request) string {
					switch {
					case method == "users.conversations":
						return `{"ok":true,"channels":[{"id":"C1","is_ext_shared":true}]}`
					case method == "conversations.history" && r.Form.Get("oldest") != "":
						return `{"ok":true,"messages":[{"type":"message","user":"U1","text":"<@UBOT> How?","ts":"` + ts + `"}]}`
					}
					return `{"ok":true,"messages":[]}`
				}}, time.Hour)
				if diff := cmp.Diff([]string{test.want}, found); diff != "" || (took > identifyTimeout) != (test.fails > 0) {
					t.Errorf("after %v: %s", took, diff)
				}
			})
		})
	}
}
