package deliver

import (
	"enjobridge/blocks"
	"enjobridge/storage"
)

// noticeFor returns a notice to a question, with a button for a person if there are people
// to call.
func (d *Deliverer) noticeFor(q storage.Question, notice blocks.NoticeView) blocks.Message {
	if d.OffersPerson(q.Thread.IsPersonal()) {
		value := q.ID.String()
		if q.Thread.IsPrivate() {
			value = WithExchange(q, notice.Text+" "+notice.Next)
		}
		notice.Buttons = append(notice.Buttons, blocks.TalkToPerson(value, q.Thread.IsPersonal()))
	}
	return blocks.Notice(notice)
}

// offerPerson returns the reply to a person who asks for one in words.
func offerPerson(q storage.Question) blocks.Message {
	switch {
	case q.Thread.IsPrivate():
		return blocks.OfferPerson(blocks.SayOfferPersonPrivately, WithExchange(q, ""))
	case q.Thread.IsPersonal():
		return blocks.OfferPerson(blocks.SayOfferPersonDirectly, q.ID.String())
	}
	return blocks.OfferPerson(blocks.SayOfferPerson, q.ID.String())
}
