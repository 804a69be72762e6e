package enjo

import "time"

// Message is what is put to an agent.
type Message struct {
	// Text is the question. It must not be empty.
	Text string
	// ConversationID ties the message to an earlier one; empty starts a new conversation.
	ConversationID string
}

// Reply is an agent's answer to a [Message].
type Reply struct {
	// Text is the answer in Markdown, untrusted; it can be empty.
	Text string `json:"text,omitempty"`
	// Sources are in the order in which the agent named them.
	Sources []Source `json:"sources,omitempty"`
	// ConversationID is given with the next message of the same conversation.
	ConversationID string `json:"conversation_id,omitempty"`
	// Ticket is the one that was made or touched, if any.
	Ticket *Ticket `json:"ticket,omitempty"`
}

// Source is where an answer comes from. Every field may be empty.
type Source struct {
	Type string `json:"type,omitempty"` // the kind, such as "Knowledge Base"
	Name string `json:"name,omitempty"` // the title
	URL  string `json:"url,omitempty"`  // as sent: untrusted
	// Score is the confidence in the source's relevance, from 0 to 1; negative if none came.
	Score float64 `json:"score"`
}

// Ticket is one in the ticketing system behind the agent. Every field may be empty.
type Ticket struct {
	ID          string `json:"id,omitempty"`
	Type        string `json:"type,omitempty"`
	Status      string `json:"status,omitempty"`
	Priority    string `json:"priority,omitempty"`
	Description string `json:"description,omitempty"`
	URL         string `json:"url,omitempty"`        // as sent: untrusted
	Attributes  string `json:"attributes,omitempty"` // further data, as text
	Created     Time   `json:"created,omitzero"`
	Modified    Time   `json:"modified,omitzero"` // the last modification
}

// Time is a timestamp of the agent's, whose format is not published.
type Time struct {
	// At is the moment, or zero if Raw could not be understood.
	At time.Time `json:"at,omitzero"`
	// Raw is the timestamp as it was sent; empty if none was.
	Raw string `json:"raw,omitempty"`
}
