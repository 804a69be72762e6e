package storage

import "time"

// InPlaceOf returns the question that a store has in place of a damaged one, so that its
// message is not accepted again. q has what is known about it. If it had not ended, it now has
// a failure as its outcome: its asker sees that, and can ask again.
func (q Question) InPlaceOf(ended bool) Question {
	q.AcceptedAt, q.EndedAt = q.AcceptedAt.UTC(), q.EndedAt.UTC()
	if q.State = Cancelled; !ended {
		q.State, q.EndedAt = Answered, time.Time{}
		q.Outcome = &Outcome{Failure: FailureInternal, Reference: Reference(q.ID)}
	}
	return q
}

// ThreadInPlace returns the thread that a store has in place of a damaged one, for its
// unfinished questions. They start a new conversation.
func ThreadInPlace(id ThreadID, unfinished []Question, at time.Time) Thread {
	thread := Thread{ID: id, Agent: unfinished[0].Agent, LastActive: at.UTC()}
	for _, q := range unfinished {
		thread.addAsker(q)
	}
	return thread
}
