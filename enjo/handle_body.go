package enjo

import (
	"fmt"
	"io"
	"net/http"
)

// Limits for bodies: a reply may be far longer than Slack can show; of an
// error, the beginning is enough to identify it.
const (
	maxReply = 4 << 20
	maxError = 64 << 10
)

// withBody reads the whole body.
func withBody(next handler) handler {
	return func(req *http.Request) (*response, error) {
		resp, err := next(req)
		if err != nil {
			return nil, err
		}
		defer resp.Body.Close()

		if resp.StatusCode == http.StatusSwitchingProtocols {
			// Such a body is the raw connection, and reading from it has no timeout.
			return nil, &Error{
				Code: BadResponse, Status: resp.StatusCode,
				Message: "the protocol was switched without a request",
			}
		}
		if !resp.succeeded() {
			// The status says what happened, even if the body is cut off.
			resp.content, _ = io.ReadAll(io.LimitReader(resp.Body, maxError))
			return resp, nil
		}
		resp.content, err = io.ReadAll(io.LimitReader(resp.Body, maxReply+1))
		switch {
		case err != nil:
			return nil, &Error{
				Code: OutcomeUnknown, Status: resp.StatusCode,
				Message: fmt.Sprintf("the reply was cut off after %d bytes: %v", len(resp.content), err), Err: err,
			}
		case len(resp.content) > maxReply:
			return nil, &Error{
				Code: BadResponse, Status: resp.StatusCode,
				Message: fmt.Sprintf("the reply is larger than %d MiB", maxReply>>20),
			}
		}
		return resp, nil
	}
}

// succeeded reports whether the HTTP status is 2xx.
func (r *response) succeeded() bool { return r.StatusCode >= 200 && r.StatusCode <= 299 }
