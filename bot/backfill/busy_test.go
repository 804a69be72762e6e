package backfill

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// post is a message in a [library].
type post struct {
	TS          string `json:"ts"`
	ThreadTS    string `json:"thread_ts,omitempty"`
	User        string `json:"user"`
	Text        string `json:"text"`
	ReplyCount  int    `json:"reply_count,omitempty"`
	LatestReply string `json:"latest_reply,omitempty"`
}

// library is a history that is paged as Slack does it: at the top the newest messages
// first, in a thread the root and then the oldest replies.
type library struct {
	tops    map[string][]post // by channel, oldest first
	replies map[string][]post // by root, oldest first
	calls   []string          // method, channel and cursor
}

// answer answers a call.
func (l *library) answer(method string, r *http.Request) string {
	channel, cursor := r.Form.Get("channel"), r.Form.Get("cursor")
	l.calls = append(l.calls, strings.Join([]string{method, channel, cursor}, " "))
	var all []post
	switch method {
	case "users.conversations":
		var channels []string
		for id := range l.tops {
			channels = append(channels, `{"id":"`+id+`"}`)
		}
		slices.Sort(channels)
		return `{"ok":true,"channels":[` + strings.Join(channels, ",") + `]}`
	case "conversations.history":
		all = slices.Clone(l.tops[channel])
		slices.Reverse(all)
	case "conversations.replies":
		all = l.replies[r.Form.Get("ts")]
	}
	all = slices.DeleteFunc(slices.Clone(all), func(p post) bool {
		oldest, latest := r.Form.Get("oldest"), r.Form.Get("latest")
		return (oldest != "" && slackevent.CompareTS(p.TS, oldest) <= 0) || (latest != "" && slackevent.CompareTS(p.TS, latest) >= 0)
	})
	at, _ := strconv.Atoi(cursor)
	limit, _ := strconv.Atoi(r.Form.Get("limit"))
	page, next := all[at:min(at+limit, len(all))], ""
	if at+limit < len(all) {
		next = strconv.Itoa(at + limit)
	}
	body, _ := json.Marshal(map[string]any{"ok": true, "messages": page, "response_metadata": map[string]string{"next_cursor": next}})
	return string(body)
}

// newLibrary is a workspace in which, within the last hour, C1 got so many messages at
// its top, and the last one so many replies. C2 got one.
func newLibrary(messages, replies int) *library {
	l := &library{tops: make(map[string][]post), replies: make(map[string][]post)}
	at := time.Now().Add(-time.Hour)
	say := func(text string) post {
		at = at.Add(200 * time.Millisecond)
		return post{TS: slackevent.FormatTS(at), User: "U1", Text: text}
	}
	for n := range messages {
		l.tops["C1"] = append(l.tops["C1"], say(fmt.Sprint("message ", n)))
	}
	root := &l.tops["C1"][messages-1]
	for n := range replies {
		one := say(fmt.Sprint("reply ", n))
		one.ThreadTS = root.TS
		l.replies[root.TS] = append(l.replies[root.TS], one)
		root.ReplyCount, root.LatestReply = n+1, one.TS
	}
	l.tops["C2"] = []post{say("elsewhere")}
	return l
}

// texts returns the texts of all messages that were missed.
func (l *library) texts() (all []string) {
	for _, posts := range []map[string][]post{l.tops, l.replies} {
		for _, one := range posts {
			for _, p := range one {
				all = append(all, p.Text)
			}
		}
	}
	slices.Sort(all)
	return all
}

// reader is a backfill that finds what a library has.
type reader struct {
	*Backfill
	store    storage.Store
	found    []string
	reopened chan struct{}
}

// newReader returns a reader over a store that has read everything until two hours ago.
func newReader(t *testing.T, a *archive, store storage.Store, log zerolog.Logger) *reader {
	t.Helper()
	r := &reader{store: store, reopened: make(chan struct{}, 1)}
	r.Backfill = newBackfill(a, store, r.reopened, NewSignal(), func(m slackevent.Message) { r.found = append(r.found, m.Text) })
	r.log = log
	r.backOff = func(int) time.Duration { return 10 * time.Second }
	return r
}

// newStore opens a store that has read everything until two hours ago.
func newStore(t *testing.T) storage.Store {
	t.Helper()
	bolt, err := storage.OpenBolt(filepath.Join(t.TempDir(), "bot.db"), storage.BoltOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = bolt.Close() })
	store := memoryWatermarks{bolt, map[string]time.Time{allConversations: time.Now().Add(-2 * time.Hour)}}
	return store
}

// runFor runs the reader for a time, which begins with a gap.
func (r *reader) runFor(t *testing.T, d time.Duration) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), d)
	defer stop()
	r.reopened <- struct{}{}
	r.Run(ctx)
}

// expect checks that texts were found, each of them once.
func (r *reader) expect(t *testing.T, want []string) {
	t.Helper()
	got := slices.Sorted(slices.Values(r.found))
	if !slices.Equal(got, want) {
		distinct := slices.Compact(slices.Clone(got))
		t.Errorf("%d messages were found, %d of them distinct, want %d", len(got), len(distinct), len(want))
	}
}

// Ensure that thousands of missed messages in a channel, and thousands of replies in a
// thread, are found, each of them once, and that other channels do not wait for all of them.
func TestBackfill_BusyChannel(t *testing.T) {
	for name, l := range map[string]func() *library{
		"messages": func() *library { return newLibrary(2_500, 3) },
		"replies":  func() *library { return newLibrary(3, 2_500) },
		"both":     func() *library { return newLibrary(4_200, 4_200) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				library := l()
				r := newReader(t, &archive{answer: library.answer}, newStore(t), zerolog.Nop())
				r.runFor(t, 30*time.Minute)
				r.expect(t, library.texts())
				if at := slices.Index(r.found, "elsewhere"); at > maxTurn {
					t.Errorf("the other channel was read after %d messages", at)
				}
				if read, err := r.store.Watermark(t.Context(), "C1"); err != nil || time.Since(read) > 31*time.Minute {
					t.Errorf("C1 is read until %v (%v)", read, err)
				}
			})
		})
	}
}

// Ensure that nothing is skipped if the process dies while it reads a busy channel: the
// watermark advances only when all of it is handled.
func TestBackfill_BusyChannelAndACrash(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		library, store := newLibrary(2_500, 2_500), newStore(t)
		for _, after := range []time.Duration{5 * time.Second, 20 * time.Second, 35 * time.Second} {
			r := newReader(t, &archive{answer: library.answer}, store, zerolog.Nop())
			r.runFor(t, after)
			if n := len(r.found); n == 0 || n >= 5_001 {
				t.Fatalf("%d messages were found within %v, want some", n, after)
			}
		}
		r := newReader(t, &archive{answer: library.answer}, store, zerolog.Nop())
		r.runFor(t, 30*time.Minute)
		r.found = append(r.found, "elsewhere") // an earlier process has read C2
		r.found = slices.Compact(slices.Sorted(slices.Values(r.found)))
		r.expect(t, library.texts())
	})
}

// Ensure that the reading of a busy channel goes on where it failed, and that messages
// that come meanwhile are found, too.
func TestBackfill_BusyChannelAndFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		library := newLibrary(2_500, 2_500)
		a := &archive{fails: make(map[string]int)}
		reads := 0
		a.answer = func(method string, r *http.Request) string {
			if r.Form.Get("channel") == "C1" {
				if reads++; reads%9 == 0 {
					a.fails[method+" C1"] = 1
				}
			}
			return library.answer(method, r)
		}
		r := newReader(t, a, newStore(t), zerolog.Nop())
		r.runFor(t, time.Minute)
		late := post{TS: slackevent.FormatTS(time.Now()), User: "U1", Text: "late"}
		library.tops["C1"] = append(library.tops["C1"], late)
		r.runFor(t, 30*time.Minute)
		r.expect(t, library.texts())
	})
}

// Ensure that odd channels in the list, and channels that cannot be read, do not keep the
// others from being read, and that an error that lasts is logged once.
func TestBackfill_OddConversations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		library := newLibrary(3, 0)
		a := &archive{answer: func(method string, r *http.Request) string {
			switch {
			case method == "users.conversations":
				return `{"ok":true,"channels":[7,null,[],{"id":9},{"name":"nameless"},{"id":"C1","is_im":"no","name":{},"is_ext_shared":3},` +
					`{"id":"CGONE"},{"id":"C2","topic":[]}]}`
			case r.Form.Get("channel") == "CGONE":
				return `{"ok":false,"error":"channel_not_found"}`
			}
			return library.answer(method, r)
		}}
		var log strings.Builder
		r := newReader(t, a, newStore(t), zerolog.New(&log))
		for range 3 {
			r.runFor(t, 10*time.Minute)
		}
		r.found = slices.Compact(slices.Sorted(slices.Values(r.found)))
		r.expect(t, library.texts())
		if n := strings.Count(log.String(), "reading a conversation failed"); n != 1 {
			t.Errorf("the failure is logged %d times", n)
		}
	})
}

// Ensure that a channel that the bot may not read for a while is read from where it was read
// last, although the others are read until later.
func TestBackfill_ChannelThatCannotBeReadForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		library, forbidden := newLibrary(3, 0), true
		a := &archive{answer: func(method string, r *http.Request) string {
			if method == "conversations.history" && forbidden {
				return `{"ok":false,"error":"missing_scope"}`
			}
			return library.answer(method, r)
		}}
		store := newStore(t)
		newReader(t, a, store, zerolog.Nop()).runFor(t, 10*time.Minute)
		forbidden = false
		r := newReader(t, a, store, zerolog.Nop())
		r.runFor(t, 10*time.Minute)
		r.expect(t, library.texts())
	})
}

// brokenWatermark is a store that cannot read the watermark of C1.
type brokenWatermark struct{ storage.Store }

func (s brokenWatermark) Watermark(ctx context.Context, conversation string) (time.Time, error) {
	if conversation == "C1" {
		return time.Time{}, storage.ErrNotFound
	}
	return s.Store.Watermark(ctx, conversation)
}

// Ensure that a watermark that cannot be read keeps no conversation from being read.
func TestBackfill_BrokenWatermark(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		library := newLibrary(3, 0)
		r := newReader(t, &archive{answer: library.answer}, brokenWatermark{newStore(t)}, zerolog.Nop())
		r.runFor(t, 10*time.Minute)
		r.expect(t, library.texts())
	})
}
