package storagetest

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"enjobridge/storage"
)

func (m *model) acceptDirect(q storage.Question) (merged []storage.Question, fresh bool) {
	if m.question(q.ID) != nil {
		return nil, false
	}
	waiting := m.unfinished()
	slices.SortFunc(waiting, func(a, b storage.Question) int { return cmp.Compare(a.ID.TS, b.ID.TS) })
	var before []string
	for _, w := range waiting {
		follows := w.Origin == storage.Direct && w.Thread.Root == w.ID.TS && w.State == storage.Queued && w.Attempts == 0 &&
			!q.WantsPerson && !w.WantsPerson &&
			w.Asker == q.Asker && w.Agent == q.Agent && w.ID.TS < q.ID.TS && len(m.unfinishedIn(w.Thread)) == 1 &&
			m.threads[w.Thread].Conversation == ""
		if !follows {
			continue
		}
		before = append(before, w.Text)
		q.With = append(append(q.With, w.With...), w.ID)
		q.MakesTicket = q.MakesTicket || w.MakesTicket
		ended := m.question(w.ID)
		ended.State, ended.Text, ended.EndedAt, ended.Lead = storage.Merged, "", q.AcceptedAt, q.ID
		merged = append(merged, *ended)
	}
	q.Text = strings.Join(append(before, q.Text), "\n\n")
	return merged, m.accept(q)
}

// continueIn makes a thread continue another one.
func (m *model) continueIn(thread, other *storage.Thread, conversation string) {
	thread.Agent, thread.Conversation, thread.Continues = other.Agent, conversation, other.ID
	if other.Continues != (storage.ThreadID{}) {
		thread.Continues = other.Continues
	}
}

func (m *model) link(post, continues storage.ThreadID, now time.Time) bool {
	other := m.threads[continues]
	if other == nil {
		return false
	}
	m.linkTo(post, *other, storage.Thread{ID: post, Posted: true, LastActive: now}, other.Conversation)
	return true
}

// linkTo makes the thread of a post, which is fresh if it is unknown, continue another one.
func (m *model) linkTo(post storage.ThreadID, other, fresh storage.Thread, conversation string) {
	thread := m.threads[post]
	if thread == nil {
		thread = &fresh
		m.threads[post] = thread
	}
	if thread.Conversation == "" && thread.Continues == (storage.ThreadID{}) {
		m.continueIn(thread, &other, conversation)
	}
}
