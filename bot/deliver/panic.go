package deliver

import (
	"context"
	"runtime/debug"

	"github.com/rs/zerolog"

	"enjobridge/storage"
)

// postSafely posts an outcome. If that panics, it posts an explanation.
func (d *Deliverer) postSafely(ctx context.Context, q storage.Question, check bool) (posts []string, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			zerolog.Ctx(ctx).Error().Interface("panic", fault).Bytes("stack", debug.Stack()).Msg("deliver: posting an outcome panicked")
			q.Outcome = &storage.Outcome{Failure: storage.FailureInternal, Reference: storage.Reference(q.ID)}
			posts, err = d.postAll(ctx, q, true)
		}
	}()
	return d.postOutcome(ctx, q, check)
}
