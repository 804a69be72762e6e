package deliver

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/blocks"
	"enjobridge/bot/backoff"
	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

const (
	// respondTimeout bounds one use of a response URL.
	respondTimeout = 10 * time.Second
	// respondWait is the longest wait that Slack can ask for before a response.
	respondWait = 30 * time.Second
	// outcomeUses are the uses of a response URL for an outcome: of the
	// [slackapi.ResponseUses], one is for the words that a question is asked, and one for
	// the notice of an outage or a pointer to the direct messages.
	outcomeUses = slackapi.ResponseUses - 2
	// maxPrivate is how many messages are shown privately at most. Longer outcomes go to the
	// direct messages, where they stay.
	maxPrivate = 2
)

// deliverPrivately shows the outcome of a private question to its asker alone, and ends
// the question. Nobody can find out whether an ephemeral message was posted. So with check,
// and if the response URL does not work, or not certainly, the outcome is posted to the
// asker's direct messages, once.
func (d *Deliverer) deliverPrivately(ctx context.Context, q storage.Question, check bool) error {
	defer d.Begin(q.ID)()
	unlock, err := d.private.Lock(ctx, q.ID.String())
	if err != nil {
		return err
	}
	defer unlock()
	posts, err := d.showSafely(ctx, q, check)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	end := endOf(q)
	if err != nil {
		zerolog.Ctx(ctx).Error().Err(err).Str("code", slackapi.ErrorCode(err)).Strs("reasons", slackapi.RejectionReasons(err)).
			Str("hint", slackapi.Classify(err).Hint).Msg("deliver: showing a private outcome failed")
		end = storage.Failed
		d.notifyUnshown(ctx, q, err)
	}
	return d.end(ctx, q, end, posts)
}

// notifyUnshown notifies the asker of a private question that its outcome could not be shown,
// in the channel of the question, with a button for another attempt.
func (d *Deliverer) notifyUnshown(ctx context.Context, q storage.Question, why error) {
	if errors.Is(why, errRefused) || q.Outcome.Failure == storage.FailureStopped {
		return // the asker knows
	}
	ctx, cancel := context.WithTimeout(ctx, notifyTimeout)
	defer cancel()
	q.Outcome = &storage.Outcome{Failure: storage.FailureRefused, Reference: storage.Reference(q.ID)}
	notice := d.failureNotice(q)
	if d.canRespond(q) && d.respondOnce(ctx, q, notice) == nil {
		return
	}
	if err := d.Slack.PostEphemeral(ctx, q.ID.Channel, "", q.Asker, notice); err != nil {
		zerolog.Ctx(ctx).Error().Err(err).Str("code", slackapi.ErrorCode(err)).Str("hint", slackapi.Classify(err).Hint).
			Msg("deliver: notifying the asker of a private question failed")
	}
}

// showSafely shows an outcome privately. If that panics, it shows an explanation.
func (d *Deliverer) showSafely(ctx context.Context, q storage.Question, check bool) (posts []string, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			d.Panics.Report(*zerolog.Ctx(ctx), "show a private outcome", fault)
			q.Outcome = &storage.Outcome{Failure: storage.FailureInternal, Reference: storage.Reference(q.ID)}
			posts, err = d.postDirectly(ctx, q, true)
		}
	}()
	if q.Outcome.Failure == storage.FailureDropped {
		return nil, nil
	}
	shown, long := false, false
	if !check && d.canRespond(q) {
		shown, long = d.respond(ctx, q)
	}
	if shown || ctx.Err() != nil {
		return nil, nil
	}
	posts, err = d.postDirectly(ctx, q, check)
	if err == nil && long {
		d.pointToDirect(ctx, q, posts)
	}
	return posts, err
}

// canRespond reports whether the response URL of a question still works.
func (d *Deliverer) canRespond(q storage.Question) bool {
	return q.ResponseURL != "" && d.Slack.Now().Sub(q.AcceptedAt) < slackapi.ResponseLife
}

// respond shows an outcome by the response URL. It returns whether it is certainly shown,
// and whether it is too long for that.
func (d *Deliverer) respond(ctx context.Context, q storage.Question) (shown, long bool) {
	left := outcomeUses
	for f, more := d.firstForm(), true; more; {
		messages, err := d.privateMessages(ctx, q, f, true)
		if err != nil {
			return false, false
		}
		if len(messages) > maxPrivate || slices.ContainsFunc(messages, func(m blocks.Message) bool { return m.File != nil }) {
			return false, true
		}
		responded := 0
		for _, m := range messages {
			if left--; left < 0 {
				return false, false
			}
			if err = d.respondOnce(ctx, q, m); err != nil {
				break
			}
			responded++
		}
		if err == nil {
			return true, false
		}
		if responded > 0 || slackapi.Classify(err).Class != slackapi.Rejected {
			zerolog.Ctx(ctx).Warn().Err(err).Msg("deliver: showing a private outcome failed")
			return false, false
		}
		f, more = d.nextPrivately(ctx, q, f, left, err)
	}
	return false, false
}

// nextPrivately returns the form to show after Slack has refused one; false if none is left.
// A file cannot be shown. If another refusal would leave too few uses of the response URL for
// the plain form, that is the next: an answer is better there without its layout than
// elsewhere.
func (d *Deliverer) nextPrivately(ctx context.Context, q storage.Question, f form, left int, why error) (form, bool) {
	next, _ := d.simplerForm(ctx, f, why)
	if next.as >= blocks.Plain {
		return next, next.as == blocks.Plain
	}
	plain := form{as: blocks.Plain, whole: f.whole}
	messages, err := d.privateMessages(ctx, q, plain, true)
	if n := len(messages); err == nil && n <= maxPrivate && left <= n {
		return plain, true
	}
	return next, true
}

// respondOnce uses a question's response URL once. If Slack limits the rate, it was not used.
func (d *Deliverer) respondOnce(ctx context.Context, q storage.Question, m blocks.Message) error {
	for {
		within, cancel := context.WithTimeout(ctx, respondTimeout)
		err := d.Slack.Respond(within, q.ResponseURL, m)
		cancel()
		failure := slackapi.Classify(err)
		if failure.Class != slackapi.RateLimited || failure.RetryAfter > respondWait || !d.canRespond(q) {
			return err
		}
		if ended := backoff.Sleep(ctx, failure.RetryAfter); ended != nil {
			return errors.Join(ended, err)
		}
	}
}

// privateMessages returns the messages of a private outcome, with the state of its ticket:
// it has no card before a thread shows it.
func (d *Deliverer) privateMessages(ctx context.Context, q storage.Question, f form, alone bool) ([]blocks.Message, error) {
	switch {
	case q.Outcome.Failure == storage.FailureStopped:
		return []blocks.Message{blocks.Say(blocks.SayStopped.Text())}, nil
	case q.Outcome.Failure == storage.FailurePerson:
		return []blocks.Message{offerPerson(q)}, nil
	case q.Outcome.Reply == nil && alone:
		return d.render(ctx, q, f)
	case q.Outcome.Reply == nil:
		return []blocks.Message{blocks.AfterQuestion(d.failureNotice(q), d.asked(ctx, q))}, nil
	}
	view, err := d.view(ctx, q, f)
	if err != nil {
		return nil, err
	}
	if alone && q.Origin == storage.Command && !storage.IsDirect(q.Thread.Channel) {
		view.Share, _ = WithText(q.ID, q.Text) // without the text if that is too long
	}
	if view.ShowEscalate {
		view.Escalate = WithExchange(q, answerMessages(q, view, f)[0].Text)
	}
	if !alone {
		view.Asked = d.asked(ctx, q)
	}
	messages := answerMessages(q, view, f)
	if t := q.Outcome.Reply.Ticket; alone && t != nil {
		messages = append(messages, blocks.PrivateTicket(*t))
	}
	return messages, nil
}

// asked returns a private question as people read it: the direct messages do not show it.
// It is empty for what a button asks.
func (d *Deliverer) asked(ctx context.Context, q storage.Question) string {
	if q.Origin != storage.Command {
		return ""
	}
	return slackevent.PlainText(q.Text, "", d.Slack.Names(ctx, q.ID.Channel).Limited(0))
}

// Acknowledge shows the asker of a private question that it is being worked on, with the
// time that it waits, unless it has an outcome by now. Only this attempt is made.
func (d *Deliverer) Acknowledge(ctx context.Context, q storage.Question, wait time.Duration) {
	unlock, err := d.private.Lock(ctx, q.ID.String())
	if err != nil {
		return
	}
	defer unlock()
	now, err := d.Store.Question(ctx, q.ID)
	if err != nil || now.State != storage.Queued && now.State != storage.Asking || !d.canRespond(now) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, respondTimeout)
	defer cancel()
	if err := d.Slack.Respond(ctx, now.ResponseURL, blocks.OnIt(wait)); err != nil {
		zerolog.Ctx(ctx).Warn().Err(err).Msg("deliver: acknowledging a private question failed")
	}
}

// NotifyOutage notifies the asker of an unfinished private question, once, that the agent is
// down: by the response URL, or else in the direct messages.
func (d *Deliverer) NotifyOutage(ctx context.Context, id storage.MessageID) error {
	unlock, err := d.private.Lock(ctx, id.String())
	if err != nil {
		return err
	}
	defer unlock()
	q, err := d.Store.Question(ctx, id)
	if err != nil || q.State.Ended() {
		return err
	}
	m := d.OutageNotice(q)
	if d.canRespond(q) && d.respondOnce(ctx, q, m) == nil {
		return nil
	}
	to, err := d.directOf(ctx, q, 0)
	if err != nil {
		return err
	}
	m = blocks.AfterQuestion(m, d.asked(ctx, q))
	_, _, err = d.Slack.PostOnce(ctx, slackapi.Post{To: to, Message: m, Marker: slackapi.Marker{Question: id, Part: PartOutage}, Check: true, Brief: true})
	return err
}

// Shown waits until nothing of a private question is being shown.
func (d *Deliverer) Shown(ctx context.Context, id storage.MessageID) error {
	unlock, err := d.private.Lock(ctx, id.String())
	if err == nil {
		unlock()
	}
	return err
}

// postDirectly posts a private outcome to its asker's direct messages, where a reply
// continues the conversation, with the card of its ticket.
func (d *Deliverer) postDirectly(ctx context.Context, q storage.Question, check bool) ([]string, error) {
	to, err := d.directOf(ctx, q, slackapi.Patience)
	if err != nil {
		return nil, err
	}
	posts, err := d.postAtTop(ctx, to, q.ID, check, func(f form) ([]blocks.Message, error) { return d.privateMessages(ctx, q, f, false) })
	if slackapi.Classify(err).Class == slackapi.Rejected && ctx.Err() == nil {
		zerolog.Ctx(ctx).Error().Err(err).Strs("reasons", slackapi.RejectionReasons(err)).Msg("deliver: slack refused every rendering of an answer")
		q.Outcome = &storage.Outcome{Failure: storage.FailureRefused, Reference: storage.Reference(q.ID)}
		_, _, err = d.Slack.PostOnce(ctx, slackapi.Post{To: to, Message: d.failureNotice(q), Marker: slackapi.Marker{Question: q.ID, Part: partRefused}, Check: true})
		return nil, cmp.Or(err, errRefused)
	}
	if err != nil {
		return nil, err
	}
	_, err = d.publish(ctx, q, to, posts[0])
	return posts, err
}

// directOf returns the asker's direct messages; see [slackapi.Client.OpenDirect]. A question
// whose record was damaged has no asker, but its thread may have.
func (d *Deliverer) directOf(ctx context.Context, q storage.Question, patience time.Duration) (slackapi.Target, error) {
	if q.Asker == "" {
		if thread, err := d.Store.Thread(ctx, q.Thread); err == nil && len(thread.Askers) == 1 {
			q.Asker = slices.Collect(maps.Keys(thread.Askers))[0]
		}
	}
	channel, err := d.Slack.OpenDirect(ctx, q.Asker, patience)
	return topOf(q, channel), err
}

// topOf returns the top of a channel, for what is posted after a question was accepted.
func topOf(q storage.Question, channel string) slackapi.Target {
	return slackapi.Target{
		Thread: storage.ThreadID{Team: q.ID.Team, Channel: channel},
		Since:  slackevent.FormatTS(q.AcceptedAt.Add(-time.Minute)), // clocks differ a little
	}
}

// pointToDirect shows that the answer is in the direct messages, if Slack takes it.
func (d *Deliverer) pointToDirect(ctx context.Context, q storage.Question, posts []string) {
	pointer := blocks.Say(blocks.SayInDirect.Text())
	if to, err := d.directOf(ctx, q, 0); err == nil && len(posts) > 0 {
		pointer = blocks.WithLink(pointer, d.Slack.Permalink(ctx, to.Thread.Channel, posts[0]))
	}
	if err := d.respondOnce(ctx, q, pointer); err != nil {
		zerolog.Ctx(ctx).Warn().Err(err).Msg("deliver: pointing to the direct messages failed")
	}
}
