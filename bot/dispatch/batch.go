package dispatch

import (
	"enjobridge/bot/queue"
	"enjobridge/storage"
)

// batch is what is asked with one call: a question, and those asked together with it.
type batch struct {
	questions []queue.Entry // the first one leads
	texts     []prepared    // one of each
	all       prepared      // all of them
	sent      composed      // what the agent is sent
	continues bool          // it was asked in an earlier conversation
}

func (b *batch) lead() queue.Entry { return b.questions[0] }

// with returns the questions that are asked together with the first.
func (b *batch) with() []storage.MessageID {
	var ids []storage.MessageID
	for _, e := range b.questions[1:] {
		ids = append(ids, e.ID)
	}
	return ids
}
