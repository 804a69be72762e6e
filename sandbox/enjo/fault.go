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

// Effect is what a caller sees of a [Fault].
type Effect string

// The effects of a [Fault].
const (
	// Slow answers properly, after the fault's Delay.
	Slow Effect = "slow"
	// Status answers with an error of the fault's Status, 500 unless it is set.
	Status Effect = "status"
	// Cut closes the connection instead of answering.
	Cut Effect = "cut"
	// CutMidway closes the connection in the middle of the answer.
	CutMidway Effect = "cut midway"
	// HTML answers with a web page, as a proxy would.
	HTML Effect = "html"
	// Truncated answers with the first half of the JSON, as if it were whole.
	Truncated Effect = "truncated"
	// InvalidJSON answers with what is not quite JSON.
	InvalidJSON Effect = "invalid json"
	// Mistyped answers with every value of another JSON type than published, or
	// only the one that the fault's Field names.
	Mistyped Effect = "mistyped"
	// Huge answers properly, in 5 MiB.
	Huge Effect = "huge"
	// Drip answers properly, but with one byte at a time.
	Drip Effect = "drip"
	// Redirect sends the caller to the fault's Location, with 307 unless Status is set.
	Redirect Effect = "redirect"
	// OtherConversation answers with the ID of another conversation.
	OtherConversation Effect = "other conversation"
	// HugeConversation answers with a conversation ID of 1 MiB.
	HugeConversation Effect = "huge conversation"
	// Unsuccessful answers with success false, and Status 200 unless it is set.
	Unsuccessful Effect = "unsuccessful"
	// InvalidBot answers as to an unknown bot. With Status 200 it is an unsuccessful response.
	InvalidBot Effect = "invalid bot"
)

const (
	hugeAnswer         = 5 << 20
	hugeConversationID = 1 << 20
)

// Fault makes calls go wrong. Only calls that are within the limits, with a good
// token and a good body, are hit.
type Fault struct {
	Effect Effect
	// Calls is how many calls are hit; 0 means all until Clear.
	Calls int
	// Match restricts the fault to messages that contain it, in any case.
	Match string
	// Delay is waited before anything else happens.
	Delay time.Duration
	// Interval is the time between two bytes of a Drip; 0 means one second.
	Interval time.Duration
	// Processed makes the message take effect before it goes wrong, where it
	// would not otherwise: Status, Cut, HTML, Redirect, Unsuccessful.
	Processed bool
	// Status is the HTTP status of Status, Redirect, Unsuccessful and InvalidBot.
	Status int
	// RetryAfter, with RetryIn, tells the caller of Status when to come back.
	RetryAfter RetryAfter
	RetryIn    time.Duration
	// Location is where Redirect leads; empty means a host that does not exist.
	Location string
	// Field is what is Mistyped, such as "data.sources.score"; empty means all.
	Field string
}

// Faults is the switchboard of what is to go wrong.
type Faults struct {
	server *server

	mu     sync.Mutex
	faults []Fault
}

// Add makes calls go wrong. Of several faults that match a call, the one that was added first hits it.
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

// Down cuts every connection, and refuses new ones until Up.
func (f *Faults) Down() { f.server.down() }

// Up brings the agent back at the same address. It fails if that was taken meanwhile.
func (f *Faults) Up() error { return f.server.open(f.server.address()) }

// next uses up one call of the first fault that matches text. Its zero value means none does.
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

// perform answers the call with process's response, spoilt by the fault.
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

// fail answers without anything of a response.
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

// statusError returns the body of an error that was asked for.
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
		r.Data.ConversationID = c.agent.desk.strayID(r.Data.ConversationID)
	case HugeConversation:
		r.Data.ConversationID = strings.Repeat("c", hugeConversationID)
	}
	body, err := json.Marshal(r)
	if err != nil {
		panic(err) // a response holds strings and numbers only
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

// drip writes one byte at a time, until all is written or the caller leaves.
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
