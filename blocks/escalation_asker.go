package blocks

import "github.com/slack-go/slack"

// TalkToPerson is the button that calls people; the value is the question, or the message
// that asks for a person.
func TalkToPerson(question string) Button {
	return Button{ActionID: ActionEscalate, Text: buttonEscalate.Text(), Value: question}
}

// OfferPerson replies to somebody who asks for a person in words.
func OfferPerson(question string, direct bool) Message {
	offer := TalkToPerson(question)
	offer.Primary = true
	say := SayOfferPerson
	if direct {
		say = SayOfferPersonDirectly
	}
	return Notice(NoticeView{Text: say.Text(), Buttons: []Button{offer}})
}

// Called says in an asker's direct messages who was called, or that one of them is done.
// It pings nobody, because nobody else can read it.
func Called(to []string, doneBy string) Message {
	say, people := SayCalledDirectly, to
	if doneBy != "" {
		say, people = SayCalledDone, []string{doneBy}
	}
	words, text := say.rich(filling{"people", mentions(people, ", ")}), say.Text("people", labelSomebody.Text())
	return Message{Text: fallbackText(text), Blocks: []slack.Block{slack.NewRichTextBlock("", slack.NewRichTextSection(words...))}}
}
