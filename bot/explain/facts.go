package explain

import (
	"time"

	"enjobridge/storage"
)

// Explanation is what is known about a message. It has no texts of people or of the agent.
type Explanation struct {
	// Summary is one sentence that says what became of the message.
	Summary string `json:"summary"`
	// Advice says what an operator can do; empty if there is nothing to do.
	Advice string `json:"advice,omitempty"`
	// Message is team/channel/ts, and Reference is what users see in error messages.
	Message   string    `json:"message"`
	Reference string    `json:"reference"`
	SentAt    time.Time `json:"sent_at,omitzero"`
	// LinkedPost is the bot's own message that was asked about, if any: the rest is about the
	// message to which it belongs.
	LinkedPost string `json:"linked_post,omitempty"`

	Copies []Copy `json:"copies,omitempty"`
	// OmittedCopies is how many more copies there were between the first and the last ones.
	OmittedCopies int `json:"omitted_copies,omitempty"`
	// Marks are sentences about other records of the message.
	Marks    []string  `json:"marks,omitempty"`
	Question *Question `json:"question,omitempty"`
	Thread   *Thread   `json:"thread,omitempty"`
	Tickets  []Ticket  `json:"tickets,omitempty"`
	// Unknown is there if nothing is stored about the message.
	Unknown *Unknown `json:"unknown,omitempty"`
}

// Copy is one arrival of the message, of an edit or of its deletion.
type Copy struct {
	At       time.Time `json:"at"`
	Event    string    `json:"event"`
	Retry    int       `json:"retry,omitempty"`
	Decision string    `json:"decision"`
	Reason   string    `json:"reason"`
}

// Question is the question that the message became.
type Question struct {
	State           storage.State  `json:"state"`
	Origin          storage.Origin `json:"origin"`
	Asker           string         `json:"asker"`
	Agent           string         `json:"agent"`
	Private         bool           `json:"private,omitempty"`
	AcceptedAt      time.Time      `json:"accepted_at"`
	AskedAt         time.Time      `json:"asked_at,omitzero"` // the last attempt
	AnsweredAt      time.Time      `json:"answered_at,omitzero"`
	EndedAt         time.Time      `json:"ended_at,omitzero"`
	NotBefore       time.Time      `json:"not_before,omitzero"`
	Attempts        int            `json:"attempts,omitempty"`
	UnknownAttempts int            `json:"unknown_attempts,omitempty"`
	Replied         bool           `json:"replied,omitempty"` // the agent replied
	Failure         string         `json:"failure,omitempty"`
	Reference       string         `json:"failure_reference,omitempty"`
	Retracted       bool           `json:"retracted,omitempty"`
	// With are the messages that were asked together with it. Lead is the one with which it
	// was asked itself, and LeadSummary what became of that.
	With        []string `json:"with,omitempty"`
	Lead        string   `json:"lead,omitempty"`
	LeadSummary string   `json:"lead_summary,omitempty"`
	leadAdvice  string   // what an operator can do about that
	Posts       []Post   `json:"posts,omitempty"`
	// Shared is the thread in which a private answer was shared.
	Shared string `json:"shared,omitempty"`
	Good   int    `json:"good_ratings,omitempty"`
	Bad    int    `json:"bad_ratings,omitempty"`
}

// Post is a message with the outcome.
type Post struct {
	TS   string    `json:"ts"`
	At   time.Time `json:"at,omitzero"`
	Link string    `json:"link,omitempty"`
}

// Thread is the thread in which the message is answered.
type Thread struct {
	ID           string    `json:"id"`
	Agent        string    `json:"agent"`
	Conversation bool      `json:"conversation"` // it has one with the agent
	Joined       bool      `json:"joined,omitempty"`
	Muted        bool      `json:"muted,omitempty"`
	Askers       int       `json:"askers"`
	Unfinished   int       `json:"unfinished,omitempty"`
	LastActive   time.Time `json:"last_active"`
}

// Ticket is a ticket of the thread.
type Ticket struct {
	ID        string    `json:"id"`
	Status    string    `json:"status,omitempty"`
	UpdatedAt time.Time `json:"updated_at"`
}

// Unknown says what would be decided about a message about which nothing is stored, and why
// its event may never have arrived.
type Unknown struct {
	// Found says that Slack returned the message; otherwise Error says why not.
	Found bool   `json:"found"`
	Error string `json:"error,omitempty"`
	// Decision and Reason are what would be decided now; empty if the message was not found.
	Decision string `json:"decision,omitempty"`
	Reason   string `json:"reason,omitempty"`
	// Causes are sentences: why its event may never have arrived.
	Causes []string `json:"causes,omitempty"`
}
