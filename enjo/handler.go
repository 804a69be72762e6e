package enjo

import (
	"net/http"
	"time"
)

// handler does its part of a call and leaves the rest to the next handler.
type handler func(*http.Request) (*response, error)

// response is what the handlers know of the API's answer, inner ones first.
type response struct {
	*http.Response          // from send; its Body is of no use after withBody
	content        []byte   // the whole body, from withBody
	envelope       envelope // from withEnvelope
	reply          Reply    // from withReply
}

// assemble returns the handler of a whole call.
func assemble(transport http.RoundTripper, timeout time.Duration, token string) handler {
	// At the inner end one request goes over the network, and its outcome is judged.
	h := send(transport)
	// Read the whole body, so that all that takes time has been done ...
	h = withBody(h)
	// ... when the clock is stopped.
	h = withTimeout(h, timeout)
	// A redirect is not followed: the token belongs to the configured host alone.
	h = withoutRedirect(h)
	// Read the envelope that both replies and errors come in.
	h = withEnvelope(h)
	// Turn what the API refused into an error with a code.
	h = withRefusal(h, time.Now)
	// What is left is a reply.
	h = withReply(h)
	// No error leaves with the token, or with anything that could harm a log.
	return withCleanErrors(h, token)
}
