package slackapi

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/rs/zerolog"
	"github.com/slack-go/slack"
	"golang.org/x/time/rate"

	"enjobridge/bot/backoff"
	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

const (
	// pageSize is how many messages or conversations one call reads.
	pageSize = 200
	// maxResponse bounds what is read of one response, in bytes.
	maxResponse = 32 << 20
)

// Reader reads messages and conversations, page by page. slack-go rejects a whole
// page for one message with an unexpected field, so a reader decodes each message
// separately, and skips those that it cannot decode.
type Reader struct {
	client *Client
	pace   *rate.Limiter // nil for none
}

// Paced returns a reader that keeps to a pace, and waits while Slack rate-limits it.
func (c *Client) Paced(pace *rate.Limiter) *Reader { return &Reader{c, pace} }

// Range selects messages.
type Range struct {
	// Oldest and Latest are timestamps; messages with exactly these are left out
	// unless Inclusive is set. Empty means no bound.
	Oldest, Latest string
	Inclusive      bool
	// Pages bounds how many pages are read; 0 means all of them.
	Pages int
	// Metadata asks for the messages' metadata.
	Metadata bool
}

func (r Range) values(channel string) url.Values {
	v := url.Values{"channel": {channel}, "limit": {strconv.Itoa(pageSize)}}
	for name, value := range map[string]string{"oldest": r.Oldest, "latest": r.Latest} {
		if value != "" {
			v.Set(name, value)
		}
	}
	if r.Inclusive {
		v.Set("inclusive", "true")
	}
	if r.Metadata {
		v.Set("include_all_metadata", "true")
	}
	return v
}

// Replies yields the root of a thread, whatever the range, and its replies, oldest
// first. To get the newest replies, read all pages: Slack begins with the oldest.
// https://docs.slack.dev/reference/methods/conversations.replies
func (r *Reader) Replies(ctx context.Context, thread storage.ThreadID, in Range) iter.Seq2[slackevent.Posted, error] {
	values := in.values(thread.Channel)
	values.Set("ts", thread.Root)
	replies := decoded(r, ctx, "conversations.replies", values, in.Pages, slackevent.DecodePosted)
	return func(yield func(slackevent.Posted, error) bool) {
		rooted := false // the root can be on each page
		for m, err := range replies {
			if isRoot := err == nil && m.TS == thread.Root; isRoot && rooted {
				continue
			} else if isRoot {
				rooted = true
			}
			if !yield(m, err) {
				return
			}
		}
	}
}

// History yields the messages at the top of a conversation, newest first.
// https://docs.slack.dev/reference/methods/conversations.history
func (r *Reader) History(ctx context.Context, channel string, in Range) iter.Seq2[slackevent.Posted, error] {
	return decoded(r, ctx, "conversations.history", in.values(channel), in.Pages, slackevent.DecodePosted)
}

// messages yields the messages of a thread, or those at the top if it has no root.
func (r *Reader) messages(ctx context.Context, thread storage.ThreadID, in Range) iter.Seq2[slackevent.Posted, error] {
	if thread.Root == "" {
		return r.History(ctx, thread.Channel, in)
	}
	return r.Replies(ctx, thread, in)
}

// Message returns one message of a thread; false if it is deleted.
// https://docs.slack.dev/messaging/retrieving-messages#individual_messages
func (r *Reader) Message(ctx context.Context, thread storage.ThreadID, ts string) (slackevent.Posted, bool, error) {
	for m, err := range r.messages(ctx, thread, Range{Oldest: ts, Latest: ts, Inclusive: true}) {
		if err != nil {
			return slackevent.Posted{}, false, err
		}
		if m.TS == ts {
			return m, true, nil
		}
	}
	return slackevent.Posted{}, false, nil
}

// Conversations yields the conversations that the bot is in.
// https://docs.slack.dev/reference/methods/users.conversations
func (r *Reader) Conversations(ctx context.Context) iter.Seq2[slackevent.Conversation, error] {
	values := url.Values{
		"types": {"public_channel,private_channel,mpim,im"}, "exclude_archived": {"true"}, "limit": {strconv.Itoa(pageSize)},
	}
	return decoded(r, ctx, "users.conversations", values, 0, slackevent.DecodeConversation)
}

// response is a response with the fields of all methods that read.
type response struct {
	OK        bool              `json:"ok"`
	Error     string            `json:"error"`
	Messages  []json.RawMessage `json:"messages"`
	Channels  []json.RawMessage `json:"channels"`
	User      json.RawMessage   `json:"user"`
	Channel   json.RawMessage   `json:"channel"`
	Permalink string            `json:"permalink"`
	Metadata  struct {
		NextCursor string `json:"next_cursor"`
	} `json:"response_metadata"`
}

// decoded yields the items of all pages. After an error it yields no more.
func decoded[T any](r *Reader, ctx context.Context, method string, values url.Values, pages int, decode func([]byte) (T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		values := maps.Clone(values)
		for n := 1; ; n++ {
			found, err := r.call(ctx, method, values)
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, raw := range append(found.Messages, found.Channels...) {
				item, err := decode(raw)
				if err != nil {
					zerolog.Ctx(ctx).Debug().Err(err).Str("method", method).Msg("slackapi: skipping an item that cannot be decoded")
					continue
				}
				if !yield(item, nil) {
					return
				}
			}
			next := found.Metadata.NextCursor
			if next == "" || n == pages {
				return
			}
			values.Set("cursor", next)
		}
	}
}

// call makes one call. A reader with a pace repeats it while Slack rate-limits it.
func (r *Reader) call(ctx context.Context, method string, values url.Values) (response, error) {
	if r.pace == nil {
		return r.client.read(ctx, method, values)
	}
	for {
		if err := r.pace.Wait(ctx); err != nil {
			return response{}, err
		}
		found, err := r.client.read(ctx, method, values)
		failure := Classify(err)
		if failure.Class != RateLimited {
			return found, err
		}
		if err := backoff.Sleep(ctx, failure.RetryAfter); err != nil {
			return response{}, err
		}
	}
}

// read calls a method that reads. Its errors are those of slack-go.
func (c *Client) read(ctx context.Context, method string, values url.Values) (response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.cfg.URL+method, strings.NewReader(values.Encode()))
	if err != nil {
		return response{}, fmt.Errorf("calling %s: %w", method, err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Authorization", "Bearer "+c.cfg.BotToken)
	answer, err := c.http.Do(request)
	if err != nil {
		return response{}, fmt.Errorf("calling %s: %w", method, err)
	}
	defer answer.Body.Close()
	c.responded(method, answer.Header)
	if err := statusError(answer); err != nil {
		return response{}, fmt.Errorf("calling %s: %w", method, err)
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxResponse))
	if err != nil {
		return response{}, fmt.Errorf("reading the response of %s: %w", method, err)
	}
	var found response
	if err := json.Unmarshal(body, &found); err != nil {
		return response{}, fmt.Errorf("decoding the response of %s: %w", method, err)
	}
	if !found.OK {
		return response{}, fmt.Errorf("calling %s: %w", method, slack.SlackErrorResponse{Err: found.Error})
	}
	return found, nil
}

// statusError returns the error of a response's HTTP status.
// https://docs.slack.dev/apis/web-api/rate-limits/
func statusError(answer *http.Response) error {
	switch answer.StatusCode {
	case http.StatusOK:
		return nil
	case http.StatusTooManyRequests:
		seconds, _ := strconv.Atoi(answer.Header.Get("Retry-After"))
		return &slack.RateLimitedError{RetryAfter: time.Duration(seconds) * time.Second}
	}
	return slack.StatusCodeError{Code: answer.StatusCode, Status: answer.Status}
}
