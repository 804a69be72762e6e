package enjo

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// RetryAfter says whether and in which form a refused call gets this header:
// https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
type RetryAfter int

const (
	// NoRetryAfter sends no header.
	NoRetryAfter RetryAfter = iota
	// RetryAfterSeconds sends a number of seconds.
	RetryAfterSeconds
	// RetryAfterDate sends an HTTP date.
	RetryAfterDate
)

// routes returns the handler of the API.
func (a *Agent) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/bots/{id}/message", func(w http.ResponseWriter, r *http.Request) {
		ip, _, _ := net.SplitHostPort(r.RemoteAddr)
		m, refusal := readMessage(r)
		now, wait := a.limiter.take(ip)
		c := &call{agent: a, w: w, r: r, now: now, entry: a.journal.begin(Request{
			Time: now, IP: ip, BotID: clip(r.PathValue("id")), Text: clip(m.Text), ConversationID: clip(m.ConversationID),
		})}
		// The message was parsed only for the journal. Limits are checked first, then
		// the token, then the message.
		switch {
		case wait > 0:
			c.retryAfter(a.config.RetryAfter, wait)
			c.refuse(rateLimited())
		case !c.authorized():
			c.refuse(&apiError{Code: "unauthorized", Message: "Invalid or missing token", Status: http.StatusUnauthorized})
		case refusal != nil:
			c.refuse(refusal)
		default:
			c.serve(m)
		}
	})
	return mux
}

// call is one request in progress.
type call struct {
	agent *Agent
	w     http.ResponseWriter
	r     *http.Request
	now   time.Time
	entry *Request
}

// serve answers a valid request, or applies a fault to it.
func (c *call) serve(m message) {
	fault := c.agent.faults.next(m.Text)
	c.agent.journal.update(c.entry, func(r *Request) { r.Fault = fault.Effect })
	if !pause(c.r.Context(), c.agent.config.Latency+fault.Delay) {
		c.cut()
	}
	b, ok := c.agent.bots[c.r.PathValue("id")]
	if !ok {
		c.refuse(invalidBot(http.StatusBadRequest))
		return
	}
	c.perform(fault, func() response {
		c.agent.journal.update(c.entry, func(r *Request) { r.Processed = true })
		return response{Success: true, Data: c.agent.dialogue.answer(b, m, c.now)}
	})
}

func (c *call) authorized() bool {
	token, ok := strings.CutPrefix(c.r.Header.Get("Authorization"), "Bearer ")
	return ok && subtle.ConstantTimeCompare([]byte(token), []byte(c.agent.config.Token)) == 1
}

// cut closes the connection. It does not return.
func (c *call) cut() {
	c.agent.journal.end(c.entry, 0)
	panic(http.ErrAbortHandler)
}

// refuse answers with an error.
func (c *call) refuse(e *apiError) { c.respondJSON(e.Status, e) }

func (c *call) respondJSON(status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err) // only structs of strings and numbers are passed here
	}
	c.respond(status, "application/json", body)
}

// respond writes a whole answer. The journal is updated first, so that it is
// complete when the caller has the answer.
func (c *call) respond(status int, kind string, body []byte) {
	c.agent.journal.end(c.entry, status)
	c.w.Header().Set("Content-Type", kind)
	c.w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	c.w.WriteHeader(status)
	_, _ = c.w.Write(body) // the caller may have left
}

// retryAfter sets the header, rounded up to whole seconds.
func (c *call) retryAfter(form RetryAfter, wait time.Duration) {
	switch form {
	case RetryAfterSeconds:
		seconds := int((wait + time.Second - 1) / time.Second)
		c.w.Header().Set("Retry-After", strconv.Itoa(seconds))
	case RetryAfterDate:
		at := c.now.Add(wait + time.Second - 1).UTC()
		c.w.Header().Set("Retry-After", at.Format(http.TimeFormat))
	}
}

// pause waits. It returns false if the caller left or the agent was closed
// first.
func pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// clip limits the length of a recorded text.
func clip(s string) string {
	if len(s) <= maxLogged {
		return s
	}
	return strings.ToValidUTF8(s[:maxLogged], "")
}
