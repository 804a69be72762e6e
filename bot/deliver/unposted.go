package deliver

import (
	"context"
	"errors"
	"strings"

	"github.com/rs/zerolog"

	"enjobridge/blocks"
	"enjobridge/bot/slackapi"
	"enjobridge/storage"
)

// unposted returns what the asker reads in a direct message if nothing can be posted
// where the question is.
func unposted(why error) (say, next blocks.Key) {
	if slackapi.Classify(why).Class != slackapi.Inaccessible {
		return blocks.SayNotPosted, blocks.NextNotPosted
	}
	switch code := slackapi.ErrorCode(why); {
	case errors.Is(why, slackapi.ErrRootGone), code == "thread_not_found":
		return blocks.SayThreadGone, blocks.NextThreadGone
	case code == "not_in_channel", code == "channel_is_limited_access", code == "access_denied":
		return blocks.SayRemoved, blocks.NextRemoved
	case code == "is_archived", code == "is_inactive":
		return blocks.SayArchived, blocks.NextArchived
	case strings.HasPrefix(code, "restricted_action"), code == "thread_locked", code == "cannot_reply_to_message":
		return blocks.SayRestricted, blocks.NextRestricted
	}
	return blocks.SayChannelGone, blocks.NextChannelGone
}

// messageGone reports whether nothing can be posted because the question's own message,
// the root of its thread, is deleted: nobody waits for the answer any more.
func messageGone(q storage.Question, why error) bool {
	gone := errors.Is(why, slackapi.ErrRootGone) || slackapi.ErrorCode(why) == "thread_not_found"
	return gone && q.Thread.Root != "" && q.Thread.Root == storage.MessageTS(q.ID.TS) && q.Origin != storage.Button
}

// notifyPrivately notifies the asker in their direct messages that nothing could be
// posted where the question is. A reply to that continues the question's conversation. A
// bot has no direct messages, and a person who has stopped a question needs no notice.
func (d *Deliverer) notifyPrivately(ctx context.Context, q storage.Question, why error) {
	log := zerolog.Ctx(ctx)
	notify := !q.ByBot && q.Outcome.Failure != storage.FailureStopped
	log.Error().Err(why).Str("code", slackapi.ErrorCode(why)).Str("hint", slackapi.Classify(why).Hint).Bool("notified", notify).
		Msg("deliver: posting in the thread failed, notifying the asker in a direct message")
	if !notify {
		return
	}
	// The notice is the question's only end, so it is tried for as long as an answer.
	ctx, cancel := context.WithTimeout(ctx, slackapi.Patience+notifyTimeout)
	defer cancel()
	say, next := unposted(why)
	notice := blocks.Notice(blocks.NoticeView{Text: say.Text(), Next: next.Text(), Reference: storage.Reference(q.ID)})
	link := d.Slack.Permalink(ctx, q.ID.Channel, storage.MessageTS(q.ID.TS))
	to, ts, err := d.postUnposted(ctx, q, blocks.WithLink(notice, link))
	if err != nil {
		log.Error().Err(err).Str("code", slackapi.ErrorCode(err)).Str("hint", slackapi.Classify(err).Hint).
			Msg("deliver: notifying the asker in a direct message failed")
		return
	}
	post := storage.ThreadID{Team: q.ID.Team, Channel: to.Thread.Channel, Root: ts}
	if err := storage.Retry(ctx, d.BackOff, func() error { return d.Store.LinkThread(ctx, post, q.Thread, d.Slack.Now()) }); err != nil {
		log.Error().Err(err).Str("hint", storage.Hint(err)).Msg("deliver: linking the direct message to the question's thread failed")
	}
}

// postUnposted posts the notice, unless an earlier process has. What a person can fix may be
// fixed while it is tried.
func (d *Deliverer) postUnposted(ctx context.Context, q storage.Question, notice blocks.Message) (to slackapi.Target, ts string, err error) {
	to, err = d.directOf(ctx, q, slackapi.Patience)
	if err == nil {
		ts, _, err = d.Slack.PostOnce(ctx, slackapi.Post{To: to, Message: notice, Marker: slackapi.Marker{Question: q.ID, Part: partUnposted}, Check: true})
	}
	return to, ts, err
}
