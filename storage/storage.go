// Package storage stores the state that must survive a crash: questions and their
// states, their threads, tickets, keys that were seen, the recent calls to the agent, and
// Slack tokens that expire.
//
// A question is in one of these states. Each arrow is one method of [Store] and
// one transaction:
//
//	          Accept            Claim           SetOutcome            End
//	(message) ──────▶ queued ──────────▶ asking ──────────▶ answered ─────▶ delivered
//	                   │  ▲                │                    ▲      └──▶ failed
//	                   │  └──── Requeue ───┘                    │
//	                   ├────────── SetOutcome (failure) ────────┘
//	                   └────────── End ─▶ cancelled   (also from asking and answered)
//	                   └── Claim with another, AcceptDirect of another ─▶ merged
//
// The texts of a question and of its answer are erased at its end; the text of an answer
// that its asker can share is kept for a while: see [Question.Kept]. Identifiers, times
// and the outcome stay until [Store.Forget].
package storage

import (
	"context"
	"errors"
	"time"

	"enjobridge/enjo"
)

// The errors of a Store. Test for them with errors.Is.
var (
	// ErrNotFound says that there is no such question, thread or ticket.
	ErrNotFound = errors.New("not found")
	// ErrState says that the question's state does not allow this transition.
	ErrState = errors.New("the question is in another state")
	// ErrInUse says that another process has opened the store.
	ErrInUse = errors.New("another enjobridge is using the store")
	// ErrCorrupt says that the store cannot be read.
	ErrCorrupt = errors.New("the store is damaged")
	// ErrGone says that the store's file was deleted or replaced while it is open. Nothing
	// is written until the file is back.
	ErrGone = errors.New("the store's file was deleted or replaced while enjobridge uses it: put it back, or take a backup before you restart")
	// ErrForeign says that the file is not a store of enjobridge.
	ErrForeign = errors.New("not a store of enjobridge")
	// ErrVersion says that the store was written by a newer enjobridge.
	ErrVersion = errors.New("the store was written by a newer enjobridge")
	// ErrBadID says that an identity cannot be stored: it is longer than [MaxID], or not UTF-8.
	ErrBadID = errors.New("invalid identity")
)

// MaxID is the maximum length in bytes of each part of a [MessageID] and of a [ThreadID],
// of the ID of a ticket, and of a [Key].
const MaxID = 512

// Store stores the bridge's state. Every method is one transaction: it is atomic, and
// after it has returned without an error, its changes survive a crash. A Store is safe
// for concurrent use.
//
// Errors other than those listed at a method mean that the store could not be read or
// written, and that nothing has changed.
//
// A record that cannot be read is set aside, and is then not found. If it is an unfinished
// question, it becomes answered with [FailureInternal]; if it is the thread of one, it
// starts a new conversation.
type Store interface {
	// Observe sets the function that is called at the end of each operation, with
	// the operation's name, the time that it took and its error. Every method is an
	// operation, except Observe and Close. The name is the method's in snake case
	// ("accept", "set_muted"), or an older name ("renew"), because metrics contain it.
	// A damaged record that was set aside is reported once, as [OperationSetAside]
	// with a [SetAsideError]. Many goroutines call the function, and it must not call
	// the Store. Call Observe once, before using the Store.
	Observe(hook func(op string, took time.Duration, err error))

	// Decide calls decide with a Store for what is read and written together. Of decisions
	// with the same channel, or the same person, one is made after the other. A [Replicated] store
	// makes that true for all replicas: all of decide is one transaction, and an error of
	// decide undoes it; decide can be called more than once, must not wait, and must use no
	// other Store. The Store of one process leaves the order to its callers, and each method
	// that decide calls is a transaction.
	Decide(ctx context.Context, scope Scope, decide func(Store) error) error

	// Accept stores a new question in the state queued, and creates its thread if it is
	// unknown. In a known thread it updates LastActive, which never goes back, and
	// BotQuestions; a mention unmutes the thread, and one by its root makes it the bot's
	// own. In any thread it adds the asker to
	// Askers, unless a bot asks, or the question asks for the status of a ticket. Accept
	// returns false and changes nothing if the message was accepted before and not
	// forgotten since.
	//
	// The fields of q for later states (Attempts, Outcome, …) are ignored. thread.ID must
	// be q.Thread. ErrBadID.
	Accept(ctx context.Context, q Question, thread Thread) (fresh bool, err error)

	// AcceptDirect accepts a direct message at the top like Accept, and merges into it what
	// the same person said before at the top of the same direct messages and waits for its
	// first attempt, unless its thread has a conversation already; see
	// [Question.MergeDirect]. It returns the question as it is stored,
	// and the merged ones in order. ErrBadID.
	AcceptDirect(ctx context.Context, q Question, thread Thread) (accepted Question, merged []Question, fresh bool, err error)

	// FirstTime returns true the first time it is called with a key, and false
	// afterwards, until Forget. ErrBadID.
	FirstTime(ctx context.Context, key Key, at time.Time) (first bool, err error)

	// FirstTimeSince is FirstTime, but a key that was stored before since counts as not
	// stored, and is stored again with the new time: who stored it can have crashed before the
	// effect was complete. ErrBadID.
	FirstTimeSince(ctx context.Context, key Key, at, since time.Time) (first bool, err error)

	// Seen reports whether FirstTime was called with the key and not forgotten since.
	Seen(ctx context.Context, key Key) (bool, error)

	// Increment increments the counter of a key and returns its value. Forget deletes a
	// counter by the time of its first increment. ErrBadID.
	Increment(ctx context.Context, key Key, at time.Time) (n int, err error)

	// Count returns the value of the counter of a key; 0 if there is none.
	Count(ctx context.Context, key Key) (n int, err error)

	// AddPress stores a press of a button, unless one of the same button is stored. Forget
	// deletes a press like a key of FirstTime. ErrBadID.
	AddPress(ctx context.Context, p Press) error

	// EndPress deletes the press of a button of a message, because its effect is complete.
	EndPress(ctx context.Context, message MessageID, action string) error

	// Presses returns the presses whose effect is not complete.
	Presses(ctx context.Context) ([]Press, error)

	// Claim moves a queued question to asking, counts the attempt, and records a call to
	// the agent at the given time: see Calls. It merges the queued questions in with into
	// the question, in that order: it joins the texts with an empty line, and the names of
	// files, sets each of the flags (MakesTicket, …) that is set in any of them, and takes the highest
	// UnknownAttempts. Claim ignores NotBefore, which the caller checks, and clears it. It
	// returns the claimed question. ErrNotFound, ErrState.
	Claim(ctx context.Context, id MessageID, with []MessageID, at time.Time) (Question, error)

	// Requeue moves an asking question back to queued. It must not be claimed before
	// notBefore. Set outcomeUnknown if the agent may have processed the question; Requeue
	// counts that in UnknownAttempts. ErrNotFound, ErrState.
	Requeue(ctx context.Context, id MessageID, notBefore time.Time, outcomeUnknown bool) error

	// Edit replaces the text of a queued question that the agent has certainly not
	// processed, and returns the updated question. If others were merged into it, Again
	// lists all of its messages instead. Editing a merged question edits, and returns, the
	// one that it was merged into. ErrNotFound, ErrState.
	Edit(ctx context.Context, id MessageID, text string) (Question, error)

	// SetOutcome stores the outcome of a queued or asking question and moves it to
	// answered. The thread takes over the conversation of a reply, if the reply has one,
	// and its ticket. With a reply, SentUntil of the thread moves forward, never back, to
	// that of the outcome; if the conversation is new it becomes that of the outcome. A known
	// ticket with the same ID is updated, also one of the thread that this one continues: see
	// [Ticket.Update]. The other threads of the questions that were merged into this one
	// continue its thread.
	// ErrNotFound; ErrState, also for a retracted outcome of a question that others were
	// merged into; ErrBadID for the ticket's ID.
	SetOutcome(ctx context.Context, id MessageID, outcome Outcome, at time.Time) error

	// StopThread sets the outcome of all queued and asking questions of a thread: of the
	// oldest to [FailureStopped], of the others to [FailureDropped]. It returns the updated
	// questions, oldest first.
	StopThread(ctx context.Context, thread ThreadID) ([]Question, error)

	// End moves an unfinished question to an end state, stores the timestamps of the
	// messages that were posted for it, and erases the texts of question and reply, and the
	// response URL. The text of a private answer that was not posted, and that can be shared,
	// is kept apart: see [Question.Kept]. In a
	// direct message without threads, each of these messages becomes the root of a thread
	// that continues the question's: see LinkThread. Only
	// an answered question can become delivered or failed. Only Claim makes a question
	// merged. ErrNotFound, ErrState.
	End(ctx context.Context, id MessageID, end State, posts []string, at time.Time) error

	// Question returns a question. ErrNotFound.
	Question(ctx context.Context, id MessageID) (Question, error)

	// Unfinished returns the questions that have not ended, oldest first.
	Unfinished(ctx context.Context) ([]Question, error)

	// UnfinishedIn returns the questions of a thread that have not ended, oldest first.
	UnfinishedIn(ctx context.Context, thread ThreadID) ([]Question, error)

	// Waiting counts the questions that have not ended, for a decision on a question of a person
	// in a thread; see [Store.Decide].
	Waiting(ctx context.Context, thread ThreadID, asker string) (Waiting, error)

	// Backlog counts the questions that have not ended. Its memory use does not depend on
	// their number.
	Backlog(ctx context.Context) (Backlog, error)

	// Thread returns a thread. ErrNotFound.
	Thread(ctx context.Context, id ThreadID) (Thread, error)

	// SetMuted mutes a thread or unmutes it. ErrNotFound.
	SetMuted(ctx context.Context, id ThreadID, muted bool) error

	// LinkThread makes the thread of a post of the bot in direct messages continue another
	// thread. It changes nothing if the post's thread already has a conversation, or
	// continues a thread. ErrNotFound if the other thread is unknown; ErrBadID.
	LinkThread(ctx context.Context, post, continues ThreadID, at time.Time) error

	// Publish records that the answer to a private question was posted as the root of a
	// thread: that thread has the conversation and the tickets of the question's from now on,
	// and its askers go on there without a mention. The private thread continues it. Publish
	// erases the kept text of the answer. It may be called again. ErrNotFound; ErrState if
	// the question's thread is not private; ErrBadID.
	Publish(ctx context.Context, id MessageID, in ThreadID, at time.Time) error

	// EraseAnswers erases the kept texts of private answers to questions that ended at or
	// after from and before before; see [Question.Kept].
	EraseAnswers(ctx context.Context, from, before time.Time) error

	// MuteOnce mutes a thread and returns true the first time it is called with a key, as
	// FirstTime does. Afterwards it changes nothing and returns false. ErrNotFound, ErrBadID.
	MuteOnce(ctx context.Context, id ThreadID, key Key, at time.Time) (first bool, err error)

	// ActiveThreads returns at most limit threads that were active at or after since, the
	// latest first. It leaves out private ones, and posts of the bot to which nobody has
	// replied.
	ActiveThreads(ctx context.Context, since time.Time, limit int) ([]Thread, error)

	// Watermark returns the time up to which the history of a conversation has been read;
	// zero if it has never been read.
	Watermark(ctx context.Context, conversation string) (time.Time, error)

	// SetWatermark stores the time up to which the history of a conversation has been read.
	// ErrBadID.
	SetWatermark(ctx context.Context, conversation string, until time.Time) error

	// ResetConversation makes a thread's next question start a new conversation, on
	// purpose: SentUntil stays, so that only what is said later is sent. The thread does not
	// continue another one any more. It does nothing if the thread is unknown.
	ResetConversation(ctx context.Context, id ThreadID) error

	// MoveChannel gives the threads, questions, tickets, feedback, histories, watermark and
	// keys of a channel the channel's new ID, and returns the unfinished questions under it. A
	// thread that has both IDs continues the older conversation; of other records, those
	// with the new ID stay. MoveChannel works in batches, so that other transactions do
	// not wait long: called again after an error, or twice, it moves the rest. ErrBadID.
	MoveChannel(ctx context.Context, team, from, to string) (unfinished []Question, err error)

	// Tickets returns the tickets of a thread in the order in which they were first stored,
	// after those of the thread that it continues.
	Tickets(ctx context.Context, thread ThreadID) ([]Ticket, error)

	// TicketsOf returns the tickets of a requester, the most recently updated first.
	TicketsOf(ctx context.Context, requester string) ([]Ticket, error)

	// UpdateTicket stores data from the ticketing system in each thread that has the
	// ticket, and returns the updated tickets; see [Ticket.Update]. ErrNotFound if no
	// thread has a ticket with the ID.
	UpdateTicket(ctx context.Context, latest enjo.Ticket, at time.Time) ([]Ticket, error)

	// OutdatedCards returns the tickets whose card does not show the latest data.
	OutdatedCards(ctx context.Context) ([]Ticket, error)

	// SetCard stores the message that shows a ticket, and the data that it shows.
	// ErrNotFound.
	SetCard(ctx context.Context, thread ThreadID, ticketID, ts string, shown enjo.Ticket) error

	// SetFeedback stores a user's feedback on an answer and replaces their earlier
	// feedback. ErrBadID.
	SetFeedback(ctx context.Context, f Feedback) error

	// Feedback returns the feedback on the answer to a question.
	Feedback(ctx context.Context, question MessageID) ([]Feedback, error)

	// EachEnded calls visit for the questions that ended at or after from and before until,
	// in the order of their ends. EachFeedback and EachEvent do so for the feedback and the
	// events of that time. visit can call the Store; an error of visit ends the iteration,
	// and is returned. Their memory use does not depend on the number of records. What
	// changes meanwhile can be left out.
	EachEnded(ctx context.Context, from, until time.Time, visit func(Question) error) error

	// EachFeedback is described at EachEnded.
	EachFeedback(ctx context.Context, from, until time.Time, visit func(Feedback) error) error

	// EachEvent is described at EachEnded.
	EachEvent(ctx context.Context, from, until time.Time, visit func(Event) error) error

	// SetPreferences stores a user's preferences. ErrBadID.
	SetPreferences(ctx context.Context, p Preferences) error

	// Preferences returns a user's preferences.
	Preferences(ctx context.Context, user string) (Preferences, error)

	// SetToken stores a token, and replaces the one of its kind. ErrBadID.
	SetToken(ctx context.Context, token Token) error

	// Token returns the token of a kind. ErrNotFound.
	Token(ctx context.Context, kind TokenKind) (Token, error)

	// Calls returns the times of the calls at or after since, in ascending order. Each
	// Claim records one call. Times in the future mean that the clock was set back.
	Calls(ctx context.Context, since time.Time) ([]time.Time, error)

	// RecordCopies adds copies to the histories of their messages: see [History]. ErrBadID.
	RecordCopies(ctx context.Context, copies []Copy) error

	// History returns what is remembered about a message. ErrNotFound.
	History(ctx context.Context, message MessageID) (History, error)

	// Referenced returns the messages with a history and a [Reference], at most ten.
	Referenced(ctx context.Context, reference string) ([]MessageID, error)

	// Forget deletes keys, counters and calls from before seenBefore, ended questions,
	// threads, tickets, feedback and events that were last active before idleBefore, and
	// histories that began before it. It never deletes an unfinished question or its thread,
	// a [WelcomeKey] or a [ReportKey]. It works in small batches, so that other transactions
	// do not wait long.
	Forget(ctx context.Context, seenBefore, idleBefore time.Time) error

	// ForgetPerson deletes everything about a person: their ended questions, also those that
	// others continued, the tickets that they requested, their feedback, preferences and keys,
	// and the histories and the watermark of their direct messages. A thread in which nobody
	// else has asked is deleted; the others lose the person as asker. It remembers that the
	// messages of the questions are decided. What the person has in progress stays, and is
	// counted. It reads the whole store, in small batches; called again after an error, it
	// deletes the rest. ErrBadID.
	ForgetPerson(ctx context.Context, user string) (Forgotten, error)

	// Probe writes a meaningless value to test whether the store is writable.
	Probe(ctx context.Context) error

	// Close releases the store. Methods called afterwards fail.
	Close() error
}
