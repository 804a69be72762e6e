package enjo

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// errTimeout is not [context.DeadlineExceeded], so that the client's own
// timeout is not mistaken for that of the caller's context.
var errTimeout = errors.New("the call took too long")

// withTimeout limits the time of the inner handlers, including a slow body. It
// also distinguishes a cancelled context from a timeout.
func withTimeout(next handler, timeout time.Duration) handler {
	return func(req *http.Request) (*response, error) {
		caller := req.Context()
		ctx, cancel := context.WithTimeout(caller, timeout)
		defer cancel()

		resp, err := next(req.WithContext(ctx))
		var failure *Error
		switch {
		case err == nil || ctx.Err() == nil || !errors.As(err, &failure):
			return resp, err
		case caller.Err() != nil:
			return nil, fmt.Errorf("enjo: the caller gave up: %w", whyEnded(caller))
		}
		// Keep the code: it depends on whether the request was sent.
		missing := "whole reply"
		if failure.Code == NotProcessed {
			missing = "connection"
		}
		return nil, &Error{
			Code: failure.Code, Status: failure.Status,
			Message: fmt.Sprintf("no %s within %v", missing, timeout), Err: errTimeout,
		}
	}
}

// whyEnded returns the error of a context that ended, with its cause if there
// is a separate one.
func whyEnded(ctx context.Context) error {
	if cause := context.Cause(ctx); !errors.Is(cause, ctx.Err()) {
		return fmt.Errorf("%w: %w", ctx.Err(), cause)
	}
	return ctx.Err()
}
