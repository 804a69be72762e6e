package slack

import (
	"encoding/json"
	"strconv"
	"time"
)

// Slack's delivery schedule. See
// https://docs.slack.dev/apis/events-api/#retries.
const (
	ackWithin   = 3 * time.Second
	maxUnacked  = 10_000 // concurrent deliveries; more are lost
	maxResponse = 20_480 // bytes; a longer response is dropped silently
)

// retryAfter is the wait before each retry of an event.
var retryAfter = [...]time.Duration{0, time.Minute, 5 * time.Minute}

// Outcome is the outcome of one attempt to deliver an envelope.
type Outcome string

// The outcomes of an [Envelope].
const (
	Sent      Outcome = "sent"      // not acknowledged yet
	Acked     Outcome = "acked"     // acknowledged in time
	TimedOut  Outcome = "timed_out" // not acknowledged within 3 seconds
	NoSocket  Outcome = "no_socket" // there was no connection
	Swallowed Outcome = "swallowed" // a fault dropped it; there is no retry
)

// Envelope is one attempt to deliver an event or interaction over Socket Mode.
type Envelope struct {
	// ID is the envelope_id, new for each attempt.
	ID string `json:"envelope_id"`
	// Type is events_api, interactive or slash_commands.
	Type string `json:"type"`
	// Inner is the type of the event or interaction, such as app_mention or block_actions.
	Inner string `json:"inner"`
	// EventID is the same for all attempts of one event; empty for interactions.
	EventID string `json:"event_id,omitempty"`
	// Attempt is 0 for the first delivery.
	Attempt int    `json:"retry_attempt"`
	Reason  string `json:"retry_reason,omitempty"`
	// Socket is the connection that carried it; empty if none was open.
	Socket   string          `json:"socket,omitempty"`
	Sent     time.Time       `json:"sent"`
	Acked    time.Time       `json:"acked,omitzero"`
	Outcome  Outcome         `json:"outcome"`
	Payload  json.RawMessage `json:"payload"`
	Response json.RawMessage `json:"response,omitempty"` // payload of the acknowledgement
}

// envelope is an event or interaction to deliver, in one or more attempts.
type envelope struct {
	kind    string
	inner   string
	eventID string
	// name identifies the envelope, and determines its randomness.
	name    string
	copied  bool // is a second copy
	retried bool // Slack retries it if it is not acknowledged
	// responds says that the acknowledgement may contain a payload.
	responds bool
	payload  json.RawMessage
	// skip is the number of attempts that a fault drops.
	skip int
	// done is called once, without mu, with the response or an error.
	done func(response json.RawMessage, err error)
}

// attempt is an envelope in transit.
type attempt struct {
	record *Envelope
	acked  chan json.RawMessage // buffered: the reader of a socket never waits
}

// deliver sends the envelope now, or as a fault says. The caller must hold mu.
func (w *Workspace) deliver(e *envelope) {
	effect, hit := w.faults.onEvent(e)
	switch {
	case !hit:
		w.dispatch(e)
	case effect.lose:
		w.swallow(e, ErrNotAcknowledged)
	case effect.hold:
		w.held = append(w.held, e)
		w.after(effect.wait, nil, func() { w.release(e) })
		return // an envelope must not release itself
	case effect.twice:
		w.dispatch(e)
		again := *e
		again.copied, again.done = true, nil
		w.dispatch(&again)
	case effect.alter != nil:
		payload := decoded(e.payload)
		effect.alter(payload)
		e.payload = mustJSON(payload)
		w.dispatch(e)
	case effect.asRetry:
		e.skip = 1
		w.dispatch(e)
	default:
		w.after(effect.wait, nil, func() { w.dispatch(e) })
	}
	for _, held := range w.held {
		w.dispatch(held)
	}
	w.held = nil
}

// release sends a held envelope that was not overtaken in time. The caller must
// hold mu.
func (w *Workspace) release(e *envelope) {
	for i, held := range w.held {
		if held == e {
			w.held = append(w.held[:i:i], w.held[i+1:]...)
			w.dispatch(e)
			return
		}
	}
}

// dispatch makes the first attempt and starts a goroutine for the others. The
// caller must hold mu.
func (w *Workspace) dispatch(e *envelope) {
	if w.flying >= maxUnacked || w.closed {
		w.swallow(e, ErrNoSocket)
		return
	}
	w.flying++
	reason := ""
	if e.skip > 0 {
		reason = "timeout"
	}
	first := w.attempt(e, e.skip, reason)
	w.start(func() { w.carry(e, first) })
}

// swallow drops the envelope before any attempt. The caller must hold mu.
func (w *Workspace) swallow(e *envelope, why error) {
	w.record(&Envelope{Type: e.kind, Inner: e.inner, EventID: e.eventID, Payload: e.payload, Outcome: Swallowed})
	w.start(func() { e.finish(nil, why) })
}

// carry waits for the acknowledgement of each attempt, and makes the next one
// until there are none left.
func (w *Workspace) carry(e *envelope, a *attempt) {
	defer func() {
		w.mu.Lock()
		w.flying--
		w.mu.Unlock()
	}()
	for {
		response, err := w.awaitAck(a)
		if err == nil || !e.retried || a.record.Attempt >= len(retryAfter) || err == ErrClosed {
			e.finish(response, err)
			return
		}
		if !w.sleep(w.scaled(retryAfter[a.record.Attempt]), nil) {
			return
		}
		reason := "timeout"
		if err == ErrNoSocket {
			reason = "connection_failed"
		}
		w.mu.Lock()
		a = w.attempt(e, a.record.Attempt+1, reason)
		w.mu.Unlock()
	}
}

// attempt sends the envelope over one of the open sockets. The caller must hold
// mu.
func (w *Workspace) attempt(e *envelope, n int, reason string) *attempt {
	random := w.stream("attempt", e.name, strconv.FormatBool(e.copied), strconv.Itoa(n))
	a := &attempt{acked: make(chan json.RawMessage, 1), record: &Envelope{
		ID: newUUID(random), Type: e.kind, Inner: e.inner, EventID: e.eventID,
		Attempt: n, Reason: reason, Payload: e.payload, Sent: time.Now(), Outcome: Sent,
	}}
	message := object{
		"envelope_id":              a.record.ID,
		"type":                     e.kind,
		"payload":                  e.payload,
		"accepts_response_payload": e.responds,
	}
	if e.retried {
		message["retry_attempt"], message["retry_reason"] = n, reason
	}
	if s := w.sockets.pick(random); s == nil || !s.send(mustJSON(message)) {
		a.record.Outcome = NoSocket
	} else {
		a.record.Socket = s.id
		w.pending[a.record.ID] = a
	}
	w.record(a.record)
	return a
}

// awaitAck waits until the attempt is acknowledged or times out.
func (w *Workspace) awaitAck(a *attempt) (json.RawMessage, error) {
	if a.record.Socket == "" {
		return nil, ErrNoSocket
	}
	timer := time.NewTimer(w.deadline(ackWithin))
	defer timer.Stop()
	select {
	case response := <-a.acked:
		return response, nil
	case <-w.done:
		return nil, ErrClosed
	case <-timer.C:
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.pending[a.record.ID] == nil { // acknowledged at the last moment
		return a.record.Response, nil
	}
	delete(w.pending, a.record.ID)
	a.record.Outcome = TimedOut
	w.changed(Change{Kind: EnvelopeChanged, Text: a.record.ID})
	return nil, ErrNotAcknowledged
}

// acknowledge processes an acknowledgement. It ignores unknown and late ids,
// and responses that are too long. The caller must hold mu.
func (w *Workspace) acknowledge(message []byte) {
	var response struct {
		EnvelopeID string          `json:"envelope_id"`
		Payload    json.RawMessage `json:"payload"`
	}
	if len(message) >= maxResponse || json.Unmarshal(message, &response) != nil {
		return
	}
	a := w.pending[response.EnvelopeID]
	if a == nil {
		return
	}
	delete(w.pending, response.EnvelopeID)
	a.record.Acked, a.record.Outcome, a.record.Response = time.Now(), Acked, response.Payload
	a.acked <- response.Payload
	w.changed(Change{Kind: EnvelopeChanged, Text: a.record.ID})
}

// record logs an attempt. The caller must hold mu.
func (w *Workspace) record(r *Envelope) {
	if r.Sent.IsZero() {
		r.Sent = time.Now()
	}
	w.traffic.add(r)
	w.changed(Change{Kind: EnvelopeChanged, Text: r.ID})
}

func (e *envelope) finish(response json.RawMessage, err error) {
	if e.done != nil {
		e.done(response, err)
	}
}
