package explain

import (
	"fmt"
	"strings"
	"time"

	"enjobridge/bot/deliver"
	"enjobridge/bot/intake"
	"enjobridge/bot/telemetry"
	"enjobridge/storage"
)

// summarize returns what became of a message about which something is stored, and what an
// operator can do.
func (x *Explanation) summarize(now time.Time, health telemetry.Report) (summary, advice string) {
	if x.Question != nil {
		return x.Question.summarize(now, health)
	}
	// The decision is the last copy's that was not decided by an earlier one.
	for n := range x.Copies {
		c := x.Copies[len(x.Copies)-1-n]
		if c.Reason != intake.ReasonDecided || n == len(x.Copies)-1 {
			return fmt.Sprintf("The bot %s: %s.", intake.Deed(c.Decision), c.Reason), intake.Advice(c.Reason)
		}
	}
	if len(x.Marks) > 0 {
		return x.Marks[0], ""
	}
	return "", ""
}

// summarize returns what became of a question.
func (q *Question) summarize(now time.Time, health telemetry.Report) (summary, advice string) {
	switch q.State {
	case storage.Queued:
		summary = fmt.Sprintf("The question has waited for its turn for %s.", duration(now.Sub(q.AcceptedAt)))
		if q.NotBefore.After(now) {
			summary += fmt.Sprintf(" It is asked again at %s at the earliest.", moment(q.NotBefore))
		}
		if len(health.Reasons) > 0 {
			return summary, "At the moment, /readyz says: " + strings.Join(health.Reasons, "; ") + "."
		}
		return summary, "Questions wait for Enjo's limits, and for earlier ones of their thread."
	case storage.Asking:
		return fmt.Sprintf("The agent has had the question for %s, and has not answered yet.", duration(now.Sub(q.AskedAt))), ""
	case storage.Answered:
		return "The outcome is stored, and is being posted.", "If this lasts, the log has Slack's errors: search for the reference."
	case storage.Delivered:
		if q.Failure == string(storage.FailurePerson) {
			return "The message asks for a person, so the bot offered to call one.", ""
		}
		return fmt.Sprintf("The bot answered %s after it had accepted the question.", duration(q.EndedAt.Sub(q.AcceptedAt))), ""
	case storage.Failed:
		if q.Failure == "" {
			return "The agent answered, but the answer could not be posted.",
				"The log has Slack's error and its fix: search for the reference. Often the bot was removed from the channel: invite it."
		}
		return fmt.Sprintf("The bot could not answer: %s.", q.Failure), "Fix: " + deliver.Explain(storage.Failure(q.Failure)).Hint + "."
	case storage.Merged:
		return "The message was asked together with another one, whose answer is for both.", q.leadAdvice
	}
	return q.cancelled(), ""
}

// cancelled says why a question has no answer.
func (q *Question) cancelled() string {
	switch {
	case q.Retracted:
		return "The message was deleted, so its question was not answered."
	case q.Failure == string(storage.FailureStopped), q.Failure == string(storage.FailureDropped):
		return "A person stopped the question."
	case q.Replied:
		return "The agent answered, but the answer was not posted: the message was deleted meanwhile, or Slack takes no message there."
	}
	return "The question was cancelled."
}
