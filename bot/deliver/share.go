package deliver

import (
	"context"
	"errors"
	"strings"

	"enjobridge/blocks"
	"enjobridge/bot/slackapi"
	"enjobridge/storage"
)

// shareName names, in the markers of the posts, that an answer was shared.
const shareName = "share"

// IsShared reports whether the identity in the marker of a post says that it is a shared answer.
func IsShared(id storage.MessageID) bool {
	return strings.HasSuffix(id.TS, storage.ButtonID(storage.MessageID{}, shareName).TS)
}

// Share posts the kept answer to a private question at the top of its channel, once, with
// who asked it and what; empty if that is not known. Replies there continue the
// conversation. Called again, also after a crash, it finds its post. It returns the thread.
func (d *Deliverer) Share(ctx context.Context, q storage.Question, by, asked string) (in storage.ThreadID, err error) {
	outcome := *q.Outcome
	reply := *outcome.Reply
	reply.Text, outcome.Reply = q.Kept, &reply
	q.Outcome = &outcome
	view, err := d.view(ctx, q, form{})
	if err != nil {
		return in, err
	}
	view.AskedBy, view.Asked, view.ShowEscalate, view.Alone = by, asked, d.OffersPerson(false), false
	to := topOf(q, q.ID.Channel)
	posts, err := d.postAtTop(ctx, to, storage.ButtonID(q.ID, shareName), true, func(f form) ([]blocks.Message, error) {
		view.Whole = f.whole
		return blocks.Answer(view, f.as), nil
	})
	if err != nil {
		return in, err
	}
	return d.publish(ctx, q, to, posts[0])
}

// LinkShared makes the thread of a shared answer known that an earlier process has posted,
// and returns it; without a root if there is none.
func (d *Deliverer) LinkShared(ctx context.Context, q storage.Question) (in storage.ThreadID, err error) {
	to := topOf(q, q.ID.Channel)
	root, _, err := d.begun(ctx, to, storage.ButtonID(q.ID, shareName))
	if err != nil || root == "" {
		return in, err
	}
	return d.publish(ctx, q, to, root)
}

// publish records where a private outcome was posted, and posts the card of its ticket
// there. It returns the thread.
func (d *Deliverer) publish(ctx context.Context, q storage.Question, to slackapi.Target, root string) (in storage.ThreadID, err error) {
	in = to.Thread
	in.Root = root
	err = storage.Retry(ctx, d.BackOff, func() error { return d.Store.Publish(ctx, q.ID, in, d.Slack.Now()) })
	if err != nil || q.Outcome.Reply == nil || q.Outcome.Reply.Ticket == nil {
		return in, err
	}
	q.Thread = in
	_, err = d.syncCard(ctx, q, true)
	return in, err
}

// postAtTop posts messages at the top of a channel, the first one as the root of a thread
// with the others, in the richest form that Slack accepts. With check, a part may be posted
// already. It returns their timestamps.
func (d *Deliverer) postAtTop(
	ctx context.Context, to slackapi.Target, marked storage.MessageID, check bool, render func(form) ([]blocks.Message, error),
) ([]string, error) {
	f := d.firstForm()
	if check {
		f, _ = d.begunAt(ctx, to, marked)
	}
	for {
		messages, err := render(f)
		if err != nil {
			return nil, err
		}
		posts, err := d.postThread(ctx, to, marked, messages, f, check)
		if err == nil || ctx.Err() != nil {
			return posts, err
		}
		switch {
		case errors.Is(err, errNoFile):
			f.whole = true
		case slackapi.Classify(err).Class != slackapi.Rejected || errors.Is(err, slackapi.ErrUnsure):
			return posts, err
		default:
			simpler, ok := d.simplerForm(ctx, f, err)
			if !ok {
				return nil, err
			}
			f, check = simpler, false
		}
		d.deletePosts(ctx, to.Thread.Channel, posts)
	}
}

// postThread posts messages: the first one at the top, and the others in its thread.
func (d *Deliverer) postThread(
	ctx context.Context, to slackapi.Target, marked storage.MessageID, messages []blocks.Message, f form, check bool,
) (posts []string, err error) {
	for part, m := range messages {
		ts, _, err := d.Slack.PostOnce(ctx, slackapi.Post{To: to, Message: m, Marker: f.marker(marked, part, messages), Check: check})
		if err != nil {
			return posts, err
		}
		posts = append(posts, ts)
		if part == 0 {
			to.Thread.Root, to.Since = ts, ts
		}
		if m.File == nil {
			continue
		}
		if err := d.upload(ctx, f, slackapi.Upload{To: to, File: *m.File, Reference: storage.Reference(marked), Check: check}); err != nil {
			return posts, err
		}
	}
	return posts, nil
}
