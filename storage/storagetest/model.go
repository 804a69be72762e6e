package storagetest

import (
	"slices"
	"time"

	"enjobridge/enjo"
	"enjobridge/storage"
)

// model is a simple store in memory. It implements the documentation of [storage.Store],
// and its methods return false for an error.
type model struct {
	questions []*storage.Question // in the order of their acceptance
	threads   map[storage.ThreadID]*storage.Thread
	tickets   map[storage.ThreadID][]*storage.Ticket
	seen      map[storage.Key]time.Time
	calls     []time.Time
}

func newModel() *model {
	return &model{
		threads: make(map[storage.ThreadID]*storage.Thread),
		tickets: make(map[storage.ThreadID][]*storage.Ticket),
		seen:    make(map[storage.Key]time.Time),
	}
}

// question returns the question with an ID, or nil.
func (m *model) question(id storage.MessageID) *storage.Question {
	for _, q := range m.questions {
		if q.ID == id {
			return q
		}
	}
	return nil
}

// unfinished returns the questions that have not ended, oldest first.
func (m *model) unfinished() []storage.Question {
	var unfinished []storage.Question
	for _, q := range m.questions {
		if q.EndedAt.IsZero() {
			unfinished = append(unfinished, *q)
		}
	}
	return unfinished
}

func (m *model) accept(q storage.Question) bool {
	if m.question(q.ID) != nil {
		return false
	}
	m.questions = append(m.questions, &q)
	if thread := m.threads[q.Thread]; thread == nil {
		thread := threadOf(q)
		m.threads[q.Thread] = &thread
		m.addAsker(q)
	} else {
		m.addAsker(q)
		thread.LastActive, thread.Posted = q.AcceptedAt, false
		thread.Muted = thread.Muted && q.Origin != storage.Mention
		thread.BotQuestions++
		if !q.ByBot {
			thread.BotQuestions = 0
		}
	}
	return true
}

// addAsker adds a person to the askers of a thread.
func (m *model) addAsker(q storage.Question) {
	thread := m.threads[q.Thread]
	if thread.Askers == nil {
		thread.Askers = make(map[string]string)
	}
	if since, known := thread.Askers[q.Asker]; !q.ByBot && (!known || storage.CompareTS(q.ID.TS, since) < 0) {
		thread.Askers[q.Asker] = q.ID.TS
	}
}

func (m *model) firstTime(key storage.Key, now time.Time) bool {
	if _, known := m.seen[key]; known {
		return false
	}
	m.seen[key] = now
	return true
}

func (m *model) claim(id storage.MessageID, with []storage.MessageID, now time.Time) bool {
	all := append([]storage.MessageID{id}, with...)
	for i, id := range all {
		q := m.question(id)
		if q == nil || q.State != storage.Queued || slices.Contains(all[:i], id) {
			return false
		}
	}
	q := m.question(id)
	q.State, q.AskedAt, q.NotBefore = storage.Asking, now, time.Time{}
	q.Attempts++
	m.calls = append(m.calls, now)
	for _, id := range with {
		other := m.question(id)
		q.Text += "\n\n" + other.Text
		q.With = append(append(q.With, id), other.With...)
		q.MakesTicket = q.MakesTicket || other.MakesTicket
		q.UnknownAttempts = max(q.UnknownAttempts, other.UnknownAttempts)
		other.State, other.Text, other.EndedAt, other.Lead = storage.Merged, "", now, q.ID
	}
	return true
}

func (m *model) requeue(id storage.MessageID, notBefore time.Time, outcomeUnknown bool) bool {
	q := m.question(id)
	if q == nil || q.State != storage.Asking {
		return false
	}
	q.State, q.NotBefore = storage.Queued, notBefore
	if outcomeUnknown {
		q.UnknownAttempts++
	}
	return true
}

func (m *model) setOutcome(id storage.MessageID, outcome storage.Outcome, now time.Time) bool {
	q := m.question(id)
	if q == nil || q.State != storage.Asking && q.State != storage.Queued || outcome.Retracted && len(q.With) > 0 {
		return false
	}
	q.State, q.Outcome, q.AnsweredAt = storage.Answered, &outcome, now
	if outcome.Reply == nil {
		return true
	}
	thread := m.threads[q.Thread]
	thread.LastActive = now
	if c := outcome.Reply.ConversationID; c != "" && c != thread.Conversation {
		thread.Conversation, thread.SentUntil = c, outcome.SentUntil
	}
	if thread.Conversation != "" {
		thread.SentUntil = later(thread.SentUntil, outcome.SentUntil)
	}
	for _, id := range q.With {
		root := q.Thread
		if q.Origin == storage.Direct && root.Root == q.ID.TS && id.TS < q.ID.TS {
			root.Root = id.TS
		}
		if merged := m.threads[root]; merged != nil && merged != thread {
			m.continueIn(merged, thread, thread.Conversation)
			merged.SentUntil = max(merged.SentUntil, id.TS)
		}
	}
	if outcome.Reply.Ticket != nil {
		asked := *q
		if m.ticket(thread.Continues, outcome.Reply.Ticket.ID) != nil {
			asked.Thread = thread.Continues
		}
		m.storeTicket(&asked, *outcome.Reply.Ticket, now)
	}
	return true
}

func (m *model) unfinishedIn(thread storage.ThreadID) []storage.Question {
	return slices.DeleteFunc(m.unfinished(), func(q storage.Question) bool { return q.Thread != thread })
}

func (m *model) waiting(thread storage.ThreadID, asker string) storage.Waiting {
	w := storage.Waiting{InThread: len(m.unfinishedIn(thread))}
	for _, q := range m.unfinished() {
		if q.State == storage.Queued {
			w.All++
			if q.Asker == asker {
				w.OfAsker++
			}
		}
	}
	return w
}

func (m *model) stopThread(thread storage.ThreadID) (stopped []storage.Question) {
	failure := storage.FailureStopped
	for _, unfinished := range m.unfinishedIn(thread) {
		if q := m.question(unfinished.ID); q.State != storage.Answered {
			q.State, q.Outcome = storage.Answered, &storage.Outcome{Failure: failure}
			stopped = append(stopped, *q)
			failure = storage.FailureDropped
		}
	}
	return stopped
}

func (m *model) storeTicket(q *storage.Question, latest enjo.Ticket, now time.Time) {
	ticket := m.ticket(q.Thread, latest.ID)
	if ticket == nil {
		ticket = &storage.Ticket{Thread: q.Thread, Requester: q.Asker}
		m.tickets[q.Thread] = append(m.tickets[q.Thread], ticket)
	}
	update(ticket, latest, now)
}

// update updates a ticket with data that has an ID and no dates.
func update(ticket *storage.Ticket, latest enjo.Ticket, now time.Time) {
	before := ticket.Latest
	if latest.Status != "" {
		ticket.Latest.Status = latest.Status
	}
	if latest.Priority != "" {
		ticket.Latest.Priority = latest.Priority
	}
	ticket.Latest.ID = latest.ID
	if ticket.Latest != before || ticket.UpdatedAt.IsZero() {
		ticket.UpdatedAt = now
	}
}

func (m *model) updateTicket(latest enjo.Ticket, now time.Time) (known bool) {
	for thread := range m.tickets {
		if ticket := m.ticket(thread, latest.ID); ticket != nil {
			update(ticket, latest, now)
			known = true
		}
	}
	return known
}

// count returns the number of tickets that satisfy a condition.
func (m *model) count(condition func(*storage.Ticket) bool) int {
	n := 0
	for _, tickets := range m.tickets {
		for _, ticket := range tickets {
			if condition(ticket) {
				n++
			}
		}
	}
	return n
}

func (m *model) outdated() int {
	return m.count(func(t *storage.Ticket) bool { return t.Card != "" && t.Shown != t.Latest })
}

func (m *model) requested(user string) int {
	return m.count(func(t *storage.Ticket) bool { return t.Requester == user })
}

// ticketsOf returns the tickets of a thread, after those of the one that it continues.
func (m *model) ticketsOf(id storage.ThreadID) []*storage.Ticket {
	if thread := m.threads[id]; thread != nil && thread.Continues != (storage.ThreadID{}) {
		return slices.Concat(m.tickets[thread.Continues], m.tickets[id])
	}
	return m.tickets[id]
}

// ticket returns a ticket of a thread, or nil.
func (m *model) ticket(thread storage.ThreadID, id string) *storage.Ticket {
	for _, ticket := range m.tickets[thread] {
		if ticket.Latest.ID == id {
			return ticket
		}
	}
	return nil
}

func (m *model) end(id storage.MessageID, end storage.State, posts []string, now time.Time) bool {
	q := m.question(id)
	if q == nil {
		return false
	}
	switch end {
	case storage.Cancelled:
		if !q.EndedAt.IsZero() {
			return false
		}
	case storage.Delivered, storage.Failed:
		if q.State != storage.Answered {
			return false
		}
	default:
		return false
	}
	q.State, q.Posts, q.EndedAt, q.Text = end, posts, now, ""
	if q.Outcome != nil {
		outcome := *q.Outcome
		outcome.UnreadFiles = nil
		if outcome.Reply != nil {
			reply := *outcome.Reply
			reply.Text = ""
			outcome.Reply = &reply
		}
		q.Outcome = &outcome
	}
	m.linkPosts(q, now)
	return true
}

// linkPosts makes the posts of a direct message without threads continue it.
func (m *model) linkPosts(q *storage.Question, now time.Time) {
	thread := m.threads[q.Thread]
	if q.Thread.Root != "" || thread == nil {
		return
	}
	conversation := thread.Conversation
	replied := q.Outcome != nil && q.Outcome.Reply != nil
	if replied && q.Outcome.Reply.ConversationID != "" {
		conversation = q.Outcome.Reply.ConversationID
	}
	for _, ts := range q.Posts {
		post := storage.ThreadID{Team: q.Thread.Team, Channel: q.Thread.Channel, Root: ts}
		fresh := storage.Thread{ID: post, Posted: true, LastActive: now}
		if replied {
			fresh.SentUntil = ts
		}
		m.linkTo(post, *thread, fresh, conversation)
	}
}

func (m *model) setCard(thread storage.ThreadID, id, ts string, shown enjo.Ticket) bool {
	ticket := m.ticket(thread, id)
	if ticket == nil {
		return false
	}
	ticket.Card, ticket.Shown = ts, shown
	return true
}

func (m *model) setMuted(id storage.ThreadID, muted bool) bool {
	thread := m.threads[id]
	if thread == nil {
		return false
	}
	thread.Muted = muted
	return true
}

func (m *model) forget(seenBefore, idleBefore time.Time) {
	for key, at := range m.seen {
		if at.Before(seenBefore) {
			delete(m.seen, key)
		}
	}
	m.calls = slices.DeleteFunc(m.calls, func(at time.Time) bool { return at.Before(seenBefore) })
	m.questions = slices.DeleteFunc(m.questions, func(q *storage.Question) bool {
		return !q.EndedAt.IsZero() && q.EndedAt.Before(idleBefore)
	})
	for id, tickets := range m.tickets {
		m.tickets[id] = slices.DeleteFunc(tickets, func(t *storage.Ticket) bool { return t.UpdatedAt.Before(idleBefore) })
	}
	busy := make(map[storage.ThreadID]bool)
	for _, q := range m.unfinished() {
		busy[q.Thread] = true
	}
	for id, thread := range m.threads {
		if thread.LastActive.Before(idleBefore) && !busy[id] {
			delete(m.threads, id)
		}
	}
}

// later returns the later of two timestamps.
func later(a, b string) string {
	if storage.CompareTS(a, b) < 0 {
		return b
	}
	return a
}
