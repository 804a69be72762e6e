package page_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"enjobridge/internal/browser"
	"enjobridge/sandbox/slack"
	"enjobridge/sandbox/slack/page"
)

// patch is what the page sends for one element.
type patch struct{ ID, In, HTML, Title, Say string }

// stream is a browser that follows a page.
type stream struct {
	t     testing.TB
	lines *bufio.Scanner
	stop  func()
	last  string  // the ID of the last event
	left  []patch // patches of the last event that were not awaited yet
}

// follow opens the stream of events at the query.
func (s *scene) follow(user, query string) *stream {
	s.t.Helper()
	ctx, cancel := browser.Context(s.t)
	r, err := http.NewRequestWithContext(ctx, "GET", s.URL()+"/u/"+user+"/events?"+query, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	response, err := client.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	stop := func() { cancel(); response.Body.Close() }
	s.t.Cleanup(stop)
	if response.StatusCode != 200 || response.Header.Get("Content-Type") != "text/event-stream" {
		s.t.Fatalf("the stream is %s of %s", response.Status, response.Header.Get("Content-Type"))
	}
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, 10<<20)
	return &stream{t: s.t, lines: lines, stop: stop}
}

// since returns the state that the page at the path was rendered from.
func (s *scene) since(path string) string {
	s.t.Helper()
	_, body := s.request("GET", path, "")
	_, rest, _ := strings.Cut(body, `data-since="`)
	since, _, found := strings.Cut(rest, `"`)
	if !found {
		s.t.Fatal("the page does not say its state")
	}
	return since
}

// await returns the first matching patch, with all patches before it.
func (f *stream) await(what string, want func(patch) bool) (found patch, before []patch) {
	f.t.Helper()
	for {
		for i, p := range f.left {
			if want(p) {
				before = append(before, f.left[:i]...)
				f.left = f.left[i+1:]
				return p, before
			}
		}
		before = append(before, f.left...)
		if !f.read() {
			f.t.Fatalf("the stream ended without %s: %v; it had %d patches", what, f.lines.Err(), len(before))
		}
	}
}

// read reads the next event.
func (f *stream) read() bool {
	f.t.Helper()
	for f.lines.Scan() {
		if id, is := strings.CutPrefix(f.lines.Text(), "id: "); is {
			f.last = id
		}
		if data, is := strings.CutPrefix(f.lines.Text(), "data: "); is {
			if err := json.Unmarshal([]byte(data), &f.left); err != nil {
				f.t.Fatal(err)
			}
			return true
		}
	}
	return false
}

func shows(id, text string) func(patch) bool {
	return func(p patch) bool { return p.ID == id && strings.Contains(p.HTML, text) }
}

// Ensure that a stream that starts at its page's state repeats nothing, and
// that any other one sends everything.
func TestStreamBegins(t *testing.T) {
	s := open(t, page.Options{})
	s.post(s.support, s.bob, "Old words")
	s.request("GET", "/u/UALICE/c/CSUPPORT", "") // opens the conversation with the app
	since := s.since("/u/UALICE/c/CSUPPORT")

	fresh := s.follow("UALICE", "channel=CSUPPORT&since="+since)
	s.post(s.support, s.bob, "New words")
	_, before := fresh.await("the new message", func(p patch) bool { return strings.Contains(p.HTML, "New words") })
	for _, p := range before {
		if strings.Contains(p.HTML, "Old words") {
			t.Errorf("%s was sent again", p.ID)
		}
	}
	stale := s.follow("UALICE", "channel=CSUPPORT&since="+since)
	list, _ := stale.await("the messages", shows("messages", "New words"))
	if !strings.Contains(list.HTML, "Old words") {
		t.Error("the messages lack an old one")
	}
}

// Ensure that each change reaches those who look at it, and only them.
func TestStream(t *testing.T) {
	s := open(t, page.Options{})
	root := s.post(s.support, s.bob, "A question")
	next := s.post(s.support, s.bob, "And another")
	f := s.follow("UALICE", "channel=CSUPPORT&thread="+root)

	reply := s.post(s.support, s.bob, "A reply", slack.InThread(root))
	said, _ := f.await("the announcement", func(p patch) bool { return strings.HasPrefix(p.Say, "Bob Berg: A reply") })
	if strings.Contains(said.Say, "<") {
		t.Errorf("%q is read out", said.Say)
	}
	if err := s.Delete(s.support, reply); err != nil {
		t.Fatal(err)
	}
	f.await("the reply's end", func(p patch) bool { return p.ID == "t"+reply && p.HTML == "" })

	s.mustCall("assistant.threads.setStatus", map[string]string{"channel_id": s.support, "thread_ts": root, "status": "is thinking…"})
	f.await("the status", shows("working", "Helpdesk is thinking…"))
	s.mustCall("assistant.threads.setTitle", map[string]string{"channel_id": s.support, "thread_ts": root, "title": "VPN trouble"})
	f.await("the title", shows("thread-head", "VPN trouble"))

	s.mustCall("chat.postEphemeral", map[string]string{"channel": s.support, "user": s.bob, "text": "for Bob alone"})
	s.mustCall("chat.postEphemeral", map[string]string{"channel": s.support, "user": s.alice, "text": "for Alice alone"})
	_, before := f.await("the ephemeral message", func(p patch) bool { return strings.Contains(p.HTML, "for Alice alone") })
	for _, p := range before {
		if strings.Contains(p.HTML+p.Say, "for Bob alone") {
			t.Errorf("Alice was sent a message that only Bob may see: %+v", p)
		}
	}

	// Without the first one, the next has to show its author.
	if m := "m" + next; strings.Contains(s.element(m), "Bob Berg</b>") {
		t.Error("the second message names its author again")
	}
	if err := s.Delete(s.support, root); err != nil {
		t.Fatal(err)
	}
	f.await("the next message", shows("m"+next, "Bob Berg</b>"))

	s.post(s.globex, s.carol, "Hi "+slack.Mention(s.alice))
	f.await("the badge", shows("sidebar", `1 new for you`))
	f.await("the window's title", func(p patch) bool { return p.Title == "(1) #support – Acme" })
}

// element returns the page's HTML starting at the element with the id.
func (s *scene) element(id string) string {
	s.t.Helper()
	_, body := s.request("GET", "/u/UALICE/c/CSUPPORT", "")
	_, rest, found := strings.Cut(body, `id="`+id+`"`)
	if !found {
		s.t.Fatalf("the page has no %s", id)
	}
	one, _, _ := strings.Cut(rest, "</li>")
	return one
}

// Ensure that a browser that was away receives all changes since the last one
// that it knows.
func TestStreamResumes(t *testing.T) {
	s := open(t, page.Options{})
	f := s.follow("UALICE", "channel=CSUPPORT&since=none")
	s.post(s.support, s.bob, "One")
	f.await("the first message", func(p patch) bool { return strings.Contains(p.HTML, "One") })
	f.stop()
	s.post(s.support, s.bob, "Two")
	again := s.follow("UALICE", "channel=CSUPPORT&since="+f.last)
	again.await("what it missed", shows("messages", "Two"))
}

// Ensure that the number of streams is limited, and that closing one makes
// room.
func TestStreamLimit(t *testing.T) {
	s := open(t, page.Options{})
	var all []*stream
	for range 32 {
		all = append(all, s.follow("UALICE", "channel=CSUPPORT"))
	}
	if response, _ := s.request("GET", "/u/UALICE/events?channel=CSUPPORT", ""); response.StatusCode != 503 {
		t.Errorf("the 33rd stream got %d", response.StatusCode)
	}
	all[0].stop()
	for {
		ctx, cancel := context.WithCancel(t.Context())
		r, _ := http.NewRequestWithContext(ctx, "GET", s.URL()+"/u/UALICE/events?channel=CSUPPORT", nil)
		response, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		cancel()
		if response.StatusCode == 200 {
			return
		}
	}
}

// Ensure that the drawer shows calls and envelopes, and their outcomes.
func TestStreamInspector(t *testing.T) {
	s := open(t, page.Options{})
	f := s.follow("UALICE", "channel=CSUPPORT&drawer=inspector")
	s.post(s.support, s.bob, "Hello "+slack.Mention(s.alice))
	row, _ := f.await("the delivery", func(p patch) bool { return p.In == "log" && strings.Contains(p.HTML, "no socket") })
	if !strings.Contains(row.HTML, "#support Hello @alice") {
		t.Errorf("the row does not show its subject: %s", row.HTML)
	}
	s.call("chat.postMessage", map[string]string{"channel": s.support})
	f.await("the refusal", func(p patch) bool { return p.In == "log" && strings.Contains(p.HTML, "no_text") })
}
