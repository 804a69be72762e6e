package explain

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"enjobridge/bot/intake"
	"enjobridge/storage"
)

// Text returns the explanation as plain text. Times are in UTC.
func (x *Explanation) Text() string {
	var b strings.Builder
	fmt.Fprintln(&b, oneLine(x.Summary))
	if x.Advice != "" {
		fmt.Fprintln(&b, oneLine(x.Advice))
	}
	fmt.Fprintf(&b, "\nMessage %s, reference %s", x.Message, x.Reference)
	if !x.SentAt.IsZero() && (x.Question == nil || x.Question.Origin != storage.Button) {
		fmt.Fprintf(&b, ", sent at %s", moment(x.SentAt))
	}
	fmt.Fprintln(&b)
	if x.LinkedPost != "" {
		fmt.Fprintf(&b, "The link leads to the bot's own message %s, which belongs to it.\n", x.LinkedPost)
	}
	section(&b, "What arrived", x.copyLines())
	if x.Question != nil {
		section(&b, "The question", x.Question.lines())
	}
	section(&b, "Other records", x.Marks)
	if x.Thread != nil {
		section(&b, "The thread", x.threadLines())
	}
	if x.Unknown != nil {
		section(&b, "Why its event may be missing", x.Unknown.Causes)
	}
	return b.String()
}

// section writes a list of sentences under a title, if there are any.
func section(b *strings.Builder, title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s:\n", title)
	for _, line := range lines {
		fmt.Fprintf(b, "- %s\n", oneLine(line))
	}
}

// oneLine replaces what could control a terminal or reorder a line: tickets come from the
// agent, and errors from Slack.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
}

// arrivals describe how a copy arrived, by its event.
var arrivals = map[string]string{
	intake.EventHistory:     "The message was found in the history.",
	intake.EventTimeout:     "No other event of the message had arrived.",
	intake.EventIdentified:  "A later message said where the sender belongs.",
	intake.EventDeleted:     "Slack sent its deletion.",
	"message_changed":       "Slack sent an edit.",
	string(storage.Button):  "A person pressed a button.",
	string(storage.Command): "A person used /enjo.",
}

// copyLines describes the copies.
func (x *Explanation) copyLines() (lines []string) {
	for n, c := range x.Copies {
		if n == storage.MaxCopies/2 && x.OmittedCopies > 0 {
			lines = append(lines, fmt.Sprintf("%d more are not stored.", x.OmittedCopies))
		}
		arrival, ok := arrivals[c.Event]
		if !ok {
			arrival = fmt.Sprintf("Slack sent it as %s.", c.Event)
		}
		if c.Retry > 0 {
			arrival = strings.TrimSuffix(arrival, ".") + fmt.Sprintf(" (retry %d).", c.Retry)
		}
		did := fmt.Sprintf("The bot %s (%s).", intake.Deed(c.Decision), c.Reason)
		if c.Reason == intake.ReasonDecided {
			did = "The bot had decided about it before."
		}
		lines = append(lines, fmt.Sprintf("%s: %s %s", moment(c.At), arrival, did))
	}
	return lines
}

// lines describes the question. Each line is there only if it says something.
func (q *Question) lines() (lines []string) {
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	if q.Asker == "" {
		add("Its record was damaged: it is not known who asked, and which agent.")
	} else {
		add("%s asked the agent %q%s.", q.Asker, q.Agent, origins[q.Origin])
	}
	if q.Private {
		add("It is private: only its asker sees the answer, and its text is never shown here.")
	}
	for _, id := range q.With {
		add("It was asked together with %s.", id)
	}
	if q.Lead != "" {
		add("It was asked together with %s: %s", q.Lead, q.LeadSummary)
	} else if q.State == storage.Merged {
		add("It was asked together with another question of its thread, at %s.", moment(q.EndedAt))
	}
	add("%s: accepted.", moment(q.AcceptedAt))
	q.addWaits(add)
	if q.UnknownAttempts > 0 {
		add("After %d of %d attempts it is unknown whether the agent processed the question.", q.UnknownAttempts, q.Attempts)
	}
	if q.State == storage.Failed && q.Failure != "" {
		add("The failure is %s%s.", q.Failure, suffix(", reference ", q.Reference))
	}
	for _, p := range q.Posts {
		add("Posted: %s%s.", p.TS, suffix(" ", p.Link))
	}
	if q.Shared != "" {
		add("The answer was shared as the thread %s.", q.Shared)
	}
	if q.Good+q.Bad > 0 {
		add("Ratings: %d good, %d bad.", q.Good, q.Bad)
	}
	return lines
}

// origins say where a question came from, after its asker.
var origins = map[storage.Origin]string{
	storage.Mention: " by a mention", storage.FollowUp: " by a reply in the bot's thread", storage.Direct: " in a direct message",
	storage.Button: " with a button", storage.Command: " with /enjo",
}

// addWaits adds the moments after the question was accepted, with the waits between them.
func (q *Question) addWaits(add func(format string, args ...any)) {
	last := q.AcceptedAt
	step := func(at time.Time, what string) {
		if !at.IsZero() {
			add("%s: %s, %s later.", moment(at), what, duration(at.Sub(last)))
			last = at
		}
	}
	asked := "asked"
	if q.Attempts > 1 {
		asked = fmt.Sprintf("asked for the last of %d times", q.Attempts)
	}
	step(q.AskedAt, asked)
	stored := "the outcome is stored"
	if q.Replied {
		stored = "the agent's answer is stored"
	}
	step(q.AnsweredAt, stored)
	if len(q.Posts) > 0 && q.Posts[0].At.After(last) && !q.Posts[0].At.After(q.EndedAt) { // a private answer is shared later
		step(q.Posts[0].At, "posted")
	}
	step(q.EndedAt, "ended as "+string(q.State))
}

// threadLines describes the thread and its tickets.
func (x *Explanation) threadLines() (lines []string) {
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	t := x.Thread
	conversation := "no conversation yet"
	if t.Conversation {
		conversation = "a conversation"
	}
	add("Thread %s has %s with the agent %q, and was last active at %s. People who have asked in it: %d.", t.ID, conversation, t.Agent, moment(t.LastActive), t.Askers)
	if t.Joined {
		add("It is a thread of people that a mention called the bot into: each question there needs a mention.")
	}
	if t.Muted {
		add("It is muted: the bot is silent there until somebody mentions it.")
	}
	if t.Unfinished > 0 {
		add("Questions in progress there: %d. A thread has at most one question at the agent.", t.Unfinished)
	}
	for _, ticket := range x.Tickets {
		add("Ticket %s%s, updated at %s.", ticket.ID, suffix(": ", ticket.Status), moment(ticket.UpdatedAt))
	}
	return lines
}

// suffix returns a text after what introduces it; empty if there is no text.
func suffix(before, text string) string {
	if text == "" {
		return ""
	}
	return before + text
}
