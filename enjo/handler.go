package enjo

import (
	"net/http"
	"time"
)

// handler does its part of a call and calls the next handler for the rest.
type handler func(*http.Request) (*response, error)

// response is filled by the handlers, from the innermost to the outermost.
type response struct {
	*http.Response          // from send; do not use its Body after withBody
	content        []byte   // the whole body, from withBody
	envelope       envelope // from withEnvelope
	reply          Reply    // from withReply
}

// assemble returns the handler of a whole call.
func assemble(transport http.RoundTripper, timeout time.Duration) handler {
	// The innermost handler sends one request and classifies its outcome.
	h := send(transport)
	// Read the whole body while ...
	h = withBody(h)
	// ... the timeout still applies.
	h = withTimeout(h, timeout)
	// Refuse redirects: the token is only for the configured host.
	h = withoutRedirect(h)
	// Decode the envelope of replies and errors.
	h = withEnvelope(h)
	// Turn a refusal into an error with a code.
	h = withRefusal(h, time.Now)
	// Decode the reply.
	h = withReply(h)
	// Remove the token and everything unsafe to log from errors.
	return withCleanErrors(h)
}
