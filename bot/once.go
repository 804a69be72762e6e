package bot

import (
	"context"
	"fmt"

	"github.com/rs/zerolog"
	"github.com/slack-go/slack"

	"enjobridge/blocks"
	"enjobridge/storage"
)

// berth is where something is posted: a thread, and the timestamp of a message
// that was there before.
type berth struct {
	thread storage.ThreadID
	since  string
}

// once posts one message, and goes on trying until it is there, or Slack said
// that it never will be, or ctx ends. With check, and where the outcome of a post
// is unknown, the thread is read for the mark before it is posted.
func (p *poster) once(ctx context.Context, to berth, m blocks.Message, as mark, check bool) (string, error) {
	return p.untilThere(ctx, to, as.isOn, check, func() (string, error) {
		return p.post(ctx, to.thread.Channel, to.thread.Root, m, as)
	})
}

// untilThere does the same for any way of posting, and of knowing the post again.
func (p *poster) untilThere(ctx context.Context, to berth, isOurs func(slack.Message) bool, check bool, post func() (string, error)) (string, error) {
	for attempt := 1; ; attempt++ {
		ts, err := "", error(nil)
		if check {
			ts, err = p.find(ctx, to, isOurs)
			if slackError(err) == "thread_not_found" {
				err = p.takeDownStray(ctx, to, isOurs, err)
			}
			check = err != nil
		}
		if ts == "" && err == nil {
			ts, err = post()
			what, _, _ := troubleOf(err)
			check = what == troubleUnknown
		}
		if err == nil {
			return ts, nil
		}
		if what, _, _ := troubleOf(err); what == troubleRefused || what == troublePlace {
			return "", err
		}
		if err := p.rest(ctx, err, attempt); err != nil {
			return "", err
		}
	}
}

// rest waits before the next attempt, for as long as Slack said or the back-off says.
func (p *poster) rest(ctx context.Context, err error, attempt int) error {
	what, wait, cure := troubleOf(err)
	if what != troubleWait {
		wait = max(wait, p.backOff(attempt))
	}
	zerolog.Ctx(ctx).Warn().Err(err).Str("hint", cure).Dur("wait", wait).Msg("posting again")
	return sleep(ctx, wait)
}

// find returns the timestamp of our post, or "" if it is not there.
func (p *poster) find(ctx context.Context, to berth, isOurs func(slack.Message) bool) (string, error) {
	cursor := ""
	for {
		messages, next, err := p.page(ctx, to, cursor)
		if err != nil {
			return "", err
		}
		for _, m := range messages {
			if isOurs(m) {
				return m.Timestamp, nil
			}
		}
		if next == "" {
			return "", nil
		}
		cursor = next
	}
}

// takeDownStray looks for our post at the channel's top, where Slack puts what is
// posted into a thread whose root is gone, and takes it down. It returns gone if
// there is none.
func (p *poster) takeDownStray(ctx context.Context, to berth, isOurs func(slack.Message) bool, gone error) error {
	top := berth{thread: storage.ThreadID{Team: to.thread.Team, Channel: to.thread.Channel}, since: to.since}
	ts, err := p.find(ctx, top, isOurs)
	switch {
	case err != nil:
		return err
	case ts == "":
		return gone
	}
	return p.takeDown(ctx, to.thread.Channel, ts)
}

// page reads one page of what was posted at a berth.
// https://docs.slack.dev/reference/methods/conversations.replies
func (p *poster) page(ctx context.Context, to berth, cursor string) ([]slack.Message, string, error) {
	if to.thread.Root != "" {
		messages, _, next, err := p.api.GetConversationRepliesContext(ctx, &slack.GetConversationRepliesParameters{
			ChannelID: to.thread.Channel, Timestamp: to.thread.Root, Oldest: to.since, Cursor: cursor,
			Limit: 200, IncludeAllMetadata: true,
		})
		return messages, next, err
	}
	history, err := p.api.GetConversationHistoryContext(ctx, &slack.GetConversationHistoryParameters{
		ChannelID: to.thread.Channel, Oldest: to.since, Cursor: cursor, Limit: 200, IncludeAllMetadata: true,
	})
	if err != nil {
		return nil, "", err
	}
	return history.Messages, history.ResponseMetaData.NextCursor, nil
}

// attach uploads a file into a thread, once: it is known again by its name,
// which holds the reference of the question.
// https://docs.slack.dev/messaging/working-with-files#uploading_files
func (p *poster) attach(ctx context.Context, to berth, f blocks.File, ref string, check bool) error {
	name := ref + "-" + f.Name
	isOurs := func(found slack.Message) bool {
		for _, file := range found.Files {
			if file.Name == name {
				return true
			}
		}
		return false
	}
	_, err := p.untilThere(ctx, to, isOurs, check, func() (string, error) {
		_, err := p.api.UploadFileContext(ctx, slack.UploadFileParameters{
			Channel: to.thread.Channel, ThreadTimestamp: to.thread.Root,
			Filename: name, Title: f.Title, Content: f.Content, FileSize: len(f.Content),
		})
		return "", err
	})
	if err != nil {
		return fmt.Errorf("uploading a file to %s: %w", to.thread.Channel, err)
	}
	return nil
}

// update changes a message of the bot's, and goes on trying like once. Doing it
// twice does no harm.
// https://docs.slack.dev/reference/methods/chat.update
func (p *poster) update(ctx context.Context, channel, ts string, m blocks.Message) error {
	for attempt := 1; ; attempt++ {
		_, _, _, err := p.api.UpdateMessageContext(ctx, channel, ts, shown(m)...)
		if err == nil {
			return nil
		}
		if what, _, _ := troubleOf(err); what == troubleRefused || what == troublePlace {
			return fmt.Errorf("updating a message in %s: %w", channel, err)
		}
		if err := p.rest(ctx, err, attempt); err != nil {
			return err
		}
	}
}
