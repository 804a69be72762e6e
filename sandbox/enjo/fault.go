package enjo

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Effect is the visible effect of a [Fault].
type Effect string

// The effects of a [Fault].
const (
	// Slow answers correctly, after the fault's Delay.
	Slow Effect = "slow"
	// Status answers with an error with the fault's Status, or 500.
	Status Effect = "status"
	// Cut closes the connection instead of answering.
	Cut Effect = "cut"
	// CutMidway closes the connection in the middle of the answer.
	CutMidway Effect = "cut midway"
	// HTML answers with a web page, like a proxy.
	HTML Effect = "html"
	// Truncated answers with the first half of the JSON as a complete body.
	Truncated Effect = "truncated"
	// InvalidJSON answers with invalid JSON.
	InvalidJSON Effect = "invalid json"
	// Mistyped answers with every value changed to another JSON type, or only the
	// value at the fault's Field.
	Mistyped Effect = "mistyped"
	// Huge answers correctly, with 5 MiB.
	Huge Effect = "huge"
	// Drip answers correctly, one byte at a time.
	Drip Effect = "drip"
	// Redirect redirects to the fault's Location, with Status or 307.
	Redirect Effect = "redirect"
	// OtherConversation answers with the ID of a different conversation.
	OtherConversation Effect = "other conversation"
	// HugeConversation answers with a conversation ID of 1 MiB.
	HugeConversation Effect = "huge conversation"
	// Unsuccessful answers with success false, and with Status or 200.
	Unsuccessful Effect = "unsuccessful"
	// InvalidBot answers as if the bot were unknown. With Status 200 it is an
	// unsuccessful response.
	InvalidBot Effect = "invalid bot"
)

const (
	hugeAnswer         = 5 << 20
	hugeConversationID = 1 << 20
)

// Fault makes calls fail. It affects only calls that are within the limits and
// have a valid token and body.
type Fault struct {
	Effect Effect
	// Calls is the number of affected calls; 0 means all until Clear.
	Calls int
	// Match restricts the fault to messages that contain this text, in any case.
	Match string
	// Delay is the wait before the effect.
	Delay time.Duration
	// Interval is the time between two bytes of a Drip; 0 means one second.
	Interval time.Duration
	// Processed makes the message take effect before the failure, for effects that
	// otherwise prevent it: Status, Cut, HTML, Redirect, Unsuccessful.
	Processed bool
	// Status is the HTTP status of Status, Redirect, Unsuccessful and InvalidBot.
	Status int
	// RetryAfter and RetryIn set the Retry-After header of Status.
	RetryAfter RetryAfter
	RetryIn    time.Duration
	// Location is the target of Redirect; empty means a host that does not exist.
	Location string
	// Field is the value that Mistyped changes, such as "data.sources.score";
	// empty means all.
	Field string
}

// Faults makes calls to an agent fail.
type Faults struct {
	server *server

	mu     sync.Mutex
	faults []Fault
}

// Add adds a fault. If several match a call, the one that was added first
// applies.
func (f *Faults) Add(fault Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faults = append(f.faults, fault)
}

// Clear removes all faults. It does not bring up an agent that is down.
func (f *Faults) Clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faults = nil
}

// Down closes all connections, and refuses new ones until Up.
func (f *Faults) Down() { f.server.down() }

// Up starts the agent again at the same address. It fails if the address is now
// in use.
func (f *Faults) Up() error { return f.server.open(f.server.address()) }

// next uses up one call of the first fault that matches text. The zero value
// means that none does.
func (f *Faults) next(text string) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, fault := range f.faults {
		if !strings.Contains(strings.ToLower(text), strings.ToLower(fault.Match)) {
			continue
		}
		switch fault.Calls {
		case 0:
		case 1:
			f.faults = append(f.faults[:i], f.faults[i+1:]...)
		default:
			f.faults[i].Calls--
		}
		return fault
	}
	return Fault{}
}

// perform answers the call with process's response, changed by the fault.
func (c *call) perform(f Fault, process func() response) {
	switch f.Effect {
	case Status, Cut, HTML, Redirect, Unsuccessful, InvalidBot:
		if f.Processed {
			process()
		}
		c.fail(f)
	default:
		c.spoil(f, process())
	}
}

// fail answers with an error and no response.
func (c *call) fail(f Fault) {
	status := func(unset int) int {
		if f.Status == 0 {
			return unset
		}
		return f.Status
	}
	switch f.Effect {
	case Status:
		c.retryAfter(f.RetryAfter, f.RetryIn)
		c.refuse(statusError(status(http.StatusInternalServerError)))
	case Cut:
		c.cut()
	case HTML:
		c.respond(status(http.StatusOK), "text/html; charset=utf-8", []byte("<!doctype html><title>Gateway</title><h1>Please sign in</h1>"))
	case Redirect:
		location := f.Location
		if location == "" {
			location = "https://elsewhere.example.com/"
		}
		c.w.Header().Set("Location", location)
		c.respond(status(http.StatusTemporaryRedirect), "text/plain", nil)
	case Unsuccessful:
		c.respondJSON(status(http.StatusOK), map[string]any{"success": false, "message": "The agent could not answer"})
	case InvalidBot:
		if f.Status == http.StatusOK {
			c.respondJSON(f.Status, map[string]any{"success": false, "message": "Invalid botId"})
			return
		}
		c.refuse(invalidBot(status(http.StatusBadRequest)))
	}
}

// statusError returns the body of an error with this status.
func statusError(status int) *apiError {
	if status == http.StatusTooManyRequests {
		return rateLimited()
	}
	code := strings.ReplaceAll(strings.ToLower(http.StatusText(status)), " ", "_")
	return &apiError{Code: code, Message: http.StatusText(status), Status: status}
}

// spoil answers with a response that the fault has changed.
func (c *call) spoil(f Fault, r response) {
	switch f.Effect {
	case Huge:
		r.Data.Answers += strings.Repeat("\nMore of the same.", hugeAnswer/len("\nMore of the same.")+1)
	case OtherConversation:
		r.Data.ConversationID = c.agent.dialogue.otherID(r.Data.ConversationID)
	case HugeConversation:
		r.Data.ConversationID = strings.Repeat("c", hugeConversationID)
	}
	body, err := json.Marshal(r)
	if err != nil {
		panic(err) // a response contains only strings and numbers
	}
	const kind = "application/json"
	switch f.Effect {
	case Truncated:
		c.respond(http.StatusOK, kind, body[:len(body)/2])
	case InvalidJSON:
		c.respond(http.StatusOK, kind, bytes.ReplaceAll(body, []byte(`"`), []byte(`'`)))
	case Mistyped:
		c.respond(http.StatusOK, kind, mistype(body, f.Field))
	case CutMidway:
		c.w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = c.w.Write(body[:len(body)/2])
		_ = http.NewResponseController(c.w).Flush()
		c.cut()
	case Drip:
		c.drip(body, f.Interval)
	default:
		c.respond(http.StatusOK, kind, body)
	}
}

// drip writes one byte at a time, until all are written or the caller leaves.
func (c *call) drip(body []byte, interval time.Duration) {
	if interval == 0 {
		interval = time.Second
	}
	c.w.Header().Set("Content-Type", "application/json")
	for i := range body {
		_, _ = c.w.Write(body[i : i+1])
		if err := http.NewResponseController(c.w).Flush(); err != nil || !pause(c.r.Context(), interval) {
			c.cut()
		}
	}
	c.agent.journal.end(c.entry, http.StatusOK)
}
