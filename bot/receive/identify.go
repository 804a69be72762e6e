package receive

import (
	"cmp"
	"context"
	"errors"
	"time"

	"enjobridge/bot/slackevent"
)

// identifyTimeout bounds how long an event waits for the look-up of its person. Slack waits
// three seconds for an ack, and a modal must be opened in that time.
const identifyTimeout = time.Second

// unidentified returns the person who must be looked up before an event is handled; empty
// if nobody must.
func (r *Receiver) unidentified(e slackevent.Event) (user string) {
	if r.cfg.Identify == nil || e == nil {
		return ""
	}
	return slackevent.Unidentified(e, r.cfg.Self)
}

// holdBack reports whether an event is held back: its person must be looked up, or an
// earlier event with its order key is held back. Events with other keys do not wait. The
// caller must hold mu.
func (r *Receiver) holdBack(key string, in *received) bool {
	user := r.unidentified(in.event)
	if r.ended || (user == "" && len(r.held[key]) == 0) {
		return false
	}
	r.held[key] = append(r.held[key], in)
	if user != "" {
		in.isHeld = true
		r.looking.Go(func() {
			found, err := r.lookUp(in, user)
			r.identified(key, in, found, err)
		})
	}
	return true
}

// errPanicked means that a look-up panicked.
var errPanicked = errors.New("the look-up panicked")

// lookUp looks up the person of an event.
func (r *Receiver) lookUp(in *received, user string) (found slackevent.Membership, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), identifyTimeout)
	defer cancel()
	defer func() {
		if fault := recover(); fault != nil {
			r.cfg.Panics.Report(r.log.With().Str("envelope", in.ID).Logger(), "identify a person", fault)
			err = errPanicked
		}
	}()
	return r.cfg.Identify(ctx, user)
}

// identified takes the result of a look-up, and puts the events into their lane that are not
// held back any more. If Slack has not answered, the event is left to Slack to send again,
// or to history.
func (r *Receiver) identified(key string, in *received, found slackevent.Membership, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	in.isHeld = false
	if in.event = slackevent.Identified(in.event, cmp.Or(found, slackevent.Unverified)); err != nil {
		in.isDropped = true
		r.drop(in, causeIdentity)
		r.log.Warn().Err(err).Str("envelope", in.ID).Int("retry", in.Retry).
			Msg("receive: Slack has not said in time where a person belongs, leaving the event to Slack to send again")
	}
	for queue := r.held[key]; ; queue = queue[1:] {
		if len(queue) == 0 {
			delete(r.held, key)
			return
		}
		if queue[0].isHeld {
			r.held[key] = queue
			return
		}
		if !queue[0].isDropped {
			r.enqueue(key, queue[0])
		}
	}
}
