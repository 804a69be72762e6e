package storage

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// Created returns the thread as a store creates it for its first question; see
// [Store.Accept].
func (t Thread) Created(q Question) Thread {
	t.LastActive = t.LastActive.UTC()
	t.addAsker(q)
	return t
}

// Asked updates a known thread after a new question; see [Store.Accept].
func (t *Thread) Asked(q Question, at time.Time) {
	t.active(at)
	t.Posted = false
	t.addAsker(q)
	if q.Origin == Mention {
		t.Muted = false
		t.Joined = t.Joined && q.ID.TS != t.ID.Root // the root can be accepted late, or be edited
	}
	if q.ByBot {
		t.BotQuestions++
	} else {
		t.BotQuestions = 0
	}
}

// maxAskers bounds the askers of a thread. Later ones need a mention.
const maxAskers = 500

// addAsker adds the person who asks to the thread's askers. A press of a button counts,
// because the agent can ask back; a request for a ticket's status does not, because only
// the ticket's changes are shown. Questions can be accepted in another order than they
// were asked in.
func (t *Thread) addAsker(q Question) {
	if q.ByBot || q.Asker == "" || q.Ticket != "" {
		return
	}
	since := q.ID.TS
	if q.Origin == Button || q.Origin == Command { // its TS is that of the message with the button, or of none
		since = fmt.Sprintf("%d.%06d", q.AcceptedAt.Unix(), q.AcceptedAt.Nanosecond()/1000)
	}
	t.addAskerSince(q.Asker, since)
}

// addAskerSince adds a person who has asked since a timestamp.
func (t *Thread) addAskerSince(user, since string) {
	before, known := t.Askers[user]
	if known && CompareTS(before, since) <= 0 || !known && len(t.Askers) >= maxAskers {
		return
	}
	t.Askers = maps.Clone(t.Askers) // the caller may still use its map
	if t.Askers == nil {
		t.Askers = make(map[string]string)
	}
	t.Askers[user] = since
}

// HasAsked reports whether a person had asked in the thread before a message.
func (t *Thread) HasAsked(user, ts string) bool {
	since, known := t.Askers[user]
	return known && CompareTS(since, ts) < 0
}

// ForgetAsker removes a person from the askers, unless one of the thread's unfinished
// questions is theirs. The thread is unused if nobody else has asked there. See
// [Store.ForgetPerson].
func (t *Thread) ForgetAsker(user string, unfinished []Question) (forgotten, unused bool) {
	if t.Askers[user] == "" || slices.ContainsFunc(unfinished, func(q Question) bool { return q.Asker == user }) {
		return false, false
	}
	delete(t.Askers, user)
	return true, len(t.Askers)+len(unfinished) == 0
}

// Replied updates a thread after an outcome with a reply; see [Store.SetOutcome].
func (t *Thread) Replied(outcome Outcome, at time.Time) {
	t.active(at)
	conversation := outcome.Reply.ConversationID
	isNew := conversation != "" && conversation != t.Conversation
	// Without a conversation the agent will not know what was sent.
	if isNew || t.Conversation != "" && CompareTS(outcome.SentUntil, t.SentUntil) > 0 {
		t.SentUntil = outcome.SentUntil
	}
	if isNew {
		t.Conversation = conversation
	}
}

// Continue makes the thread share the conversation and the tickets of another thread.
func (t *Thread) Continue(other Thread, conversation string) {
	t.Agent, t.Conversation, t.Continues = other.Agent, conversation, other.ID
	if other.Continues != (ThreadID{}) {
		t.Continues = other.Continues // that is where the tickets are
	}
}

// ContinueMerged makes the thread of a question that was merged into one of another thread
// continue that thread; see [Store.SetOutcome].
func (t *Thread) ContinueMerged(other Thread, merged MessageID) {
	t.Continue(other, other.Conversation)
	if CompareTS(t.SentUntil, merged.TS) < 0 {
		t.SentUntil = merged.TS // the agent got it with the question
	}
}

// Reset makes the thread's next question start a new conversation; see
// [Store.ResetConversation].
func (t *Thread) Reset() { t.Conversation, t.Continues = "", ThreadID{} }

// MissingThread returns the thread of an unfinished question that is not stored. Forget never
// deletes it, but damage can.
func (q Question) MissingThread(at time.Time) Thread {
	return Thread{ID: q.Thread, Agent: q.Agent, LastActive: at}.Created(q)
}

// PostThreads returns the threads of the posts of an ended question that continue its thread:
// in a direct message without threads, a person can reply to each of them; see [Store.End].
func (q Question) PostThreads() (threads []Thread) {
	if q.Thread.Root != "" {
		return nil
	}
	for _, ts := range q.Posts {
		post := Thread{ID: q.Thread}
		post.ID.Root = ts
		if q.Outcome != nil && q.Outcome.Reply != nil {
			post.SentUntil = ts
		}
		threads = append(threads, post)
	}
	return threads
}

// ConversationIn returns the conversation of an ended question in its thread.
func (q Question) ConversationIn(thread Thread) string {
	if q.Outcome != nil && q.Outcome.Reply != nil && q.Outcome.Reply.ConversationID != "" {
		return q.Outcome.Reply.ConversationID
	}
	return thread.Conversation
}

// Link makes the thread of a new post continue another thread; see [Store.LinkThread].
func (t *Thread) Link(other Thread, conversation string, at time.Time) {
	t.Posted, t.LastActive = true, at.UTC()
	t.Continue(other, conversation)
}

// Linkable reports whether the thread of a post can continue another one; see
// [Store.LinkThread].
func (t *Thread) Linkable() bool { return t.Conversation == "" && t.Continues == (ThreadID{}) }

// TakeOver makes the thread go on from an earlier one, whose channel got another ID; see
// [Store.MoveChannel].
func (t *Thread) TakeOver(earlier Thread) {
	t.active(earlier.LastActive)
	t.Joined = earlier.Joined
	for _, user := range slices.Sorted(maps.Keys(earlier.Askers)) {
		t.addAskerSince(user, earlier.Askers[user])
	}
	if earlier.Conversation != "" {
		t.Agent, t.Conversation, t.SentUntil, t.Continues = earlier.Agent, earlier.Conversation, earlier.SentUntil, earlier.Continues
	}
}

// active moves LastActive forward, never back.
func (t *Thread) active(at time.Time) {
	if at.After(t.LastActive) {
		t.LastActive = at.UTC()
	}
}
