package dispatch

import "enjobridge/storage"

// offerPerson ends a question that asks for a person in words: the reply is an offer to
// call one. It needs no agent, so it does not wait in the queue, also while the agent is
// down.
func (d *Dispatcher) offerPerson(q storage.Question) {
	ctx := d.logFor(q.ID).WithContext(d.background)
	d.finish(ctx, ctx, q.ID, failed(q.ID, storage.FailurePerson))
}
