package dispatch

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// The limits of the text for the agent, in characters.
const (
	maxQuestion = slackevent.MaxContent // of the question: what Slack allows a message
	maxThread   = 16_000                // of the thread's messages: the root, then the newest
	maxMessage  = 4_000                 // of one of them
)

// maxNamesLookedUp bounds how many people and channels that a text mentions are looked
// up for one question, and how many people who wrote in its thread.
const maxNamesLookedUp = 20

// promptWriter writes the text for the agent out of what Slack sent.
type promptWriter struct {
	slack         *slackapi.Client
	store         storage.Store
	self          slackevent.Identity
	allowExternal bool
	shareEmail    bool
}

// asked is which messages a question asks.
type asked struct {
	ts []string // in order; none for a button that asks something else
	// before is the timestamp up to which the thread belongs to the question.
	before string
}

// askedBy returns which messages a question asks.
func askedBy(q storage.Question) asked {
	ids := append([]storage.MessageID{q.ID}, q.With...)
	switch {
	case len(q.Again) > 0:
		ids = q.Again
	case q.Origin == storage.Button, q.Origin == storage.Command: // Slack has no message of it
		return asked{before: slackevent.FormatTS(q.AcceptedAt)}
	}
	var a asked
	for _, id := range ids {
		a.ts = append(a.ts, storage.MessageTS(id.TS))
	}
	slices.SortFunc(a.ts, storage.CompareTS)
	a.before = a.last()
	return a
}

// last returns the latest message; "" if there is none.
func (a asked) last() string {
	if len(a.ts) == 0 {
		return ""
	}
	return a.ts[len(a.ts)-1]
}

// needsThread reports whether a question is sent with what was said in its thread: not if
// it begins the thread, if people do not see its answer, or if Slack has no such thread.
func (a asked) needsThread(q storage.Question) bool {
	return q.Thread.Root != "" && !q.Thread.IsPrivate() && q.Ticket == "" && (len(a.ts) == 0 || a.last() != q.Thread.Root)
}

// withoutSlack returns what is sent to the agent if that needs no call of Slack.
func (p *promptWriter) withoutSlack(q storage.Question) (text prepared, ok bool) {
	a := askedBy(q)
	if len(q.Again) > 0 || a.needsThread(q) {
		return prepared{}, false
	}
	ok = true
	lookUp := func(string) string { ok = false; return "" }
	text = p.prepared(q, a)
	text.question = p.question(q.Text, slackevent.Names{User: lookUp, Channel: lookUp})
	return text, ok && !hasPlaceholders(q)
}

// prepared returns what is known of a question without Slack, apart from its text.
func (p *promptWriter) prepared(q storage.Question, a asked) prepared {
	text := prepared{
		source: q.Text, again: len(q.Again) > 0, asked: a.ts, asker: speaker{id: q.Asker, isApp: q.ByBot}, files: q.UnreadFiles,
		verbatim: isTicketRequest(q) || q.Ticket != "",
	}
	if q.Thread.Root != "" {
		text.thread.until = a.last()
	}
	return text
}

// question returns a question as a person reads it.
func (p *promptWriter) question(text string, names slackevent.Names) string {
	return slackevent.Cut(p.text(text, names), maxQuestion)
}

// text returns a text of Slack's as a person reads it.
func (p *promptWriter) text(text string, names slackevent.Names) string {
	return slackevent.PlainText(text, p.self.UserID, names)
}

// characters returns the length of a text.
func characters(text string) int { return utf8.RuneCountInString(text) }

// draft is what is sent to the agent as far as Slack returned what it is made of.
type draft struct {
	prepared
	unread  error // why the question could not be read
	missing error // why a part of the thread is missing
	unnamed error // why a name or a link is missing
}

// errNames is why something is missing that a question can be asked without.
var errNames = errors.New("slack did not return a name or a link")

// write returns what is sent to the agent: the question as a person reads it, and what was
// said in its thread that the agent may not know yet, or the whole thread.
func (p *promptWriter) write(ctx context.Context, q storage.Question, whole bool) draft {
	a := askedBy(q)
	names := p.slack.Names(ctx, q.Thread.Channel).Limited(maxNamesLookedUp)
	d := p.writeQuestion(ctx, q, a, names)
	if d.unread != nil || d.failure != "" {
		return d
	}
	user, _ := p.slack.User(ctx, d.asker.id)
	d.asker.name, d.looked = cmp.Or(d.asker.name, user.Name), true
	if !a.needsThread(q) {
		return d
	}
	since := ""
	if !whole {
		since = p.sentUntil(ctx, q.Thread)
	}
	d.thread, d.missing = p.read(ctx, q, a, since, names)
	if d.question == "" && len(d.thread.lines) == 0 {
		d.unread = d.missing
	}
	return d
}

// writeQuestion returns the question as a person reads it.
func (p *promptWriter) writeQuestion(ctx context.Context, q storage.Question, a asked, names slackevent.Names) draft {
	d := draft{prepared: p.prepared(q, a)}
	text := q.Text
	if len(q.Again) > 0 {
		current, files, author, err := p.messages(ctx, q.Thread, a.ts)
		text = current // never the stored text, which can be that of deleted messages
		switch {
		case err != nil:
			d.unread = err
		case current == "":
			d.failure = storage.FailureEmpty // the messages are gone
		default:
			d.asker, d.files = author, files // others can ask again what somebody wrote
		}
	}
	d.question = p.question(text, names)
	if hasPlaceholders(q) {
		filled, complete := p.fill(ctx, q, d.question, names)
		d.question = filled
		if !complete {
			d.unnamed = errNames
		}
	}
	return d
}

// sentUntil returns the timestamp from which on a thread is read: what was sent before is
// read only if the agent turns out not to know it. If the store cannot be read, all of the
// thread is.
func (p *promptWriter) sentUntil(ctx context.Context, id storage.ThreadID) string {
	thread, err := p.store.Thread(ctx, id)
	if err != nil {
		return ""
	}
	return knownIn(thread, false).until
}

// messages returns the texts of messages of a thread as Slack has them now, without those
// that are gone, the names of their files that cannot be read, and who wrote them.
func (p *promptWriter) messages(ctx context.Context, thread storage.ThreadID, all []string) (text string, files []string, author speaker, err error) {
	var texts []string
	for _, ts := range all {
		m, err := p.message(ctx, thread, ts)
		if err != nil {
			return "", nil, speaker{}, err
		}
		if !slices.Contains(contentSubtypes, m.Subtype) {
			continue // a deleted message that has replies says only that
		}
		if m.Content != "" {
			texts = append(texts, m.Content)
			author = speaker{id: cmp.Or(m.User, m.BotID), name: m.Name, isApp: !m.FromPerson()}
		}
		files = append(files, m.UnreadFiles...)
	}
	return strings.Join(texts, "\n\n"), files, author, nil
}

// message returns one message of a thread; an empty one if it is gone.
// https://docs.slack.dev/messaging/retrieving-messages#individual_messages
func (p *promptWriter) message(ctx context.Context, thread storage.ThreadID, ts string) (slackevent.Posted, error) {
	m, found, err := p.slack.Message(ctx, thread, ts)
	if slackapi.ErrorCode(err) == "thread_not_found" {
		err = nil
	}
	if storage.IsDirect(thread.Channel) && err == nil && !found && thread.Root != "" && thread.Root != ts {
		thread.Root = ts // a direct message that was merged begins a thread
		return p.message(ctx, thread, ts)
	}
	return m, err
}
