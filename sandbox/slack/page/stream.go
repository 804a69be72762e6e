package page

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"enjobridge/sandbox/slack"
)

const (
	maxStreams  = 32                    // at once; each takes up to a few hundred kilobytes
	gatherFor   = 15 * time.Millisecond // changes within this time are sent together
	beatEvery   = time.Second           // period for checking other state, and for noticing a closed browser
	quietBeats  = 15                    // beats after which something is sent, so that no proxy closes the connection
	sendWithin  = 10 * time.Second
	reconnectIn = 1000 // milliseconds
)

// stream keeps one browser up to date.
type stream struct {
	*viewer
	out     http.ResponseWriter
	control *http.ResponseController

	channel   slack.Channel     // the shown conversation; its ID is empty for the Home tab
	root      string            // the open thread; empty if there is none
	at        string            // the message around which the conversation is shown; empty means the end
	drawer    string            // inspector, faults or empty
	sent      map[string]string // the content of the drawer, by row
	seen      uint64            // the last recorded change
	confirmed uint64            // the last change that was sent to the browser
	dirty     dirty
}

// serveEvents sends changes until the browser leaves.
func (p *Page) serveEvents(v *viewer, rw http.ResponseWriter, r *http.Request) {
	if p.streams.Add(1) > maxStreams {
		p.streams.Add(-1)
		http.Error(rw, "Too many windows show this workspace.", http.StatusServiceUnavailable)
		return
	}
	defer p.streams.Add(-1)
	query := r.URL.Query()
	s := &stream{
		viewer: v, out: rw, control: http.NewResponseController(rw),
		root: query.Get("thread"), at: query.Get("at"), drawer: query.Get("drawer"), sent: make(map[string]string),
	}
	if id := query.Get("channel"); id != "" {
		var known bool
		if s.channel, known = v.channel(id); !known {
			http.Error(rw, "There is no such conversation for you.", http.StatusNotFound)
			return
		}
	}
	since := query.Get("since")
	if last := r.Header.Get("Last-Event-ID"); last != "" {
		since = last
	}
	rw.Header().Set("Content-Type", "text/event-stream")
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	// Subscribe before comparing, so that no change is lost in between.
	changes := p.slack.Watch(ctx)
	s.seen = p.slack.Seq()
	s.dirty.everything = since != p.state(s.seen)
	s.dirty.log = true
	if err := s.open(); err == nil {
		s.run(ctx, changes)
	}
}

// open starts the stream with the changes since the page was rendered.
func (s *stream) open() error {
	if _, err := fmt.Fprintf(s.out, "retry: %d\n\n", reconnectIn); err != nil {
		return err
	}
	return s.flush()
}

// run sends changes until there are no more, or until the browser has left.
func (s *stream) run(ctx context.Context, changes <-chan slack.Change) {
	beat := time.NewTicker(beatEvery)
	defer beat.Stop()
	var gathered <-chan time.Time
	quiet := 0
	for {
		select {
		case <-ctx.Done():
			return
		case c, more := <-changes:
			if !more {
				return
			}
			s.seen = c.Seq
			if s.note(c) && gathered == nil {
				gathered = time.After(gatherFor)
			}
			continue
		case <-gathered:
			gathered, quiet = nil, 0
		case <-beat.C:
			quiet++
			s.dirty.log = s.drawer != ""
		}
		if ctx.Err() != nil || s.flush() != nil {
			return // an unsent message is not read
		}
		if quiet == quietBeats || s.confirmed != s.seen {
			quiet = 0
			if s.confirm() != nil {
				return
			}
		}
	}
}

// flush sends the patches for everything that changed.
func (s *stream) flush() error {
	s.refresh()
	patches := s.patches()
	if len(patches) == 0 {
		return nil
	}
	s.confirmed = s.seen
	return s.send(fmt.Sprintf("id: %s\ndata: %s\n\n", s.state(s.seen), asJSON(patches)))
}

// confirm sends the browser the number of the last change, so that it needs no
// full update after a short absence.
func (s *stream) confirm() error {
	s.confirmed = s.seen
	return s.send(fmt.Sprintf("id: %s\ndata: []\n\n", s.state(s.seen)))
}

func (s *stream) send(event string) error {
	if err := s.control.SetWriteDeadline(time.Now().Add(sendWithin)); err != nil {
		return err
	}
	if _, err := s.out.Write([]byte(event)); err != nil {
		return err
	}
	return s.control.Flush()
}
