package explain

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"enjobridge/bot/intake"
	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// unknown explains a message about which nothing is stored, or the message to which a post
// of the bot belongs.
func (e *Explainer) unknown(ctx context.Context, x Explanation, id storage.MessageID, t Target) (Explanation, error) {
	x.Unknown = &Unknown{}
	if x.SentAt.IsZero() { // a question of a command or a button, which Slack does not have
		x.Summary = "Nothing is stored about this question: it was refused, or is older than RETENTION."
		return x, nil
	}
	calls, cancel := context.WithTimeout(ctx, slackTimeout)
	defer cancel()
	in, err := e.Slack.Conversation(calls, t.Channel)
	var posted slackevent.Posted
	var found bool
	if err == nil {
		posted, found, err = e.find(calls, t)
	}
	switch {
	case err != nil:
		x.unreadable(err)
	case !found:
		x.Unknown.Error = "message_not_found"
		x.Summary = "Nothing is stored about this message, and Slack has no such message: it was deleted, or the link is from another workspace."
	case e.Slack.Own(posted):
		return e.ownPost(ctx, x, posted)
	default:
		x.Unknown.Found = true
		if err := e.judge(calls, &x, posted.Message(e.Self, in)); err != nil {
			return x, err
		}
	}
	x.Unknown.Causes, err = e.causes(ctx, x, in, id)
	return x, err
}

// unreadable says that Slack does not return the message.
func (x *Explanation) unreadable(err error) {
	failure := slackapi.Classify(err)
	x.Unknown.Error = cmp.Or(slackapi.ErrorCode(err), "no answer")
	x.Summary = "Nothing is stored about this message, and the bot cannot read it in Slack: " + x.Unknown.Error + "."
	if failure.Hint != "" {
		x.Advice = "Fix: " + failure.Hint + "."
	}
}

// find reads the message from Slack. A link to a reply can lack the thread: then Slack
// returns the reply as if it began a thread.
func (e *Explainer) find(ctx context.Context, t Target) (slackevent.Posted, bool, error) {
	for _, root := range []string{t.Thread, t.TS} {
		thread := storage.ThreadID{Team: e.Self.TeamID, Channel: t.Channel, Root: root}
		for m, err := range e.Slack.Messages(ctx, thread, slackapi.Range{Oldest: t.TS, Latest: t.TS, Inclusive: true, Metadata: true}) {
			switch {
			case slackapi.ErrorCode(err) == "thread_not_found":
			case err != nil:
				return slackevent.Posted{}, false, err
			case m.TS == t.TS:
				return m, true, nil
			}
		}
	}
	return slackevent.Posted{}, false, nil
}

// ownPost explains the question to which a post of the bot belongs.
func (e *Explainer) ownPost(ctx context.Context, x Explanation, posted slackevent.Posted) (Explanation, error) {
	marker, ok := e.Slack.MarkerOf(posted)
	if ok {
		of, known, err := e.stored(ctx, marker.Question, "")
		if of.LinkedPost = x.Message; err != nil || known {
			return of, err
		}
	}
	x.Unknown = nil
	x.Summary = "This is a message of the bot itself, which belongs to no question that is stored."
	return x, nil
}

// judge adds what would be decided about the message now.
func (e *Explainer) judge(ctx context.Context, x *Explanation, m slackevent.Message) error {
	if user := slackevent.Unidentified(m, e.Self); user != "" && e.Identify != nil {
		found, err := e.Identify(ctx, user)
		if err != nil {
			return fmt.Errorf("asking Slack where the sender belongs: %w", err)
		}
		m.Membership = found
	}
	verdict, err := e.Verdict(ctx, m)
	if err != nil {
		return err
	}
	if x.Thread == nil {
		if err := e.addThread(ctx, x, m.Thread(e.AgentView)); err != nil {
			return err
		}
	}
	x.Unknown.Decision, x.Unknown.Reason = verdict.Decision, verdict.Reason
	x.Advice = intake.Advice(verdict.Reason)
	if verdict.Decision == intake.DecisionIgnore {
		x.Summary = fmt.Sprintf("The bot ignores a message like this: %s. Nothing is stored about messages that are not for the bot.", verdict.Reason)
		return nil
	}
	x.Summary = "Nothing is stored about this message, so its event has probably not arrived. " +
		fmt.Sprintf("By what is known now, the bot would have %s (%s).", intake.Deed(verdict.Decision), verdict.Reason)
	return nil
}

// causes returns why the event of a message may not have arrived.
func (e *Explainer) causes(ctx context.Context, x Explanation, in slackevent.Conversation, id storage.MessageID) (causes []string, err error) {
	if x.Unknown.Decision == intake.DecisionIgnore {
		return nil, nil // it does not matter whether it arrived
	}
	add := func(format string, args ...any) { causes = append(causes, fmt.Sprintf(format, args...)) }
	if in.NotMember {
		add("The bot is not in the channel, so Slack sends it nothing from there: invite it.")
	}
	now := e.Now()
	if age := now.Sub(x.SentAt); age > e.Retention {
		add("The message is %s old. Records are deleted after RETENTION (%s), so it may have been answered.", duration(age), duration(e.Retention))
	}
	until, err := e.ReadUntil(ctx, id.Channel)
	if err != nil {
		return nil, err
	}
	switch {
	case until.IsZero():
		add("The history of the conversation was never read.")
	case x.SentAt.After(until):
		add("The history of the conversation was read until %s, before the message was sent. If its event was lost, the next reading finds it.", moment(until))
	default:
		add("The history of the conversation was read until %s. The bot does not find messages from before it was first started, or added to the channel.", moment(until))
	}
	if x.SentAt.Before(e.Started) {
		add("The message was sent %s before the bot was last started (%s). At its start it reads the history of at most a day.", duration(e.Started.Sub(x.SentAt)), moment(e.Started))
	}
	report := e.Health()
	for _, reason := range report.Reasons {
		add("At the moment, /readyz says: %s.", reason)
	}
	for _, scope := range slices.Sorted(maps.Keys(report.Degraded)) {
		add("The app's installation lacks the scope %s: %s.", scope, report.Degraded[scope])
	}
	add("If none of this is the cause: compare the app's event subscriptions and scopes with manifest.yml, install the app again, and look for other processes with the same SLACK_APP_TOKEN.")
	return causes, nil
}

// moment formats a time for an operator.
func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// duration formats a duration for an operator.
func duration(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%d days", int(d.Hours()/24))
	case d >= time.Minute:
		return d.Round(time.Second).String()
	}
	return d.Round(100 * time.Millisecond).String()
}
