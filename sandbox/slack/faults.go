package slack

import (
	"fmt"
	"path"
	"slices"
	"time"
)

// Faults are what goes wrong with the workspace. Get it from [Workspace.Faults].
type Faults struct {
	w      *Workspace
	calls  []*Fault
	events []*Fault
}

// Faults returns the workspace's faults, which begin empty.
func (w *Workspace) Faults() *Faults { return &w.faults }

// Calls says which calls of the Web API a fault strikes.
type Calls struct {
	// Method is a method or a pattern in the syntax of [path.Match], such as chat.*; empty means any.
	Method string
	// Channel is the channel argument; empty means any.
	Channel string
	// If is asked about what else has to be so. It must not use the workspace. Nil means nothing.
	If func(Call) bool
	// Skip is how many matching calls pass first.
	Skip int
	// Times is how many calls are struck; 0 means every one until [Fault.Remove].
	Times int
}

// Events says which deliveries a fault strikes.
type Events struct {
	// Type is the type of the inner event or interaction, such as app_mention or block_actions; empty means any.
	Type string
	// If is asked about what else has to be so: it gets the first attempt's
	// envelope before it has an ID. It must not use the workspace. Nil means nothing.
	If func(Envelope) bool
	// Skip and Times are those of [Calls].
	Skip, Times int
}

// Fault is a fault in force.
type Fault struct {
	faults *Faults
	name   string
	call   Calls
	event  Events
	fx     callEffect
	delay  deliveryEffect
	seen   int
	fired  int
}

// CallEffect is what happens to a call. Make one with [RateLimit], [Status],
// [Fail], [Hang], [LoseResponse] or [Delay].
type CallEffect struct {
	name string
	fx   callEffect
}

// callEffect is the same for the server; its zero value is no fault.
type callEffect struct {
	status     int
	limited    bool
	retryAfter time.Duration
	code       Error
	hang, lost bool
	delay      time.Duration
}

// RateLimit answers 429 with Retry-After, rounded up to whole seconds. The call is not processed.
func RateLimit(retryAfter time.Duration) CallEffect {
	return CallEffect{"rate limit", callEffect{limited: true, retryAfter: retryAfter}}
}

// Status answers with an HTTP status and no JSON, such as 503. The call is not processed.
func Status(code int) CallEffect {
	return CallEffect{fmt.Sprint("status ", code), callEffect{status: code}}
}

// Fail answers with an error code of Slack's. The call is not processed.
func Fail(code Error) CallEffect { return CallEffect{"fail " + string(code), callEffect{code: code}} }

// Hang never answers: the connection stays open until the client gives up. The call is not processed.
func Hang() CallEffect { return CallEffect{"hang", callEffect{hang: true}} }

// LoseResponse processes the call and cuts the connection in place of an answer.
func LoseResponse() CallEffect { return CallEffect{"lose response", callEffect{lost: true}} }

// Delay processes the call after d, in real time.
func Delay(d time.Duration) CallEffect {
	return CallEffect{"delay " + d.String(), callEffect{delay: d}}
}

// DeliveryEffect is what happens to a delivery. Make one with [Lose], [Late],
// [Twice], [AsRetry] or [Overtaken].
type DeliveryEffect struct {
	name string
	fx   deliveryEffect
}

type deliveryEffect struct {
	lose, twice, asRetry, hold bool
	wait                       time.Duration
}

// Lose never delivers: only the channel's history knows of it.
func Lose() DeliveryEffect { return DeliveryEffect{"lose", deliveryEffect{lose: true}} }

// Late delivers after d, in real time.
func Late(d time.Duration) DeliveryEffect {
	return DeliveryEffect{"late " + d.String(), deliveryEffect{wait: d}}
}

// Twice delivers two copies with one event_id.
func Twice() DeliveryEffect { return DeliveryEffect{"twice", deliveryEffect{twice: true}} }

// AsRetry delivers first what looks like the first retry, as after a gap.
func AsRetry() DeliveryEffect { return DeliveryEffect{"as retry", deliveryEffect{asRetry: true}} }

// Overtaken delivers after the next event, or after d, in real time, if none comes.
func Overtaken(d time.Duration) DeliveryEffect {
	return DeliveryEffect{"overtaken", deliveryEffect{hold: true, wait: d}}
}

// OnCall strikes calls of the Web API. Of several faults that match, the oldest strikes.
func (f *Faults) OnCall(match Calls, effect CallEffect) *Fault {
	f.w.mu.Lock()
	defer f.w.mu.Unlock()
	fault := &Fault{faults: f, name: effect.name, call: match, fx: effect.fx}
	f.calls = append(f.calls, fault)
	return fault
}

// OnEvent strikes deliveries. Of several faults that match, the oldest strikes.
func (f *Faults) OnEvent(match Events, effect DeliveryEffect) *Fault {
	f.w.mu.Lock()
	defer f.w.mu.Unlock()
	fault := &Fault{faults: f, name: effect.name, event: match, delay: effect.fx}
	f.events = append(f.events, fault)
	return fault
}

// Fired returns how often the fault struck.
func (f *Fault) Fired() int {
	f.faults.w.mu.Lock()
	defer f.faults.w.mu.Unlock()
	return f.fired
}

// Remove ends the fault.
func (f *Fault) Remove() {
	f.faults.w.mu.Lock()
	defer f.faults.w.mu.Unlock()
	same := func(other *Fault) bool { return other == f }
	f.faults.calls = slices.DeleteFunc(f.faults.calls, same)
	f.faults.events = slices.DeleteFunc(f.faults.events, same)
}

// Clear ends all faults of calls and deliveries.
func (f *Faults) Clear() {
	f.w.mu.Lock()
	defer f.w.mu.Unlock()
	f.calls, f.events = nil, nil
}

// strike counts a match and says whether the fault strikes it. mu must be held.
func (f *Fault) strike(skip, times int) bool {
	f.seen++
	if f.seen <= skip || times > 0 && f.fired >= times {
		return false
	}
	f.fired++
	f.faults.w.changed(Change{Kind: FaultStruck, Text: f.name})
	return true
}

// onCall returns the effect on the call, and notes the fault's name in it.
func (f *Faults) onCall(call *Call) callEffect {
	f.w.mu.Lock()
	defer f.w.mu.Unlock()
	for _, fault := range f.calls {
		m := fault.call
		matched, err := path.Match(m.Method, call.Method)
		switch {
		case m.Method != "" && (err != nil || !matched):
		case m.Channel != "" && m.Channel != call.Args["channel"] && m.Channel != call.Args["channel_id"]:
		case m.If != nil && !m.If(*call):
		case fault.strike(m.Skip, m.Times):
			call.Fault = fault.name
			return fault.fx
		}
	}
	return callEffect{}
}

// onEvent returns the effect on the delivery. mu must be held.
func (f *Faults) onEvent(e *envelope) (deliveryEffect, bool) {
	for _, fault := range f.events {
		m := fault.event
		switch {
		case m.Type != "" && m.Type != e.inner:
		case m.If != nil && !m.If(Envelope{Type: e.kind, Inner: e.inner, EventID: e.eventID, Payload: e.payload}):
		case fault.strike(m.Skip, m.Times):
			return fault.delay, true
		}
	}
	return deliveryEffect{}, false
}

// CutSockets breaks every connection without a word, and returns how many there were.
func (f *Faults) CutSockets() int {
	f.w.mu.Lock()
	defer f.w.mu.Unlock()
	cut := 0
	for _, s := range f.w.sockets.open {
		if s.conn != nil {
			_ = s.conn.NetConn().Close() // no close frame: the cable is cut
			cut++
		}
	}
	return cut
}

// Rotate does with every connection what Slack does once every few hours: a
// disconnect with the reason "warning", and 10 seconds later the end.
func (f *Faults) Rotate() { f.Disconnect("warning") }

// Disconnect sends every client a disconnect with the reason, and closes the
// connections: after 10 seconds if the reason is "warning", else at once.
func (f *Faults) Disconnect(reason string) {
	f.w.mu.Lock()
	defer f.w.mu.Unlock()
	for _, s := range slices.Clone(f.w.sockets.open) {
		if s.conn != nil {
			f.w.dismiss(s, reason)
		}
	}
}

// Ghost registers a connection that nobody holds, as a crashed process leaves
// it behind: it counts, and swallows its share of the deliveries, until d has
// passed in real time.
func (f *Faults) Ghost(d time.Duration) {
	f.w.mu.Lock()
	defer f.w.mu.Unlock()
	ghost := &socket{id: socketID(f.w.streamNow("ghost")), closed: make(chan struct{})}
	f.w.enlist(ghost)
	f.w.after(d, nil, func() { f.w.discharge(ghost) })
}

// Freeze makes one connection half open, the oldest that works: no pings, no
// deliveries, no acknowledgements get through, yet it stays registered until d
// has passed in real time. It reports false if there is none.
func (f *Faults) Freeze(d time.Duration) bool {
	f.w.mu.Lock()
	defer f.w.mu.Unlock()
	for _, s := range f.w.sockets.open {
		if s.conn == nil || s.frozen {
			continue
		}
		s.frozen = true
		f.w.after(d, nil, func() {
			f.w.discharge(s)
			s.close()
		})
		return true
	}
	return false
}

// Inject sends every open connection a raw WebSocket text message, such as
// broken JSON or an event of the future.
func (f *Faults) Inject(message []byte) {
	f.w.mu.Lock()
	defer f.w.mu.Unlock()
	for _, s := range f.w.sockets.open {
		s.send(append([]byte{}, message...)) // never nil, which would end the connection
	}
}
