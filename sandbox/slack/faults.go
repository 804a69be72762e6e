package slack

import (
	"fmt"
	"path"
	"slices"
	"time"
)

// Faults simulates failures of the workspace. Get it from [Workspace.Faults].
type Faults struct {
	w      *Workspace
	calls  []*Fault
	events []*Fault
	// limitedUntil is when events are delivered again.
	limitedUntil time.Time
}

// Faults returns the workspace's faults. Initially there are none.
func (w *Workspace) Faults() *Faults { return &w.faults }

// Calls says which calls of the Web API a fault affects.
type Calls struct {
	// Method is a method or a [path.Match] pattern, such as chat.*; empty means
	// any.
	Method string
	// Channel is the channel argument; empty means any.
	Channel string
	// If is an additional condition; nil means none. It must not use the
	// workspace.
	If func(Call) bool
	// Skip is the number of matching calls that pass first.
	Skip int
	// Times is the number of affected calls; 0 means all until [Fault.Remove].
	Times int
}

// Events says which deliveries a fault affects.
type Events struct {
	// Type is the type of the inner event or interaction, such as app_mention or block_actions; empty means any.
	Type string
	// If is an additional condition; nil means none. Its argument is the first
	// attempt's envelope, which has no ID yet. It must not use the workspace.
	If func(Envelope) bool
	// Skip and Times are those of [Calls].
	Skip, Times int
}

// Fault is an active fault.
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

// CallEffect is the effect on a call. Make one with [RateLimit], [Status], [Redirect],
// [Fail], [Unsupported], [Hang], [LoseResponse], [Delay], [Rewrite] or [RepeatPage].
type CallEffect struct {
	name string
	fx   callEffect
}

// callEffect is the server's view of a CallEffect; its zero value means no
// fault.
type callEffect struct {
	status     int
	limited    bool
	retryAfter time.Duration
	code       Error
	kinds      []string // the types of blocks that are refused
	location   string   // of a redirect
	hang, lost bool
	repeat     bool
	delay      time.Duration
	overdue    bool // whether the client may have given up
	rewrite    func(body map[string]any)
}

// RateLimit answers 429 with Retry-After, rounded up to whole seconds. The call is not processed.
func RateLimit(retryAfter time.Duration) CallEffect {
	return CallEffect{"rate limit", callEffect{limited: true, retryAfter: retryAfter}}
}

// Status answers with an HTTP status and no JSON, such as 503. The call is not processed.
func Status(code int) CallEffect {
	return CallEffect{fmt.Sprint("status ", code), callEffect{status: code}}
}

// Redirect answers with an HTTP status, such as 307, that leads to another address. The
// call is not processed.
func Redirect(code int, location string) CallEffect {
	return CallEffect{fmt.Sprint("redirect ", code), callEffect{status: code, location: location}}
}

// Fail answers with an error code of Slack's. The call is not processed.
func Fail(code Error) CallEffect { return CallEffect{"fail " + string(code), callEffect{code: code}} }

// Hang never answers: the connection stays open until the client gives up. The
// call is not processed.
func Hang() CallEffect { return CallEffect{"hang", callEffect{hang: true}} }

// LoseResponse processes the call and cuts the connection instead of answering.
func LoseResponse() CallEffect { return CallEffect{"lose response", callEffect{lost: true}} }

// Delay processes the call after d, in real time.
func Delay(d time.Duration) CallEffect {
	return CallEffect{"delay " + d.String(), callEffect{delay: d}}
}

// Overdue processes the call after d, in real time, even if its client has given up by then, like
// a request that is held up on its way.
func Overdue(d time.Duration) CallEffect {
	return CallEffect{"overdue " + d.String(), callEffect{delay: d, overdue: true}}
}

// Rewrite processes the call, and answers with the response after f has changed it,
// unless the response is an error. f gets the response as [json.Unmarshal] decodes it.
// It must not use the workspace.
func Rewrite(f func(body map[string]any)) CallEffect {
	return CallEffect{"rewrite", callEffect{rewrite: f}}
}

// RepeatPage processes the call, and answers with a cursor that leads to the same page
// again, if the method has pages.
func RepeatPage() CallEffect { return CallEffect{"repeat page", callEffect{repeat: true}} }

// DeliveryEffect is the effect on a delivery. Make one with [Lose], [Late],
// [Twice], [AsRetry], [Overtaken] or [Altered].
type DeliveryEffect struct {
	name string
	fx   deliveryEffect
}

type deliveryEffect struct {
	lose, twice, asRetry, hold bool
	wait                       time.Duration
	alter                      func(payload map[string]any)
}

// Lose never delivers: the event is only in the channel's history.
func Lose() DeliveryEffect { return DeliveryEffect{"lose", deliveryEffect{lose: true}} }

// Late delivers after d, in real time.
func Late(d time.Duration) DeliveryEffect {
	return DeliveryEffect{"late " + d.String(), deliveryEffect{wait: d}}
}

// Twice delivers two copies with the same event_id.
func Twice() DeliveryEffect { return DeliveryEffect{"twice", deliveryEffect{twice: true}} }

// AsRetry makes the first delivery look like the first retry, as after a gap.
func AsRetry() DeliveryEffect { return DeliveryEffect{"as retry", deliveryEffect{asRetry: true}} }

// Overtaken delivers after the next event, or after d in real time if there is
// none.
func Overtaken(d time.Duration) DeliveryEffect {
	return DeliveryEffect{"overtaken", deliveryEffect{hold: true, wait: d}}
}

// Altered delivers the payload after f has changed it. f gets the payload as
// [json.Unmarshal] decodes it. It must not use the workspace.
func Altered(f func(payload map[string]any)) DeliveryEffect {
	return DeliveryEffect{"altered", deliveryEffect{alter: f}}
}

// OnCall applies a fault to calls of the Web API. If several faults match, the
// oldest applies.
func (f *Faults) OnCall(match Calls, effect CallEffect) *Fault {
	f.w.mu.Lock()
	defer f.w.mu.Unlock()
	fault := &Fault{faults: f, name: effect.name, call: match, fx: effect.fx}
	f.calls = append(f.calls, fault)
	return fault
}

// OnEvent applies a fault to deliveries. If several faults match, the oldest
// applies.
func (f *Faults) OnEvent(match Events, effect DeliveryEffect) *Fault {
	f.w.mu.Lock()
	defer f.w.mu.Unlock()
	fault := &Fault{faults: f, name: effect.name, event: match, delay: effect.fx}
	f.events = append(f.events, fault)
	return fault
}

// Fired returns how often the fault was applied.
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

// Clear ends all faults of calls and deliveries, and a limit of events.
func (f *Faults) Clear() {
	f.w.mu.Lock()
	defer f.w.mu.Unlock()
	f.calls, f.events, f.limitedUntil = nil, nil, time.Time{}
}

// strike counts a match and reports whether the fault affects it. The caller
// must hold mu.
func (f *Fault) strike(skip, times int) bool {
	f.seen++
	if f.seen <= skip || times > 0 && f.fired >= times {
		return false
	}
	f.fired++
	f.faults.w.changed(Change{Kind: FaultStruck, Text: f.name})
	return true
}

// onCall returns the effect on the call, and records the fault's name in it.
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

// onEvent returns the effect on the delivery. The caller must hold mu.
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

// LimitEvents drops all events for d, in real time, as if the app had exceeded its limit
// of events, and sends app_rate_limited once a minute instead. Interactions and commands
// are delivered. See https://docs.slack.dev/apis/events-api/#rate-limiting.
func (f *Faults) LimitEvents(d time.Duration) {
	f.w.mu.Lock()
	defer f.w.mu.Unlock()
	f.limitedUntil = time.Now().Add(d)
}

// CutSockets breaks every connection without a close frame, and returns how
// many there were.
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

// Rotate ends every connection as Slack does every few hours: with a disconnect
// with the reason "warning", and a close 10 seconds later.
func (f *Faults) Rotate() { f.Disconnect("warning") }

// Disconnect sends every client a disconnect with this reason, and closes the
// connections: after 10 seconds if the reason is "warning", otherwise
// immediately.
func (f *Faults) Disconnect(reason string) {
	f.w.mu.Lock()
	defer f.w.mu.Unlock()
	for _, s := range slices.Clone(f.w.sockets.open) {
		if s.conn != nil {
			f.w.dismiss(s, reason)
		}
	}
}

// UnaccountedSocket registers a connection without a client, as a crashed
// process leaves it behind. It counts as a connection, and its share of the
// deliveries is lost, until d has passed in real time.
func (f *Faults) UnaccountedSocket(d time.Duration) {
	f.w.mu.Lock()
	defer f.w.mu.Unlock()
	unaccounted := &socket{id: socketID(f.w.streamNow("unaccounted")), closed: make(chan struct{})}
	f.w.enlist(unaccounted)
	f.w.after(d, nil, func() { f.w.discharge(unaccounted) })
}

// Freeze makes the oldest working connection half open: no pings, deliveries or
// acknowledgements get through, but it stays registered until d has passed in
// real time. It returns false if there is none.
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
// malformed JSON or an unknown event.
func (f *Faults) Inject(message []byte) {
	f.w.mu.Lock()
	defer f.w.mu.Unlock()
	for _, s := range f.w.sockets.open {
		s.send(append([]byte{}, message...)) // never nil, which would end the connection
	}
}
