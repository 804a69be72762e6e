package deliver

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/rs/zerolog"

	"enjobridge/blocks"
	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// ticketHint is the operator's fix if the agent creates no tickets.
const ticketHint = "check that the agent is set up for ticketing, in the Enjo dashboard"

// postInThread posts an outcome in the question's thread. If the root of that is deleted, it
// posts the outcome in the thread of the latest message that was merged into the question
// and is still there.
func (d *Deliverer) postInThread(ctx context.Context, q storage.Question, check bool) (posts []string, err error) {
	places := []storage.ThreadID{q.Thread}
	for _, id := range slices.Backward(q.With) {
		if thread := q.ThreadOf(id); thread != q.Thread {
			places = append(places, thread)
		}
	}
	for _, thread := range places {
		placed := q
		placed.Thread = thread
		if len(places) > 1 && d.isBuried(ctx, placed, check) {
			posts, err = nil, slackapi.ErrRootGone
			continue
		}
		posts, err = d.postSafely(ctx, placed, check)
		if !errors.Is(err, slackapi.ErrRootGone) && slackapi.ErrorCode(err) != "thread_not_found" {
			break
		}
	}
	return posts, err
}

// readRootAttempts is how often the root of a thread is read before an outcome is posted.
const readRootAttempts = 3

// isBuried reports whether the root of a question's thread is deleted, although Slack keeps
// the thread for its replies. An outcome that is begun there stays there.
func (d *Deliverer) isBuried(ctx context.Context, q storage.Question, check bool) bool {
	if check {
		if _, begun := d.begunAt(ctx, TargetOf(q), q.ID); begun {
			return false
		}
	}
	var root slackevent.Posted
	err := d.Slack.Retry(ctx, readRootAttempts, func() (err error) {
		root, _, err = d.Slack.Message(ctx, q.Thread, q.Thread.Root)
		return err
	})
	return err == nil && root.Subtype == slackevent.Tombstone // if it is gone, posting reports it
}

// postSafely posts an outcome. If that panics, it posts an explanation.
func (d *Deliverer) postSafely(ctx context.Context, q storage.Question, check bool) (posts []string, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			d.Panics.Report(*zerolog.Ctx(ctx), "post an outcome", fault)
			q.Outcome = &storage.Outcome{Failure: storage.FailureInternal, Reference: storage.Reference(q.ID)}
			posts, err = d.postAll(ctx, q, true)
		}
	}()
	return d.postOutcome(ctx, q, check)
}

// postOutcome posts an answer and brings the card of its ticket up to date. For a
// question about a ticket's status it posts only the changes.
func (d *Deliverer) postOutcome(ctx context.Context, q storage.Question, check bool) ([]string, error) {
	switch {
	case q.Outcome.Failure == storage.FailureDropped:
		return nil, nil
	case q.Outcome.Failure == storage.FailureStopped:
		return d.postNotice(ctx, q, blocks.Say(blocks.SayStopped.Text()), partStopped, check)
	case q.Outcome.Failure == storage.FailurePerson:
		return d.postNotice(ctx, q, offerPerson(q), partPerson, check)
	case q.Ticket != "":
		return d.postTicketStatus(ctx, q, check)
	}
	reply := q.Outcome.Reply
	if q.MakesTicket && reply != nil && reply.Ticket == nil {
		zerolog.Ctx(ctx).Warn().Str("hint", ticketHint).Msg("deliver: the agent created no ticket")
	}
	posts, err := d.postAll(ctx, q, check)
	if (err != nil && !errors.Is(err, errRefused)) || reply == nil || reply.Ticket == nil {
		return posts, err
	}
	card, _ := d.syncCard(ctx, q, check) // the answer is posted, which is enough
	return append(posts, card...), err
}

// syncCard brings the card of the reply's ticket up to date. Only the end of ctx is an
// error; others are logged.
func (d *Deliverer) syncCard(ctx context.Context, q storage.Question, check bool) ([]string, error) {
	posts, err := d.Cards.Sync(ctx, q.Thread, q.Outcome.Reply.Ticket.ID, check)
	if err != nil && ctx.Err() == nil {
		zerolog.Ctx(ctx).Warn().Err(err).Strs("reasons", slackapi.RejectionReasons(err)).Msg("deliver: showing a ticket failed")
		err = nil
	}
	return posts, err
}

// postAll posts the messages of an outcome, in the richest form that Slack accepts, and
// returns their timestamps.
func (d *Deliverer) postAll(ctx context.Context, q storage.Question, check bool) ([]string, error) {
	f := d.firstForm()
	if check {
		f, _ = d.begunAt(ctx, TargetOf(q), q.ID)
	}
	// After an unexpected error code the first rendering is repeated for minutes, but no
	// other one: the thread's next question waits, and the asker is to be notified.
	brief := false
	for {
		messages, err := d.render(ctx, q, f)
		if err != nil {
			return nil, err
		}
		posts, err := d.postRendered(ctx, q, messages, f, check, brief)
		if err == nil || ctx.Err() != nil {
			return posts, err
		}
		if errors.Is(err, errNoFile) {
			// The parts of the whole have other markers, so that none is posted twice.
			d.deletePosts(ctx, q.ID.Channel, posts)
			f.whole = true
			continue
		}
		class := slackapi.Classify(err).Class
		if class != slackapi.Rejected && class != slackapi.Unexpected {
			return posts, err
		}
		unsure := errors.Is(err, slackapi.ErrUnsure)
		if unsure && !brief {
			// Another rendering would come beside the one that may be there.
			check, brief = true, true
			continue
		}
		simpler, ok := d.simplerForm(ctx, f, err)
		if !ok || unsure {
			return d.postRefused(ctx, q, posts, err)
		}
		if class == slackapi.Unexpected {
			brief = true
			posts = append(posts, d.posted(ctx, q, len(posts), f, messages)...)
		}
		// The simpler rendering has other parts, so the posted ones are deleted.
		d.deletePosts(ctx, q.ID.Channel, posts)
		f, check = simpler, false
	}
}

// posted returns the post with a part of an outcome, which an attempt with an unexpected
// error may have posted nevertheless.
func (d *Deliverer) posted(ctx context.Context, q storage.Question, part int, f form, messages []blocks.Message) []string {
	ts, _, err := d.Slack.Find(ctx, TargetOf(q), f.marker(q.ID, part, messages))
	if err != nil || ts == "" {
		return nil
	}
	return []string{ts}
}

// errRefused says that Slack refused every rendering of an answer, and that the asker
// was notified as far as Slack allows.
var errRefused = errors.New("slack refused every rendering of the answer")

// postRefused replaces the posted parts of an answer with a notice that Slack refused
// every rendering, in the thread, or else in the asker's direct messages. It returns
// [errRefused].
func (d *Deliverer) postRefused(ctx context.Context, q storage.Question, posts []string, why error) ([]string, error) {
	explanation := Explain(storage.FailureRefused)
	zerolog.Ctx(ctx).Error().Err(why).Str("code", slackapi.ErrorCode(why)).Strs("reasons", slackapi.RejectionReasons(why)).
		Str("hint", cmp.Or(slackapi.Classify(why).Hint, explanation.Hint)).Msg("deliver: slack refused every rendering of an answer")
	d.deletePosts(ctx, q.ID.Channel, posts)
	q.Outcome = &storage.Outcome{Failure: storage.FailureRefused, Reference: storage.Reference(q.ID)}
	posts, err := d.postNotice(ctx, q, d.failureNotice(q), partRefused, true)
	switch {
	case err == nil:
		return posts, errRefused
	case ctx.Err() != nil:
		return nil, err
	}
	d.notifyPrivately(ctx, q, err)
	return nil, errRefused
}

// The parts of notices, in their markers. The parts of an outcome count from 0.
const (
	PartOutage  = -1 // the question is stored, and the agent is down
	partStopped = -2
	partRefused = -3
	partMerged  = -4
	partPerson  = -5
	// -6 is the notice of package intake for a message whose author is unknown.
	partUnposted = -7
)

// IsReply reports whether a part begins what people read as the reply to a question.
func IsReply(part int) bool { return part == 0 || part == PartOutage || part == partRefused }

// postNotice posts a message in place of an outcome.
func (d *Deliverer) postNotice(ctx context.Context, q storage.Question, m blocks.Message, part int, check bool) ([]string, error) {
	ts, _, err := d.Slack.PostOnce(ctx, slackapi.Post{
		To: TargetOf(q), Message: m, Marker: slackapi.Marker{Question: q.ID, Part: part}, Check: check, Brief: true,
	})
	if err != nil {
		return nil, err
	}
	return []string{ts}, nil
}

// TargetOf returns where the outcome of a question is posted.
func TargetOf(q storage.Question) slackapi.Target {
	return slackapi.Target{Thread: q.Thread, Since: storage.MessageTS(q.ID.TS)}
}

// postRendered posts the messages one after the other, each followed by its file. It
// returns [errNoFile] if the file of a beginning cannot be uploaded.
func (d *Deliverer) postRendered(ctx context.Context, q storage.Question, messages []blocks.Message, f form, check, brief bool) ([]string, error) {
	to := TargetOf(q)
	var posts []string
	for part, m := range messages {
		ts, _, err := d.Slack.PostOnce(ctx, slackapi.Post{
			To: to, Message: m, Marker: f.marker(q.ID, part, messages), Check: check, Brief: brief,
		})
		if err != nil {
			return posts, err
		}
		posts = append(posts, ts)
		if m.File == nil {
			continue
		}
		if err = d.upload(ctx, f, slackapi.Upload{To: to, File: *m.File, Reference: storage.Reference(q.ID), Check: check}); err != nil {
			return posts, err
		}
	}
	return posts, nil
}

// deletePosts deletes posts, unless Slack forbids it: what comes in their place must not stand
// beside them.
func (d *Deliverer) deletePosts(ctx context.Context, channel string, posts []string) {
	for _, ts := range posts {
		if err := d.Slack.DeleteSurely(ctx, channel, ts); err != nil {
			zerolog.Ctx(ctx).Warn().Err(err).Msg("deliver: deleting a post failed")
		}
	}
}

// render returns the messages of an outcome, without the card of a ticket.
func (d *Deliverer) render(ctx context.Context, q storage.Question, f form) ([]blocks.Message, error) {
	outcome := q.Outcome
	if outcome.Reply == nil {
		return []blocks.Message{d.failureNotice(q)}, nil
	}
	view, err := d.view(ctx, q, f)
	if err != nil {
		return nil, err
	}
	return answerMessages(q, view, f), nil
}

// view returns the answer to a question as its thread shows it.
func (d *Deliverer) view(ctx context.Context, q storage.Question, f form) (blocks.AnswerView, error) {
	retry, fits := retryValue(q)
	view := blocks.AnswerView{
		Reply: *q.Outcome.Reply, Agent: d.AgentName(q.Agent), Question: q.ID.String(), Whole: f.whole,
		ShowFeedback: true, ShowRetry: canRetry(q) && fits && !noTicket(q), Retry: retry, ForTicket: q.MakesTicket,
	}
	if len(q.Outcome.UnreadFiles) > 0 || q.HasFiles {
		view.Note = blocks.NoteFiles(q.Outcome.UnreadFiles)
	}
	return view, d.offer(ctx, q, &view)
}

// answerMessages returns the messages of an answer, without the card of a ticket.
func answerMessages(q storage.Question, view blocks.AnswerView, f form) []blocks.Message {
	messages := blocks.Answer(view, f.as)
	if noTicket(q) {
		messages = append(messages, blocks.NoTicketMade(q.ID.String(), q.Outcome.Reference))
	}
	return messages
}

// noTicket reports whether a ticket was requested, and none made. The notice about that
// has a button for another attempt.
func noTicket(q storage.Question) bool { return q.MakesTicket && q.Outcome.Reply.Ticket == nil }

// OutageNotice returns the notice that a question is stored while its agent is down.
func (d *Deliverer) OutageNotice(q storage.Question) blocks.Message {
	return d.noticeFor(q, blocks.NoticeView{Text: blocks.SayKeptForLater.Text()})
}

// failureNotice returns the notice of a failed question, with a button for a person if
// there are people to call.
func (d *Deliverer) failureNotice(q storage.Question) blocks.Message {
	notice := Explain(q.Outcome.Failure).Notice(q)
	return d.noticeFor(q, notice)
}

// offer decides which buttons an answer has: one for a ticket if the thread has none
// yet, and one for a person if there are people to call.
func (d *Deliverer) offer(ctx context.Context, q storage.Question, view *blocks.AnswerView) error {
	view.Alone = q.Thread.IsPersonal()
	view.ShowEscalate = d.OffersPerson(view.Alone)
	if !d.OfferTicket || q.MakesTicket {
		return nil
	}
	return storage.Retry(ctx, d.BackOff, func() error {
		tickets, err := d.Store.Tickets(ctx, q.Thread)
		view.ShowCreateTicket = len(tickets) == 0
		return err
	})
}
