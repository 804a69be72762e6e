package slackapi

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/blocks"
	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// cleanupAttempts is how often deleting a misplaced post is attempted.
const cleanupAttempts = 8

// Target is where something is posted.
type Target struct {
	Thread storage.ThreadID // with an empty root: at the top of the channel
	// Since is the timestamp of a message that was there before.
	Since string
}

// Post is a message that is to be posted once.
type Post struct {
	To      Target
	Message blocks.Message
	Marker  Marker
	// Check means that the message may have been posted already.
	Check bool
	// Brief means that the post is given up soon after an unexpected error code, because
	// others wait for it; otherwise only after [Patience].
	Brief bool
	// Wanted reports, right before each attempt to post the message, whether it is
	// still wanted; nil means always.
	Wanted func() bool
}

// PostOnce posts a message, and retries until it is posted, Slack rejects it for
// good, or ctx ends. With Check, and when the outcome of an attempt is unknown, it
// looks for the marker before it posts. It returns the timestamp, empty if the
// message is no longer wanted, and whether this call posted it.
func (c *Client) PostOnce(ctx context.Context, p Post) (ts string, posted bool, err error) {
	e := effort{patience: Patience}
	if p.Brief {
		e.patience = 0
	}
	ts, repeated, err := c.once(ctx, p.To, p.Marker.isOn, p.Check, e, func() (string, error) {
		if p.Wanted != nil && !p.Wanted() {
			return "", nil
		}
		posted = true
		return c.Post(ctx, p.To.Thread.Channel, p.To.Thread.Root, p.Message, p.Marker)
	})
	if repeated && err == nil && ts != "" {
		c.watchForDoubles(p, ts)
	}
	return ts, posted, err
}

// ErrUnsure means that a message may have been posted: the thread could not be read to
// find out.
var ErrUnsure = errors.New("the message may be posted already")

// effort is how hard a post is tried; see [Client.Retry] and [Patience].
type effort struct {
	attempts int
	patience time.Duration
}

// once calls post until a message that matches is in the thread, or the effort is spent. Only
// posting costs effort: while it is unknown whether the message is there, nothing else helps.
// repeated means that post was called again after an attempt with an unknown outcome.
func (c *Client) once(
	ctx context.Context, to Target, matches func(slackevent.Posted) bool, check bool, e effort, post func() (string, error),
) (ts string, repeated bool, err error) {
	var last error // of post
	unknown := 0   // attempts
	err = c.retry(ctx, 0, e.patience, func() (err error) {
		ts = ""
		if check {
			ts, err = c.find(ctx, to, matches)
			if ErrorCode(err) == "thread_not_found" {
				err = c.deleteMisplaced(ctx, to, matches, err)
			}
			if check = err != nil; check {
				return fmt.Errorf("%w: %w", ErrUnsure, err)
			}
		}
		if ts != "" {
			last = nil
			return nil
		}
		if e.attempts > 0 && unknown >= e.attempts {
			return nil
		}
		repeated = unknown > 0
		ts, last = post()
		switch Classify(last).Class {
		case Unknown:
			unknown++
			check = true
		case Unexpected:
			check = true
		case Setup:
			if e.attempts > 0 {
				return nil
			}
		}
		return last
	})
	return ts, repeated, cmp.Or(err, last)
}

// Post posts a message into a thread, at the top if root is empty. It returns
// [ErrRootGone] if Slack posted it at the top because the root is deleted; the
// misplaced post is deleted.
// https://docs.slack.dev/reference/methods/chat.postMessage
func (c *Client) Post(ctx context.Context, channel, root string, m blocks.Message, marker Marker) (ts string, err error) {
	values, err := content(m)
	if err != nil {
		return "", err
	}
	metadata, err := json.Marshal(map[string]any{"event_type": metadataType, "event_payload": marker.payload()})
	if err != nil {
		return "", err
	}
	values.Set("channel", channel)
	values.Set("metadata", string(metadata))
	if root != "" {
		values.Set("thread_ts", root)
	}
	ts, atTop, err := c.post(ctx, posting{storage.ThreadID{Channel: channel, Root: root}, marker}, values)
	if err != nil {
		return "", fmt.Errorf("posting to %s: %w", channel, err)
	}
	if root != "" && atTop {
		return "", c.deleteAtTop(ctx, channel, ts)
	}
	return ts, nil
}

// post posts a message at the channel's pace. It returns the timestamp of the post, and
// whether Slack's response says that it is at the channel's top: one that does not say
// where the post is must not get it deleted.
func (c *Client) post(ctx context.Context, p posting, values url.Values) (ts string, atTop bool, err error) {
	done, err := c.pacer.wait(ctx, p.in.Channel)
	if err != nil {
		return "", false, err
	}
	defer func() { done(err) }()
	found, err := c.callPost(ctx, p, values)
	if err != nil {
		return "", false, err
	}
	ts = found.Text("ts")
	if ts == "" {
		return "", false, errors.New("reading the response of chat.postMessage: it has no valid timestamp")
	}
	message := found.Object("message")
	root, isText := slackevent.Field[string](message, "thread_ts")
	return ts, message != nil && isText && root == "", nil
}

// content returns the arguments for a message's content. Links are never unfurled:
// Slack would fetch the links of an answer.
func content(m blocks.Message) (url.Values, error) {
	encoded, err := json.Marshal(m.Blocks)
	if err != nil {
		return nil, fmt.Errorf("encoding a message: %w", err)
	}
	return url.Values{
		"text":         {m.Text},
		"blocks":       {string(encoded)},
		"unfurl_links": {"false"},
		"unfurl_media": {"false"},
	}, nil
}

// deleteAtTop deletes a reply that Slack posted at the top, and returns [ErrRootGone].
func (c *Client) deleteAtTop(ctx context.Context, channel, ts string) error {
	err := c.Retry(ctx, cleanupAttempts, func() error { return c.Delete(ctx, channel, ts) })
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		zerolog.Ctx(ctx).Warn().Err(err).Msg("slackapi: deleting a misplaced post failed")
	}
	return ErrRootGone
}

// deleteMisplaced deletes the bot's post at the top of the channel, where Slack posts
// replies to a thread whose root is deleted. It returns gone if there is none.
func (c *Client) deleteMisplaced(ctx context.Context, to Target, matches func(slackevent.Posted) bool, gone error) error {
	top := Target{Thread: storage.ThreadID{Team: to.Thread.Team, Channel: to.Thread.Channel}, Since: to.Since}
	ts, err := c.find(ctx, top, matches)
	switch {
	case err != nil:
		return err
	case ts == "":
		return gone
	}
	return c.deleteAtTop(ctx, to.Thread.Channel, ts)
}

// Find returns the timestamp and the marker of the bot's post with one of the
// markers; an empty timestamp if there is none. It retries like [Client.Update].
func (c *Client) Find(ctx context.Context, to Target, markers ...Marker) (ts string, found Marker, err error) {
	matches := func(m slackevent.Posted) bool {
		for _, marker := range markers {
			if marker.isOn(m) {
				found = marker
				return true
			}
		}
		return false
	}
	err = c.Retry(ctx, 0, func() error {
		ts, err = c.find(ctx, to, matches)
		return err
	})
	return ts, found, err
}

// find returns the timestamp of the bot's own message that matches, or "".
func (c *Client) find(ctx context.Context, to Target, matches func(slackevent.Posted) bool) (string, error) {
	inTurn := &Reader{client: c, inTurn: true}
	for m, err := range inTurn.Messages(ctx, to.Thread, Range{Oldest: to.Since, Metadata: true}) {
		if err != nil {
			return "", err
		}
		if c.Own(m) && matches(m) {
			return m.TS, nil
		}
	}
	return "", nil
}

// CanUpload reports whether the app may upload files, as far as Slack has said.
func (c *Client) CanUpload() bool { return !c.scopes.lacks("files:write") }

// Upload is a file that is to be uploaded once.
type Upload struct {
	To   Target
	File blocks.File
	// Reference begins the file's name, by which it is found.
	Reference string
	// Check means that the file may have been uploaded already.
	Check bool
	// Attempts is how often an upload with an unknown outcome is attempted; 0 means
	// without a limit.
	Attempts int
}

// UploadOnce uploads a file into a thread, and finds it by its name. It retries like
// [Client.PostOnce] of a brief post, apart from the attempts.
// https://docs.slack.dev/messaging/working-with-files#uploading_files
func (c *Client) UploadOnce(ctx context.Context, u Upload) error {
	if !c.CanUpload() { // waiting for it would leave the asker without any answer
		return fmt.Errorf("uploading a file to %s without files:write: %w", u.To.Thread.Channel, &ResponseError{Code: "file_uploads_disabled"})
	}
	name := u.Reference + "-" + u.File.Name
	matches := func(found slackevent.Posted) bool { return c.hasFile(found, name) }
	_, _, err := c.once(ctx, u.To, matches, u.Check, effort{attempts: u.Attempts}, func() (string, error) {
		return "", c.upload(ctx, u.To.Thread, name, u.File)
	})
	if err != nil {
		return fmt.Errorf("uploading a file to %s: %w", u.To.Thread.Channel, err)
	}
	return nil
}

// upload uploads a file under a name. The upload URL is a secret, and needs no token.
func (c *Client) upload(ctx context.Context, to storage.ThreadID, name string, f blocks.File) error {
	values := url.Values{"filename": {name}, "length": {strconv.Itoa(len(f.Content))}}
	if f.Alt != "" {
		values.Set("alt_txt", f.Alt)
	}
	begun, err := c.call(ctx, "files.getUploadURLExternal", values)
	if err != nil {
		return err
	}
	address := begun.Text("upload_url")
	if err := c.trusted(address); err != nil {
		return err
	}
	if _, _, err := c.send(ctx, address, "", "application/octet-stream", f.Content); err != nil {
		return fmt.Errorf("sending the content: %w", err)
	}
	files, err := json.Marshal([]map[string]string{{"id": begun.Text("file_id"), "title": f.Title}})
	if err != nil {
		return err
	}
	values = url.Values{"files": {string(files)}, "channel_id": {to.Channel}}
	if to.Root != "" {
		values.Set("thread_ts", to.Root)
	}
	_, err = c.call(ctx, "files.completeUploadExternal", values)
	return err
}

// Update changes one of the bot's messages, and retries like [Client.Retry] without a
// limit.
// https://docs.slack.dev/reference/methods/chat.update
func (c *Client) Update(ctx context.Context, channel, ts string, m blocks.Message) error {
	values, err := content(m)
	if err != nil {
		return err
	}
	values.Set("channel", channel)
	values.Set("ts", ts)
	err = c.Retry(ctx, 0, func() error {
		_, err := c.call(ctx, "chat.update", values)
		return err
	})
	if err != nil {
		return fmt.Errorf("updating a message in %s: %w", channel, err)
	}
	return nil
}

// DeleteSurely is [Client.Delete], and retries like [Client.Retry] without a limit.
func (c *Client) DeleteSurely(ctx context.Context, channel, ts string) error {
	return c.Retry(ctx, 0, func() error { return c.Delete(ctx, channel, ts) })
}

// Delete deletes one of the bot's messages, without retries. It is no error if the
// message is already deleted.
// https://docs.slack.dev/reference/methods/chat.delete
func (c *Client) Delete(ctx context.Context, channel, ts string) error {
	_, err := c.call(ctx, "chat.delete", url.Values{"channel": {channel}, "ts": {ts}})
	if ErrorCode(err) == "message_not_found" {
		return nil
	}
	return err
}
