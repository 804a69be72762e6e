package slack_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"

	"enjobridge/sandbox/slack"
)

// Ensure that a watcher sees every change in order, and that its channel ends
// with its context.
func TestWatch(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		ctx, cancel := context.WithCancel(f.ctx)
		changes := f.Watch(ctx)
		ts := f.post("hello")
		if err := f.React(f.general, f.ada, ts, "eyes"); err != nil {
			t.Fatal(err)
		}
		if err := f.Delete(f.general, ts); err != nil {
			t.Fatal(err)
		}
		var last uint64
		for _, want := range []slack.ChangeKind{slack.MessagePosted, slack.MessageChanged, slack.MessageDeleted} {
			for {
				c := <-changes
				if last != 0 && c.Seq != last+1 {
					t.Errorf("change %d follows %d", c.Seq, last)
				}
				if last = c.Seq; c.Kind == slack.EnvelopeChanged {
					continue
				}
				if c.Kind != want || c.Message.TS != ts {
					t.Errorf("change is %s, want %s", pretty(c), want)
				}
				break
			}
		}
		cancel()
		for range changes { // until it is closed
		}
		if _, more := <-f.Watch(ctx); more {
			t.Error("a watch with an ended context continues")
		}
	})
}

// Ensure that a watcher that never reads blocks nobody, and is informed that it
// missed changes.
func TestSlowWatcher(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		changes := f.Watch(f.ctx)
		for n := range 2000 {
			f.post(fmt.Sprint(n))
		}
		first := <-changes
		if first.Kind != slack.Missed {
			t.Errorf("the first change is %s", pretty(first))
		}
		if next := <-changes; next.Seq != first.Seq+1 {
			t.Errorf("then comes %d after %d", next.Seq, first.Seq)
		}
	})
}

func TestAwait(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		ctx, cancel := context.WithCancelCause(f.ctx)
		cause := errors.New("enough")
		cancel(cause)
		if err := f.Await(ctx, func(slack.View) bool { return false }); !errors.Is(err, cause) {
			t.Errorf("error is %v", err)
		}
		if err := f.Await(ctx, func(slack.View) bool { return true }); err != nil {
			t.Errorf("a condition that is already true: %v", err)
		}
		asked := make(chan struct{}, 100)
		ended := make(chan error)
		go func() {
			ended <- f.Await(f.ctx, func(slack.View) bool { asked <- struct{}{}; return false })
		}()
		<-asked
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		if err := <-ended; !errors.Is(err, slack.ErrClosed) {
			t.Errorf("error is %v", err)
		}
		if _, more := <-f.Watch(f.ctx); more {
			t.Error("a closed workspace can be watched")
		}
	})
}

// Ensure that the workspace serves a page next to the API, and that both end
// with it.
func TestPage(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t, func(c *slack.Config) {
			c.Page = func(w *slack.Workspace) http.Handler {
				return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
					fmt.Fprintf(rw, "%s at %s", w.TeamName(), r.URL.Path)
				})
			}
		})
		if got := f.get("/any/path"); got != "Acme at /any/path" {
			t.Errorf("page is %q", got)
		}
		if a := f.call("auth.test"); !a.OK {
			t.Error(a.Error)
		}
		bare := open(t)
		if got := bare.get("/"); got != "A Slack workspace. The Web API is at "+bare.APIURL()+"\n" {
			t.Errorf("without a page: %q", got)
		}
	})
}

func (f *fixture) get(path string) string {
	f.t.Helper()
	response, err := f.client.Get(f.URL() + path)
	if err != nil {
		f.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		f.t.Fatal(err)
	}
	return string(body)
}

func TestConfig(t *testing.T) {
	for name, config := range map[string]slack.Config{
		"speed":   {Speed: -1},
		"history": {History: -1},
		"address": {Addr: "nowhere:-1"},
		"no YAML": {Manifest: []byte("\t")},
		"no name": {Manifest: []byte("{}")},
		"command": {Manifest: []byte("{display_information: {name: x}, features: {slash_commands: [{command: no slash}]}}")},
		"views":   {Manifest: []byte("{display_information: {name: x}, features: {agent_view: {agent_description: x}, assistant_view: {assistant_description: x}}}")},
		"long":    {Manifest: []byte("{display_information: {name: x, long_description: short}}")},
	} {
		if w, err := slack.Open(config); err == nil {
			t.Errorf("%s: opened", name)
			_ = w.Close()
		}
	}
}

// everywhere is a listener that seems to listen at all addresses of the machine.
type everywhere struct{ net.Listener }

// Addr returns an unspecified address with the port of the listener.
func (l everywhere) Addr() net.Addr {
	return &net.TCPAddr{IP: net.IPv6unspecified, Port: l.Listener.Addr().(*net.TCPAddr).Port}
}

// Ensure that a workspace that listens everywhere has an address that can be opened.
func TestURL_Unspecified(t *testing.T) {
	at, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w, err := slack.Open(slack.Config{Listener: everywhere{at}})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if want := "http://" + at.Addr().String(); w.URL() != want {
		t.Errorf("the address is %s, want %s", w.URL(), want)
	}
}
