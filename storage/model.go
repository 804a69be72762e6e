package storage

import (
	"time"

	"enjobridge/enjo"
)

// MessageID is the identity of a Slack message, whatever event contains it.
type MessageID struct {
	Team    string `json:"team"`
	Channel string `json:"channel"`
	TS      string `json:"ts"`
}

// String returns "team/channel/ts".
func (id MessageID) String() string { return id.Team + "/" + id.Channel + "/" + id.TS }

// ThreadID is the identity of a Slack thread: its root message.
// A direct message without threads is the thread whose Root is empty.
type ThreadID struct {
	Team    string `json:"team"`
	Channel string `json:"channel"`
	Root    string `json:"root"`
}

// String returns "team/channel/root".
func (id ThreadID) String() string { return id.Team + "/" + id.Channel + "/" + id.Root }

// State is the state of a question. See the diagram in the package's documentation.
type State string

// The states of a question. The last four are end states.
const (
	Queued    State = "queued"    // waits for its turn
	Asking    State = "asking"    // was claimed; the agent may have been called
	Answered  State = "answered"  // its outcome is stored, and may have been posted
	Delivered State = "delivered" // its answer was posted
	Failed    State = "failed"    // its failure was reported to the user
	Cancelled State = "cancelled" // its asker stopped or deleted it
	Merged    State = "merged"    // was asked together with another question
)

// Known reports whether s is one of the states.
func (s State) Known() bool { return s == Queued || s == Asking || s == Answered || s.Ended() }

// Ended reports whether s is an end state.
func (s State) Ended() bool {
	switch s {
	case Delivered, Failed, Cancelled, Merged:
		return true
	}
	return false
}

// Origin says where a question came from.
type Origin string

// The origins of a question.
const (
	Mention  Origin = "mention"   // a message that mentions the bot
	FollowUp Origin = "follow-up" // a message in a thread that the bot takes part in
	Direct   Origin = "direct"    // a direct message
	Button   Origin = "button"    // a press of a button
	Command  Origin = "command"   // the slash command; see [CommandID]
)

// Question is one Slack message, press of a button, or slash command that is put to an agent.
type Question struct {
	ID     MessageID `json:"id"`
	Thread ThreadID  `json:"thread"`
	Asker  string    `json:"asker"` // the Slack user ID
	Agent  string    `json:"agent"` // the agent's name
	Origin Origin    `json:"origin"`
	// ByBot says that another bot asks.
	ByBot bool `json:"by_bot,omitempty"`
	// Text is the message as Slack sent it; empty once the question has ended.
	Text string `json:"text,omitempty"`
	// ResponseURL shows a private answer to its asker for 30 minutes; see [ThreadID.IsPrivate].
	// It is a secret, and empty once the question has ended.
	ResponseURL string `json:"response_url,omitempty"`
	// NewConversation says that the question starts a new conversation in its thread.
	NewConversation bool `json:"new_conversation,omitempty"`
	// MakesTicket says that asking twice could create two tickets.
	MakesTicket bool `json:"makes_ticket,omitempty"`
	// WantsPerson says that the message asks for a person in words: its outcome is an offer
	// to call one, and no agent is asked.
	WantsPerson bool `json:"wants_person,omitempty"`
	// HasFiles says that the message has files that the agent cannot read. UnreadFiles are
	// their names, which are erased once the question has ended.
	HasFiles    bool     `json:"has_files,omitempty"`
	UnreadFiles []string `json:"unread_files,omitempty"`
	// Again lists the messages whose texts are asked as Slack has them, in order, instead of
	// Text: the texts of a question are erased at its end, and of questions that were merged
	// only the whole is known when one of them is edited.
	Again []MessageID `json:"again,omitempty"`
	// Ticket is the ID of the ticket whose status is requested. The bot then shows only
	// the ticket's changes, not the answer.
	Ticket string `json:"ticket,omitempty"`

	State State `json:"state"`
	// Attempts is the number of claims.
	Attempts int `json:"attempts,omitempty"`
	// UnknownAttempts is the number of attempts after which it is unknown whether the
	// agent processed the question. Of merged questions, the highest number counts.
	UnknownAttempts int `json:"doubts,omitempty"`
	// NotBefore is the earliest time of the next attempt; zero means at once.
	NotBefore  time.Time `json:"not_before,omitzero"`
	AcceptedAt time.Time `json:"accepted_at"`
	AskedAt    time.Time `json:"asked_at,omitzero"` // the last claim
	// AnsweredAt is when the outcome was stored; zero if the question was stopped.
	AnsweredAt time.Time `json:"answered_at,omitzero"`
	EndedAt    time.Time `json:"ended_at,omitzero"`

	// With lists the questions that were merged into this one. Text contains their texts,
	// in order.
	With []MessageID `json:"with,omitempty"`
	// Lead is the question that this one was merged into, which can be merged itself; zero for
	// none.
	Lead MessageID `json:"lead,omitzero"`
	// Outcome is nil until the question is answered.
	Outcome *Outcome `json:"outcome,omitempty"`
	// Posts are the timestamps of the messages with the outcome.
	Posts []string `json:"posts,omitempty"`
	// Kept is the text of an answer that only its asker has seen, so that it can be shared.
	// It is erased when it is shared, and by [Store.EraseAnswers].
	Kept string `json:"kept,omitempty"`
}

// Outcome is the result of a question: a reply, or a failure.
type Outcome struct {
	// Reply is the agent's reply; nil for a failure. Its Text is erased at the question's end.
	Reply *enjo.Reply `json:"reply,omitempty"`
	// Failure is the code of the failure; empty for a reply.
	Failure Failure `json:"failure,omitempty"`
	// Reference is shown to the user and logged.
	Reference string `json:"reference,omitempty"`
	// SentUntil is the timestamp of the latest message of the thread that was sent with
	// the question; see [Thread].
	SentUntil string `json:"sent_until,omitempty"`
	// UnreadFiles are the names of the files that the agent could not read. They are
	// erased at the question's end.
	UnreadFiles []string `json:"unread_files,omitempty"`
	// Retracted says that the asker deleted the question. A question that others were
	// merged into cannot get such an outcome, because it does not apply to them.
	Retracted bool `json:"withdrawn,omitempty"`
}

// Thread is a Slack thread, tied to one conversation with one agent.
type Thread struct {
	ID    ThreadID `json:"id"`
	Agent string   `json:"agent"` // the agent's name
	// Conversation is the agent's conversation ID; empty until the first reply.
	Conversation string `json:"conversation,omitempty"`
	// Joined says that a mention called the bot into a thread of people, where it answers
	// mentions only.
	Joined bool `json:"joined,omitempty"`
	// Muted says that the bot is silent here until it is mentioned again.
	Muted bool `json:"muted,omitempty"`
	// Askers are the people who have asked here, at most 500 of them, with the timestamp of
	// their earliest question: from then on they can continue without a mention.
	Askers map[string]string `json:"askers,omitempty"`
	// SentUntil is the timestamp up to which the thread was sent to the agent, apart from
	// the agent's own answers; empty if nothing was. It stays when people start a new
	// conversation, which then knows only what is said later.
	SentUntil string `json:"sent_until,omitempty"`
	// BotQuestions is the number of consecutive latest questions that came from bots.
	BotQuestions int `json:"bot_turns,omitempty"`
	// Continues is the thread whose conversation and tickets this one shares; zero for none.
	Continues ThreadID `json:"continues,omitzero"`
	// Posted says that nobody has replied yet to the post of the bot that is the root.
	Posted bool `json:"posted,omitempty"`
	// LastActive is the time of the last question or reply.
	LastActive time.Time `json:"last_active"`
}

// Ticket is the latest data of a ticket in a thread.
type Ticket struct {
	Thread    ThreadID    `json:"thread"`
	Requester string      `json:"requester"` // the Slack user ID of the asker of the question that created it
	Latest    enjo.Ticket `json:"told"`
	Card      string      `json:"card,omitempty"` // the ts of its card; empty until the card is posted
	Shown     enjo.Ticket `json:"shown,omitzero"` // the data that the card shows
	UpdatedAt time.Time   `json:"updated_at"`
}

// Feedback is a user's rating of an answer.
type Feedback struct {
	Question MessageID `json:"question"`
	User     string    `json:"user"` // the Slack user ID
	Good     bool      `json:"good"`
	// Reasons are the options that the user selected, and Comment is the user's free text.
	// Both are empty unless the user explained a negative rating.
	Reasons []string  `json:"reasons,omitempty"`
	Comment string    `json:"comment,omitempty"`
	At      time.Time `json:"at"`
}

// Event is something that happened to a question once.
type Event struct {
	Kind     EventKind
	Question MessageID
	At       time.Time
}

// EventKind is a kind of [Event].
type EventKind string

// The kinds of events.
const (
	// Called says that somebody asked to talk to a person below the answer.
	Called EventKind = "called"
	// Shared says that the asker shared a private answer in its channel.
	Shared EventKind = "shared"
	// Ticketed says that the agent created a ticket for the question.
	Ticketed EventKind = "ticketed"
)

// Press is a press of a button whose effect is not complete yet: Slack sends it once, so
// the next process completes it if this one ends before.
type Press struct {
	Message MessageID `json:"-"` // with the button
	Action  string    `json:"-"` // the button's action_id
	At      time.Time `json:"-"`
	// ThreadTS is the root of the thread of the message, if it is a reply.
	ThreadTS string `json:"thread_ts,omitempty"`
	User     string `json:"user"` // the Slack user ID
	// Private says that only the person sees the message.
	Private bool `json:"private,omitempty"`
	// Value is the button's value, which can contain the text of a private question.
	Value string `json:"value,omitempty"`
}

// Preferences are a user's settings. The zero value is the default.
type Preferences struct {
	User string `json:"user"` // the Slack user ID
	// TicketNews says that the user wants a direct message when one of their tickets
	// changes.
	TicketNews bool `json:"ticket_news,omitempty"`
}

// Forgotten counts the records of a person that [Store.ForgetPerson] deleted.
type Forgotten struct {
	Questions int `json:"questions"`
	Threads   int `json:"threads"`
	Tickets   int `json:"tickets"`
	Feedback  int `json:"feedback"`
	// Others are preferences, keys and damaged records that name the person, what is stored
	// about their direct messages, and their name in threads of others.
	Others int `json:"others"`
	// Unfinished counts what was left because it is in progress: questions, and presses of
	// buttons.
	Unfinished int `json:"unfinished"`
}

// Add adds other counts.
func (f *Forgotten) Add(more Forgotten) {
	f.Questions += more.Questions
	f.Threads += more.Threads
	f.Tickets += more.Tickets
	f.Feedback += more.Feedback
	f.Others += more.Others
	f.Unfinished += more.Unfinished
}

// Backlog counts the questions that have not ended.
type Backlog struct {
	// Queued, Asking and Answered count the questions of each state.
	Queued, Asking, Answered int
	// Oldest is the acceptance time of the oldest of them; zero if there is none.
	Oldest time.Time
}
