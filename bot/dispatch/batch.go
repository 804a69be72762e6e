package dispatch

import (
	"strings"

	"enjobridge/bot/queue"
	"enjobridge/storage"
)

// batch is what is asked with one call: a question, and those asked together with it.
type batch struct {
	questions []queue.Entry // the first one leads
	texts     []prepared    // one of each
	continues bool          // it was asked in an earlier conversation
}

// prepared is a text for the agent, and the message that it was made of. Without a
// text, the failure says why.
type prepared struct {
	text, source string
	failure      storage.Failure
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

// text returns the text for the agent.
func (b *batch) text() string {
	return b.join(func(p prepared) string { return p.text })
}

// failure says why there is nothing to ask.
func (b *batch) failure() storage.Failure {
	for _, p := range b.texts {
		if p.failure != "" {
			return p.failure
		}
	}
	return storage.FailureEmpty
}

// isOf reports whether the text was made of what a claimed question says: it can
// have been edited in the last moment.
func (b *batch) isOf(q storage.Question) bool {
	return q.Text == b.join(func(p prepared) string { return p.source })
}

// join joins a part of each question as the store joins their texts.
func (b *batch) join(part func(prepared) string) string {
	var parts []string
	for _, p := range b.texts {
		parts = append(parts, part(p))
	}
	return strings.Join(parts, "\n\n")
}
