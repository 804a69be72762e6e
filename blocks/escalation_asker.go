package blocks

import "github.com/slack-go/slack"

// TalkToPerson is the button that calls people; the value identifies the question, or the
// message that asks for a person. If nobody but the asker can read the conversation, it
// asks first whether to show it to the people who are called.
func TalkToPerson(value string, alone bool) Button {
	b := Button{ActionID: ActionEscalate, Text: buttonEscalate.Text(), Value: value}
	if alone {
		b.Confirm = Confirmation{Title: titleConfirmCall.Text(), Text: sayConfirmCall.Text(), Yes: buttonConfirmCall.Text()}
	}
	return b
}

// OfferPerson replies to somebody who asks for a person in words. It says what a click
// shows to others, if that is more than they see.
func OfferPerson(say Key, value string) Message {
	offer := TalkToPerson(value, false)
	offer.Primary = true
	return Notice(NoticeView{Text: say.Text(), Buttons: []Button{offer}})
}

// Called says in an asker's direct messages who was called, or that one of them is done.
// It pings nobody, because nobody else can read it.
func Called(to []string, doneBy string) Message {
	if doneBy != "" {
		return sayPeople(SayCalledDone, LabelSomebody, []string{doneBy})
	}
	return sayPeople(SayCalledDirectly, wordsSomebody, to)
}

// CalledPrivately says to the asker of a private question who was called.
func CalledPrivately(to []string) Message { return sayPeople(sayCalledPrivately, wordsSomebody, to) }

// sayPeople returns a message with the words of a key that names people. Its text names
// nobody, because there are only their IDs.
func sayPeople(say, unnamed Key, people []string) Message {
	named := mentions(people, "")
	if last := len(people) - 1; last > 0 {
		named = wordsAnd.rich(filling{"some", mentions(people[:last], ", ")}, filling{"last", mentions(people[last:], "")})
	}
	words, text := say.rich(filling{"people", named}), say.Text("people", unnamed.Text())
	return Message{Text: fallbackText(text), Blocks: []slack.Block{slack.NewRichTextBlock("", slack.NewRichTextSection(words...))}}
}
