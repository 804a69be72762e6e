package enjo

import "time"

// Message is a message to an agent.
type Message struct {
	// Text is the question. It must not be empty.
	Text string
	// ConversationID continues an earlier conversation; empty starts a new one.
	ConversationID string
	// OnSend, if not nil, is called when the call has a connection, just before the
	// message is sent, and again if that connection breaks before anything is sent and
	// the call gets another. Until then nothing has reached Enjo. A custom
	// [Config.Transport] must support [net/http/httptrace] for that.
	OnSend func()
	// Guard, if not nil, is called before the call looks for a connection, and right before
	// anything is written to that, after OnSend. If it returns an error, nothing is sent, and
	// the call fails with NotProcessed and that error. With a custom [Config.Transport] it is
	// only called before.
	Guard func() error
}

// Reply is an agent's answer to a [Message].
type Reply struct {
	// Text is the answer in Markdown, untrusted; it can be empty.
	Text string `json:"text,omitempty"`
	// Sources are in the agent's order.
	Sources []Source `json:"sources,omitempty"`
	// ConversationID continues this conversation when sent with the next message.
	ConversationID string `json:"conversation_id,omitempty"`
	// Ticket is the ticket that was created or changed, if any.
	Ticket *Ticket `json:"ticket,omitempty"`
}

// Source is a source of an answer. Every field may be empty.
type Source struct {
	Type string `json:"type,omitempty"` // the kind, such as "Knowledge Base"
	Name string `json:"name,omitempty"` // the title
	URL  string `json:"url,omitempty"`  // as received: untrusted
	// Score is the confidence in the source's relevance, from 0 to 1; negative if
	// unknown.
	Score float64 `json:"score"`
}

// Ticket is a ticket in the ticketing system behind the agent. Every field may
// be empty.
type Ticket struct {
	ID          string `json:"id,omitempty"`
	Type        string `json:"type,omitempty"`
	Status      string `json:"status,omitempty"`
	Priority    string `json:"priority,omitempty"`
	Description string `json:"description,omitempty"`
	URL         string `json:"url,omitempty"`        // as received: untrusted
	Attributes  string `json:"attributes,omitempty"` // additional data, as text
	Created     Time   `json:"created,omitzero"`
	Modified    Time   `json:"modified,omitzero"` // the last modification
}

// Time is a timestamp from the agent. Its format is not published.
type Time struct {
	// At is the parsed time, or zero if Raw could not be parsed.
	At time.Time `json:"at,omitzero"`
	// Raw is the timestamp as received; empty if there was none.
	Raw string `json:"raw,omitempty"`
}
