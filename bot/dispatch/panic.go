package dispatch

import (
	"context"
	"runtime/debug"

	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// A question whose handling panics must not take the process with it: it would do
// so again after every restart. [worker.work] and [listener.receive] guard
// themselves in the same way.

// write writes the text for the agent. If that panics, the question is asked as
// its message says it.
func (d *Dispatcher) write(ctx context.Context, q storage.Question) (text string) {
	defer func() {
		if fault := recover(); fault != nil {
			d.log.Error().Interface("panic", fault).Bytes("stack", debug.Stack()).
				Str("question", q.ID.String()).Str("ref", storage.Reference(q.ID)).Msg("a fault in preparing a question")
			text = slackevent.Truncate(q.Text, maxQuestion)
		}
	}()
	return d.prompts.write(ctx, q)
}
