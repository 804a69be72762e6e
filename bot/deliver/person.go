package deliver

import (
	"enjobridge/blocks"
	"enjobridge/storage"
)

// isAlone reports whether nobody but the asker can read a question's thread. Then people
// are called elsewhere, and the asker agrees to what they are shown.
func isAlone(q storage.Question) bool { return storage.IsDirect(q.Thread.Channel) || q.Thread.IsPrivate() }

// offersPerson reports whether people can be called for a question. For a private one they
// are called as from direct messages.
func (d *Deliverer) offersPerson(q storage.Question) bool {
	if q.Thread.IsPrivate() {
		return d.OffersPerson("D")
	}
	return d.OffersPerson(q.Thread.Channel)
}

// noticeFor returns a notice to a question, with a button for a person if there are people
// to call.
func (d *Deliverer) noticeFor(q storage.Question, notice blocks.NoticeView) blocks.Message {
	if d.offersPerson(q) {
		value := q.ID.String()
		if q.Thread.IsPrivate() {
			value = WithExchange(q, notice.Text+" "+notice.Next)
		}
		notice.Buttons = append(notice.Buttons, blocks.TalkToPerson(value, isAlone(q)))
	}
	return blocks.Notice(notice)
}

// offerPerson returns the reply to a person who asks for one in words.
func offerPerson(q storage.Question) blocks.Message {
	switch {
	case q.Thread.IsPrivate():
		return blocks.OfferPerson(blocks.SayOfferPersonPrivately, WithExchange(q, ""))
	case isAlone(q):
		return blocks.OfferPerson(blocks.SayOfferPersonDirectly, q.ID.String())
	}
	return blocks.OfferPerson(blocks.SayOfferPerson, q.ID.String())
}
