package dispatch

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// line is a message of a thread.
type line struct {
	ts      string
	speaker speaker
	text    string // empty if the message has only files
	files   []string
	own     bool // an answer of the bot
	root    bool
	// leftOut says that only the timestamp was read, because there is more than enough
	// that is newer.
	leftOut bool
}

// history is a part of a thread, as Slack returned it.
type history struct {
	lines []line // oldest first
	// from and until are timestamps: what was said after from was read, up to and
	// including until. An empty from means the beginning.
	from, until string
	missing     bool // a part of it could not be read
}

// errSender is why a message is missing whose sender Slack did not return.
var errSender = errors.New("the sender of an earlier message is unknown")

// contentSubtypes are the subtypes of messages in which a person or an app says something.
// https://docs.slack.dev/reference/events/message#subtypes
var contentSubtypes = []string{"", "bot_message", "file_share", "me_message", "thread_broadcast"}

// read returns what was said in a thread after a time and before a question, and why a
// part of it is missing. It takes up to date what was edited or deleted since.
// https://docs.slack.dev/reference/methods/conversations.replies
func (p *promptWriter) read(ctx context.Context, q storage.Question, a asked, from string, n slackevent.Names) (history, error) {
	h := history{from: from, until: from}
	var posts recent
	var missing error
	for m, err := range p.slack.Replies(ctx, q.Thread, slackapi.Range{Oldest: from, Latest: a.before, Metadata: true}) {
		if err != nil {
			missing = err
			break
		}
		if storage.CompareTS(m.TS, from) > 0 && storage.CompareTS(m.TS, a.before) < 0 {
			posts.add(m, m.TS == q.Thread.Root)
			h.until = m.TS
		}
	}
	if missing == nil {
		h.until = later(h.until, a.last())
	}
	r := reading{promptWriter: p, question: q, asked: a, from: from, names: n, left: maxThread, leftOwn: maxThread, senders: make(map[string]bool)}
	for i, m := range slices.Backward(posts.all) {
		l, err := r.line(ctx, m)
		switch {
		case err != nil:
			missing = err
			h.until = from
			if i > 0 {
				h.until = posts.all[i-1].TS
			}
		case l.ts != "":
			h.lines = append(h.lines, l)
		}
	}
	slices.Reverse(h.lines)
	h.missing = missing != nil
	return h, missing
}

// maxKept bounds the texts of a thread that are kept while it is read, in bytes: far more
// than is sent, and far less than a long thread has.
const maxKept = 1 << 20

// recent holds the messages of a thread that were read, and the texts of the root and of
// the newest ones.
type recent struct {
	all   []slackevent.Posted // oldest first
	kept  int                 // the length of the texts that are kept, without the root's
	first int                 // the messages before it have no text, except the root
}

// add adds the next message.
func (r *recent) add(m slackevent.Posted, isRoot bool) {
	r.all = append(r.all, m)
	if isRoot {
		r.first = len(r.all)
		return
	}
	r.kept += len(m.Content)
	for ; r.kept > maxKept && r.first < len(r.all)-1; r.first++ {
		r.kept -= len(r.all[r.first].Content)
		r.all[r.first].Content, r.all[r.first].Text = "", ""
	}
}

// reading reads the messages of a thread, the newest first.
type reading struct {
	*promptWriter
	question storage.Question
	asked    asked
	from     string
	names    slackevent.Names
	// left and leftOwn are the characters that can still be sent, of others and of the bot.
	left, leftOwn int
	senders       map[string]bool // people who were looked up
}

// line returns a message as a line, without a timestamp if it is left out: what is asked
// itself, what no person and no app said, what an outsider said, and notices of the bot.
func (r *reading) line(ctx context.Context, m slackevent.Posted) (line, error) {
	l := line{ts: m.TS, root: m.TS == r.question.Thread.Root, own: r.slack.Own(m), files: m.UnreadFiles}
	switch {
	case slices.Contains(r.asked.ts, m.TS), !slices.Contains(contentSubtypes, m.Subtype):
		return line{}, nil
	case l.own && !l.root && (r.from != "" || !r.isAnswer(ctx, m)):
		return line{}, nil // the agent knows what it has answered
	}
	left := &r.left
	if l.own {
		left = &r.leftOwn
	}
	l.leftOut = *left <= 0 && !l.root
	from, err := r.sender(ctx, m, l)
	if err != nil || from == nil {
		return line{}, err
	}
	l.speaker = *from
	if l.leftOut {
		return l, nil
	}
	l.text = slackevent.Cut(r.text(m.Content, r.names), maxMessage)
	if l.text == "" && len(l.files) == 0 {
		return line{}, nil
	}
	*left -= characters(l.text)
	return l, nil
}

// sender returns who wrote a message; nil if it is not sent, because an outsider did. A
// message that is left out needs no name.
func (r *reading) sender(ctx context.Context, m slackevent.Posted, l line) (*speaker, error) {
	home := r.self.MembershipOf(m.Home)
	switch {
	case l.own:
		return &speaker{id: ownLabel}, nil
	case !m.FromPerson():
		if home == slackevent.Outsider && !r.allowExternal {
			return nil, nil
		}
		return &speaker{id: cmp.Or(m.User, m.BotID, "app"), name: m.Name, isApp: true}, nil
	case l.leftOut:
		return &speaker{id: m.User}, nil
	case !r.senders[m.User] && len(r.senders) >= maxNamesLookedUp:
		if home == slackevent.Member || r.allowExternal {
			return &speaker{id: m.User}, nil
		}
		return nil, nil
	}
	r.senders[m.User] = true
	user, answered := r.slack.User(ctx, m.User)
	switch {
	case r.allowExternal:
	case !answered:
		return nil, errSender
	case user.Membership == slackevent.Unverified && home == slackevent.Member:
		// Slack does not know the person, but the message says enough.
	case user.Membership != slackevent.Member:
		// Closed by default: a person whom Slack does not know could be an outsider.
		return nil, nil
	}
	return &speaker{id: m.User, name: user.Name}, nil
}

// isAnswer reports whether a post of the bot is a part of an answer: no notice, and not
// the explanation of a failure.
func (r *reading) isAnswer(ctx context.Context, m slackevent.Posted) bool {
	marker, ok := r.slack.MarkerOf(m)
	if !ok || marker.Part < 0 {
		return false
	}
	// A store that was lost does not know the question.
	q, err := r.store.Question(ctx, marker.Question)
	return err != nil || q.Outcome == nil || q.Outcome.Reply != nil
}

// later returns the later of two timestamps.
func later(a, b string) string {
	if storage.CompareTS(a, b) >= 0 {
		return a
	}
	return b
}
