package slackapi

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// errWithheld means that a request was not sent, because the guard of the client did not agree.
var errWithheld = errors.New("the request was not sent")

// Guarded returns a client that shares everything with this one, and sends a request only if
// guard agrees, which it asks when the request is on its way to the network: a process that
// was stopped for a while sends nothing that it may not send any more. Calls that are not
// sent fail with the class [Withheld], and with the error of guard.
//
// What a guarded client posts is known also if the caller does not wait for the response: if
// it comes when guard does not agree any more, and somebody else has posted the same, the
// post is deleted.
func (c *Client) Guarded(guard func() error) *Client {
	guarded := &Client{core: c.core, guard: guard, lateCounter: newLateCounter(c.cfg.Metrics)}
	guarded.Reader = &Reader{client: guarded}
	return guarded
}

// guardRequest has the guard asked before the body of a request is sent, and each time that
// more of it is.
func (c *Client) guardRequest(request *http.Request, body string) error {
	if c.guard == nil {
		return nil
	}
	check := func() error {
		if err := c.guard(); err != nil {
			return fmt.Errorf("%w: %w", errWithheld, err)
		}
		return nil
	}
	if request.Body != http.NoBody {
		request.Body = &guardedBody{strings.NewReader(body), check}
		request.GetBody = func() (io.ReadCloser, error) { return &guardedBody{strings.NewReader(body), check}, nil }
	}
	return check()
}

// guardedBody is the body of a request of which nothing is sent unless check agrees. What
// comes before the body is no request without it. Once all of it is sent, the request is made.
type guardedBody struct {
	rest  *strings.Reader
	check func() error
}

// Read implements [io.Reader].
func (b *guardedBody) Read(p []byte) (int, error) {
	if b.rest.Len() > 0 {
		if err := b.check(); err != nil {
			return 0, err
		}
	}
	return b.rest.Read(p)
}

// Close implements [io.Closer].
func (b *guardedBody) Close() error { return nil }
