package blocks

import (
	"slices"
	"time"

	"enjobridge/enjo"
)

// privateExamples are what people see of questions that they ask with the slash command.
func privateExamples() []Example {
	private := AnswerView{
		Reply: enjo.Reply{Text: "Open **Self Service** and choose *Forgot password*.", Sources: exampleSources(2)}, Question: exampleQuestion,
		Share: exampleQuestion + " How do I reset my password?", ShowFeedback: true, ShowCreateTicket: true,
		ShowEscalate: true, Escalate: exampleQuestion + " How do I reset my password?", Alone: true,
	}
	shared := private
	shared.Escalate, shared.Alone = "", false
	shared.Share, shared.AskedBy, shared.Asked = "", "Alice Abara", "How do I reset my password?"
	sharedLate := shared
	sharedLate.AskedBy, sharedLate.Asked = LabelSomebody.Text(), ""
	direct := private
	direct.Share, direct.Asked = "", shared.Asked
	return []Example{
		messageExample("private-on-it", "A question by the slash command is being worked on; visible only to its asker, like the next ones.",
			OnIt(0), OnIt(20*time.Second)),
		messageExample("private-answer", "The answer, which can be shared.", Answer(private, Rich)...),
		messageExample("private-answer-plain", "The same after Slack refused mrkdwn.", Answer(private, Plain)...),
		messageExample("private-ticket", "The ticket that the agent opened, until the answer is shared.", PrivateTicket(exampleTicket())),
		messageExample("private-shared", "The answer after it was shared, with the question and without, for everyone.", slices.Concat(
			Answer(shared, Rich), Answer(sharedLate, Rich))...),
		messageExample("private-direct", "What comes in the direct messages instead, because it is late.", slices.Concat(
			Answer(direct, Rich), []Message{AfterQuestion(Notice(NoticeView{Text: SayNoAnswer.Text(), Next: NextNoAnswer.Text()}), shared.Asked)})...),
		messageExample("private-said", "What happened to it; visible only to its asker.", say(
			SayShared, SayAlreadyShared, SayAnswerGone, SayCannotShare, SayInDirect)...),
		messageExample("private-failed", "It could not be answered, and is too long to be asked again by a button.", Notice(NoticeView{
			Text: SayNoAnswer.Text(), Next: SayTypeItAgain.Text(), Reference: "EB-7F3A91",
		})),
	}
}
