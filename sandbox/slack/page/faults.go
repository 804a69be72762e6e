package page

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"enjobridge/sandbox/slack"
)

// Panel is a group of additional faults.
type Panel struct {
	Name string
	// Help describes the group in one sentence.
	Help    string
	Buttons []Button
	// Journal returns the requests to the service, oldest first, for the
	// inspector. It may be nil.
	Journal func() []Entry
}

// Button injects a fault.
type Button struct {
	Label string
	// Help describes the fault; it may be empty.
	Help string
	// Press injects the fault, and returns a function that ends it; nil if it ends
	// by itself.
	Press func() (undo func(), err error)
}

// Entry is a request to a service.
type Entry struct {
	At      time.Time
	Took    time.Duration
	Name    string
	Hint    string
	Outcome string
	Bad     bool
	// Detail is shown as JSON.
	Detail any
}

// entryRow returns the inspector's row for an entry of the i-th panel.
func entryRow(i int, panel string, e Entry) row {
	r := row{
		Key: fmt.Sprintf("p%d-%d", i, e.At.UnixNano()), At: e.At, Kind: panel,
		Name: e.Name, Hint: e.Hint, Outcome: e.Outcome, Bad: e.Bad,
	}
	if e.Took > 0 {
		r.Took = brief(e.Took)
	}
	return r
}

const (
	maxInjected = 12 // faults that are shown
	maxAfter    = 12 // entries that are shown after a fault
)

// faultBoard has the faults that were injected on this page.
type faultBoard struct {
	mu       sync.Mutex
	next     int
	injected []*injected // newest first
}

// injected is a fault that was injected.
type injected struct {
	id    int
	label string
	at    time.Time
	fault *slack.Fault // counts its effects; may be nil
	undo  func()       // may be nil
	ended bool
}

// add shows a fault. At the limit, it ends the oldest one.
func (b *faultBoard) add(one *injected) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.next++
	one.id = b.next
	b.injected = append([]*injected{one}, b.injected...)
	for _, old := range b.injected[min(len(b.injected), maxInjected):] {
		old.end()
	}
	b.injected = b.injected[:min(len(b.injected), maxInjected)]
}

func (i *injected) end() {
	if i.undo != nil && !i.ended {
		i.undo()
	}
	i.ended = true
}

// remove ends the fault with this id, or all of them if it is 0.
func (b *faultBoard) remove(id int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, one := range b.injected {
		if one.id == id || id == 0 {
			one.end()
		}
	}
	if id == 0 {
		b.injected = nil
	}
}

// card is a fault as the panel shows it.
type card struct {
	ID      int
	Label   string
	Clock   string // in the viewer's time zone
	State   string
	Undo    bool // it can be ended
	After   []row
	Waiting bool // nothing has happened since
}

// cards returns the faults, newest first, each with what happened until the
// next.
func (v *viewer) cards() []card {
	rows, b := v.rows(inspected), &v.faults
	b.mu.Lock()
	defer b.mu.Unlock()
	var cards []card
	until := time.Now()
	for _, one := range b.injected {
		c := card{ID: one.id, Label: one.label, Clock: one.at.In(v.zone).Format("15:04:05"), Undo: one.undo != nil && !one.ended}
		c.State = one.state()
		for _, r := range rows {
			if !r.At.Before(one.at) && r.At.Before(until) && len(c.After) < maxAfter {
				c.After = append(c.After, r)
			}
		}
		c.Waiting = len(c.After) == 0
		cards = append(cards, c)
		until = one.at
	}
	return cards
}

func (i *injected) state() string {
	struck := ""
	if i.fault != nil {
		switch n := i.fault.Fired(); n {
		case 0:
			struck = "has not struck yet"
		case 1:
			struck = "struck once"
		default:
			struck = fmt.Sprintf("struck %d times", n)
		}
	}
	if i.ended {
		return "ended"
	}
	return struck
}

// board is the whole panel.
type board struct {
	Connections []offer
	Events      []offer
	Calls       []offer
	Types       []string
	Methods     []string
	Panels      []Panel
	Cards       []card
}

func (p *Page) serveFaults(v *viewer, rw http.ResponseWriter, _ *http.Request) {
	p.show(rw, "faults", board{
		Connections: offers("connection"), Events: offers("event"), Calls: offers("call"),
		Types: eventTypes, Methods: p.methods(), Panels: p.options.Panels, Cards: v.cards(),
	})
}

// methods returns the methods that the app has called, the most likely targets
// of faults.
func (p *Page) methods() []string {
	seen := []string{"chat.postMessage", "chat.update", "views.open", "response_url", "apps.connections.open"}
	for _, c := range p.slack.LastCalls(searchable) {
		if !slices.Contains(seen, c.Method) {
			seen = append(seen, c.Method)
		}
	}
	slices.Sort(seen)
	return seen
}

var errNoFault = errors.New("there is no such fault")

// serveFaultAction injects and ends faults.
func (p *Page) serveFaultAction(rw http.ResponseWriter, r *http.Request) {
	respond(rw, r, func(raw json.RawMessage) (string, error) {
		var args struct {
			Fault, Target, Times string
			Panel, Button, ID    int
		}
		if json.Unmarshal(raw, &args) != nil {
			return "", errMalformed
		}
		switch r.PathValue("action") {
		case "inject":
			return "", p.inject(args.Fault, args.Target, args.Times)
		case "press":
			return "", p.press(args.Panel, args.Button)
		case "remove":
			p.faults.remove(args.ID)
			return "", nil
		}
		return "", errNoFault
	})
}

// press presses a button of one of the panels.
func (p *Page) press(panel, button int) error {
	if panel < 0 || panel >= len(p.options.Panels) || button < 0 || button >= len(p.options.Panels[panel].Buttons) {
		return errNoFault
	}
	b := p.options.Panels[panel].Buttons[button]
	one := &injected{label: p.options.Panels[panel].Name + ": " + b.Label, at: time.Now()}
	undo, err := b.Press()
	if err != nil {
		return err
	}
	one.undo = undo
	p.faults.add(one)
	return nil
}
