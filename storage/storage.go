// Package storage keeps what must survive a crash: questions and how far they
// are, the threads they belong to, tickets, what was seen already, and the
// recent calls to the agent.
//
// A question is in one of these states. Each arrow is one method of [Store] and
// one transaction:
//
//	          Accept            Claim            SetOutcome              End
//	(message) ──────▶ queued ──────────▶ asking ─────────▶ answered ─────▶ delivered
//	                   │  ▲                │                   ▲      └──▶ failed
//	                   │  └──── Requeue ───┘                   │
//	                   ├──────────── SetOutcome (failure) ─────────┘
//	                   └──────────── End ─▶ cancelled   (also from asking and answered)
//	                   └── Claim with another ─▶ merged
//
// The text of a question and of its answer are erased at its end; identifiers,
// times and the outcome stay until [Store.Forget].
package storage

import (
	"context"
	"errors"
	"time"

	"enjobridge/enjo"
)

// What a Store answers when it cannot do what was asked. Test with errors.Is.
var (
	// ErrNotFound says that there is no such question, thread or ticket.
	ErrNotFound = errors.New("not found")
	// ErrState says that the question is not in a state from which this transition goes.
	ErrState = errors.New("the question is in another state")
	// ErrInUse says that another process holds the store.
	ErrInUse = errors.New("another enjobridge is using the store")
	// ErrCorrupt says that the store cannot be read.
	ErrCorrupt = errors.New("the store is damaged")
	// ErrForeign says that the file is not a store of enjobridge's.
	ErrForeign = errors.New("not a store of enjobridge")
	// ErrVersion says that the store was written by a newer enjobridge.
	ErrVersion = errors.New("the store was written by a newer enjobridge")
	// ErrBadID says that an identity cannot be stored: it is longer than [MaxID], or not UTF-8.
	ErrBadID = errors.New("not a usable identity")
)

// MaxID is the length in bytes up to which a store takes each part of a
// [MessageID] and [ThreadID], the ID of a ticket, and a [Key].
const MaxID = 512

// MessageID is the identity of a Slack message, whichever events tell of it.
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

// State says how far a question is. See the diagram in the package's documentation.
type State string

// The states of a question; the last four are its ends.
const (
	Queued    State = "queued"    // waits for its turn
	Asking    State = "asking"    // was claimed; the agent may have been called
	Answered  State = "answered"  // its outcome is stored, and may have been posted
	Delivered State = "delivered" // its answer was posted
	Failed    State = "failed"    // its failure was told to the user
	Cancelled State = "cancelled" // was stopped or deleted by its asker
	Merged    State = "merged"    // was asked together with another question
)

// Ended reports whether s is one of the ends of a question.
func (s State) Ended() bool {
	switch s {
	case Delivered, Failed, Cancelled, Merged:
		return true
	}
	return false
}

// Origin says how a question came about.
type Origin string

// The origins of a question.
const (
	Mention  Origin = "mention"   // a message that mentions the bot
	FollowUp Origin = "follow-up" // a message in a thread that the bot takes part in
	Direct   Origin = "direct"    // a direct message
	Button   Origin = "button"    // a press of a button
)

// Question is one Slack message, or press of a button, that is put to an agent.
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
	// WithHistory says that the earlier messages of the thread go along with the text.
	WithHistory bool `json:"with_history,omitempty"`
	// NewConversation says that the question does not go on with its thread's conversation.
	NewConversation bool `json:"new_conversation,omitempty"`
	// MakesTicket says that asking twice could make two tickets.
	MakesTicket bool `json:"makes_ticket,omitempty"`
	// HasFiles says that files came with the message, which the agent cannot read.
	HasFiles bool `json:"has_files,omitempty"`
	// Again names the messages whose texts are asked again, in order, instead of
	// Text: what people wrote is not kept beyond the end of a question.
	Again []MessageID `json:"again,omitempty"`
	// Ticket is the ID of the ticket whose state is asked for. Only what is new
	// of it is shown then, not the answer.
	Ticket string `json:"ticket,omitempty"`

	State State `json:"state"`
	// Attempts counts the claims.
	Attempts int `json:"attempts,omitempty"`
	// UnknownAttempts counts the attempts of which nobody knows whether the agent
	// processed the question: of merged questions, those of the one with the most.
	UnknownAttempts int `json:"doubts,omitempty"`
	// NotBefore is the earliest time of the next attempt; zero means at once.
	NotBefore  time.Time `json:"not_before,omitzero"`
	AcceptedAt time.Time `json:"accepted_at"`
	AskedAt    time.Time `json:"asked_at,omitzero"` // the last claim
	EndedAt    time.Time `json:"ended_at,omitzero"`

	// With are the questions that were merged into this one; its Text holds theirs, in order.
	With []MessageID `json:"with,omitempty"`
	// Outcome is what is to be told; nil until the question is answered.
	Outcome *Outcome `json:"outcome,omitempty"`
	// Posts are the timestamps of the messages that told the outcome.
	Posts []string `json:"posts,omitempty"`
}

// Outcome is what came of a question: a reply, or a failure.
type Outcome struct {
	// Reply is the agent's; nil for a failure. Its Text is erased at the question's end.
	Reply *enjo.Reply `json:"reply,omitempty"`
	// Failure is the code of what went wrong; empty for a reply.
	Failure Failure `json:"failure,omitempty"`
	// Reference is shown to the user and stands in the log.
	Reference string `json:"reference,omitempty"`
	// Retracted says that the question was taken back by its asker, which holds
	// for no other that was merged into it: such a question is not settled so.
	Retracted bool `json:"withdrawn,omitempty"`
}

// Thread is a Slack thread, tied to one conversation with one agent.
type Thread struct {
	ID    ThreadID `json:"id"`
	Agent string   `json:"agent"` // the agent's name
	// Conversation is the agent's conversation ID; empty until the first reply.
	Conversation string `json:"conversation,omitempty"`
	// Joined says that the bot was called into a thread of people, where it answers mentions only.
	Joined bool `json:"joined,omitempty"`
	// Muted says that the bot is silent here until it is mentioned again.
	Muted bool `json:"muted,omitempty"`
	// BotQuestions is how many of the latest questions in a row were other bots'.
	BotQuestions int `json:"bot_turns,omitempty"`
	// LastActive is the time of the last question or reply.
	LastActive time.Time `json:"last_active"`
}

// Ticket is what the agent told last of a ticket, and where it was told.
type Ticket struct {
	Thread    ThreadID    `json:"thread"`
	Requester string      `json:"requester"` // the Slack user ID of whose question made it
	Latest    enjo.Ticket `json:"told"`
	Card      string      `json:"card,omitempty"` // the ts of its card; empty until it was posted
	Shown     enjo.Ticket `json:"shown,omitzero"` // what the card shows, and what its thread was told
	UpdatedAt time.Time   `json:"updated_at"`
}

// Feedback is what a person thinks of an answer.
type Feedback struct {
	Question MessageID `json:"question"`
	User     string    `json:"user"` // the Slack user ID
	Good     bool      `json:"good"`
	// Reasons are the choices that the person ticked, and Comment is in the
	// person's own words; both empty unless the person said what was not good.
	Reasons []string  `json:"reasons,omitempty"`
	Comment string    `json:"comment,omitempty"`
	At      time.Time `json:"at"`
}

// Preferences are what a person has chosen. The zero value is what holds for
// those who chose nothing.
type Preferences struct {
	User string `json:"user"` // the Slack user ID
	// TicketNews says that the person wants a direct message when one of their
	// tickets changes.
	TicketNews bool `json:"ticket_news,omitempty"`
}

// Backlog is how many questions have not ended.
type Backlog struct {
	// Queued, Asking and Answered count the questions of each state.
	Queued, Asking, Answered int
	// Oldest is when the oldest of them was accepted; zero if there is none.
	Oldest time.Time
}

// Store keeps the bridge's state. Every method is one transaction: it happens
// wholly or not at all, and once it returned without an error it survives a
// crash. A Store is safe for concurrent use.
//
// Errors other than those named at a method mean that the store could not be
// read or written, and that nothing has changed.
type Store interface {
	// Observe sets the function that is called at the end of each operation, with
	// the operation's name, the time that it took and its error. Every method is an
	// operation, except Observe and Close. The name is the method's in snake case
	// ("accept", "set_muted"), or an older one ("renew"), because metrics carry it. The
	// function is called by many goroutines, and must not call the Store. Observe is
	// called once, before the Store is used.
	Observe(hook func(op string, took time.Duration, err error))

	// Accept takes in a new question, in state queued, and creates its thread
	// unless it is known already; a known thread only becomes active (LastActive),
	// counts the bots' questions in a row, and is unmuted if the question is a mention. It returns false, and changes
	// nothing, if the message was accepted before (until Forget).
	//
	// What q holds of later states (Attempts, Outcome, …) is dropped, and
	// thread.ID must be q.Thread. A thread's LastActive never goes back. ErrBadID.
	Accept(ctx context.Context, q Question, thread Thread) (fresh bool, err error)

	// FirstTime returns true the first time it is called with a key, and false
	// afterwards, until Forget. ErrBadID.
	FirstTime(ctx context.Context, key Key, at time.Time) (first bool, err error)

	// Seen reports whether FirstTime was called with the key, and not forgotten since.
	Seen(ctx context.Context, key Key) (bool, error)

	// Increment counts a call with the key, and returns how many there were, until
	// Forget, which goes by the time of the first one. ErrBadID.
	Increment(ctx context.Context, key Key, at time.Time) (n int, err error)

	// Claim takes a queued question to asking, counts the attempt, and merges
	// the queued questions named by with into it, in that order, joining the
	// texts by an empty line; what one of them says of itself (MakesTicket, …),
	// the claimed one says from then on, and it has the most Doubts of them.
	// NotBefore is for who chooses the question: Claim does not look at it, and
	// clears it. It records a call to the agent at the time: see Calls. It returns the question as it is then. ErrNotFound, ErrState.
	Claim(ctx context.Context, id MessageID, with []MessageID, at time.Time) (Question, error)

	// Requeue takes a question that is being asked back to queued; it is not to
	// be claimed before notBefore. With doubt, the agent may have processed it,
	// which is counted. ErrNotFound, ErrState.
	Requeue(ctx context.Context, id MessageID, notBefore time.Time, doubt bool) error

	// Edit gives a queued question that was not asked yet another text, and
	// returns it as it is then. ErrNotFound, ErrState.
	Edit(ctx context.Context, id MessageID, text string) (Question, error)

	// SetOutcome stores the outcome of a queued or asking question, which is then
	// answered. A reply's conversation becomes its thread's, and its ticket is
	// remembered for the thread, keeping the requester and card of an earlier
	// one with the same ID, and what it does not tell (see [Ticket.Tell]). A reply
	// without a conversation leaves the thread's. A question that others were
	// merged into cannot be withdrawn, which is ErrState as well.
	// ErrNotFound, ErrState, ErrBadID (of the ticket).
	SetOutcome(ctx context.Context, id MessageID, outcome Outcome, at time.Time) error

	// StopThread settles all queued and asking questions of a thread: the oldest as
	// [FailureStopped], the others as [FailureDropped]. It returns them as they are
	// then, oldest first.
	StopThread(ctx context.Context, thread ThreadID) ([]Question, error)

	// End takes an unfinished question to one of the ends, with the messages
	// that were posted for it, and erases the texts of question and reply.
	// delivered and failed go from answered only, and merged only through Claim.
	// ErrNotFound, ErrState.
	End(ctx context.Context, id MessageID, end State, posts []string, at time.Time) error

	// Question returns a question. ErrNotFound.
	Question(ctx context.Context, id MessageID) (Question, error)

	// Unfinished returns the questions that have not ended, oldest first.
	Unfinished(ctx context.Context) ([]Question, error)

	// UnfinishedIn returns the questions of a thread that have not ended, oldest first.
	UnfinishedIn(ctx context.Context, thread ThreadID) ([]Question, error)

	// Backlog counts the questions that have not ended. It takes no more memory
	// the more there are.
	Backlog(ctx context.Context) (Backlog, error)

	// Thread returns a thread. ErrNotFound.
	Thread(ctx context.Context, id ThreadID) (Thread, error)

	// SetMuted mutes a thread or unmutes it. ErrNotFound.
	SetMuted(ctx context.Context, id ThreadID, muted bool) error

	// ActiveThreads returns the threads that were active at or after since, the
	// latest first, at most limit.
	ActiveThreads(ctx context.Context, since time.Time, limit int) ([]Thread, error)

	// Watermark returns until when the history of a conversation is known to have been
	// read; zero if it never was.
	Watermark(ctx context.Context, conversation string) (time.Time, error)

	// SetWatermark remembers until when the history of a conversation was read. ErrBadID.
	SetWatermark(ctx context.Context, conversation string, until time.Time) error

	// ResetConversation makes a thread's next question start a new conversation. It
	// does nothing if the thread is unknown.
	ResetConversation(ctx context.Context, id ThreadID) error

	// Tickets returns the tickets of a thread, in the order in which they were first told.
	Tickets(ctx context.Context, thread ThreadID) ([]Ticket, error)

	// TicketsOf returns the tickets of a requester, the latest updated first.
	TicketsOf(ctx context.Context, requester string) ([]Ticket, error)

	// UpdateTicket remembers what the ticketing system itself told of a ticket, in
	// each thread that knows it, and returns these tickets as they are then; see
	// [Ticket.Tell]. ErrNotFound if no thread knows a ticket of the ID.
	UpdateTicket(ctx context.Context, told enjo.Ticket, at time.Time) ([]Ticket, error)

	// OutdatedCards returns the tickets whose card does not show what was told last.
	OutdatedCards(ctx context.Context) ([]Ticket, error)

	// SetCard remembers the message that shows a ticket, and what it shows. ErrNotFound.
	SetCard(ctx context.Context, thread ThreadID, ticketID, ts string, shown enjo.Ticket) error

	// SetFeedback remembers what a person thinks of an answer, in place of what
	// they thought before. ErrBadID.
	SetFeedback(ctx context.Context, f Feedback) error

	// Feedback returns what people think of the answer to a question.
	Feedback(ctx context.Context, question MessageID) ([]Feedback, error)

	// SetPreferences remembers what a person has chosen. ErrBadID.
	SetPreferences(ctx context.Context, p Preferences) error

	// Preferences returns what a person has chosen.
	Preferences(ctx context.Context, user string) (Preferences, error)

	// Calls returns the times of the recorded calls at or after since, ascending:
	// one for each Claim. Those after now were recorded before the clock was set back.
	Calls(ctx context.Context, since time.Time) ([]time.Time, error)

	// Forget deletes what was seen and the calls that were recorded before
	// seenBefore, and ended questions, threads, tickets and feedback that were last
	// active before idleBefore; never an
	// unfinished question or its thread. It works in small batches, so that
	// other transactions are not held up.
	Forget(ctx context.Context, seenBefore, idleBefore time.Time) error

	// Probe writes something of no meaning, so that it is known whether the store
	// can be written to.
	Probe(ctx context.Context) error

	// Close releases the store. Methods called afterwards fail.
	Close() error
}
