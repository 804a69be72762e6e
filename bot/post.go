package bot

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/rs/zerolog"
	"github.com/slack-go/slack"

	"enjobridge/blocks"
	"enjobridge/storage"
)

// metadataType marks the bot's posts: https://docs.slack.dev/messaging/message-metadata/
const metadataType = "enjobridge_post"

// poster posts messages and keeps to Slack's pace of about one a second and
// channel. https://docs.slack.dev/apis/web-api/rate-limits/
type poster struct {
	api   *slack.Client
	every time.Duration // from the end of one post to the next in the same channel
	// backOff is how long to wait before an attempt after one that failed.
	backOff func(attempt int) time.Duration

	mu       sync.Mutex
	channels map[string]*channelPace
}

// channelPace lets one post at a time into a channel.
type channelPace struct {
	turn  chan struct{} // holds a token while nobody posts
	users int           // those who hold or wait for the turn; guarded by poster.mu
	last  time.Time     // the end of the last post; guarded by the turn
	rests time.Time     // Slack takes no post before; guarded by the turn
}

func newPoster(api *slack.Client, every time.Duration, backOff func(attempt int) time.Duration) *poster {
	return &poster{api: api, every: every, backOff: backOff, channels: make(map[string]*channelPace)}
}

// pace waits until the channel may be posted to. The function that it returns
// lets the next one in, and is to be called after the post, with its error: if
// Slack says when to come back, that holds for the whole channel.
func (p *poster) pace(ctx context.Context, channel string) (done func(error), err error) {
	pace := p.join(channel)
	select {
	case <-pace.turn:
	case <-ctx.Done():
		p.leave(pace)
		return nil, context.Cause(ctx)
	}
	done = func(err error) {
		pace.last = time.Now()
		if limited, ok := errors.AsType[*slack.RateLimitedError](err); ok {
			pace.rests = pace.last.Add(limited.RetryAfter)
		}
		pace.turn <- struct{}{}
		p.leave(pace)
	}
	if err := sleep(ctx, time.Until(latest(pace.last.Add(p.every), pace.rests))); err != nil {
		done(nil)
		return nil, err
	}
	return done, nil
}

// join returns the pace of a channel, as one more who uses it.
func (p *poster) join(channel string) *channelPace {
	p.mu.Lock()
	defer p.mu.Unlock()
	pace := p.channels[channel]
	if pace == nil {
		pace = &channelPace{turn: make(chan struct{}, 1)}
		pace.turn <- struct{}{}
		p.channels[channel] = pace
	}
	pace.users++
	return pace
}

// leave forgets a channel that nobody has posted to for a while, so that a
// workspace of many channels does not fill the memory.
func (p *poster) leave(pace *channelPace) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if pace.users--; len(p.channels) < maxPaced {
		return
	}
	for channel, pace := range p.channels {
		if pace.users == 0 {
			delete(p.channels, channel)
		}
	}
}

// maxPaced is how many channels' paces are remembered.
const maxPaced = 1_000

// mark identifies one post: the n-th message of a question's outcome, in one of
// its renderings.
type mark struct {
	question  storage.MessageID
	part      int
	rendering blocks.Rendering
}

// metadata is the mark as it goes with the post: identifiers, no text.
func (m mark) metadata() slack.SlackMetadata {
	return slack.SlackMetadata{EventType: metadataType, EventPayload: map[string]any{
		"question":  m.question.String(),
		"part":      strconv.Itoa(m.part),
		"rendering": m.rendering.String(),
	}}
}

// isOn reports whether a post of this bot's has the mark.
func (m mark) isOn(found slack.Message) bool {
	if found.Metadata.EventType != metadataType {
		return false
	}
	for name, value := range m.metadata().EventPayload {
		if found.Metadata.EventPayload[name] != value {
			return false
		}
	}
	return true
}

// slackError returns the word with which Slack refused a call; empty if it did not.
func slackError(err error) string {
	if answer, ok := errors.AsType[slack.SlackErrorResponse](err); ok {
		return answer.Err
	}
	return ""
}

// post posts a message into a thread, at the top if root is empty. It returns
// [errRootGone] if Slack posted it at the top because the root is deleted; the
// stray is taken down.
// https://docs.slack.dev/reference/methods/chat.postMessage
func (p *poster) post(ctx context.Context, channel, root string, m blocks.Message, as mark) (ts string, err error) {
	done, err := p.pace(ctx, channel)
	if err != nil {
		return "", err
	}
	defer func() { done(err) }()
	options := append(shown(m), slack.MsgOptionTS(root), slack.MsgOptionMetadata(as.metadata()))
	_, ts, posted, err := p.api.PostMessageWithResponseContext(ctx, channel, options...)
	if err != nil {
		return "", fmt.Errorf("posting to %s: %w", channel, err)
	}
	if root != "" && posted.ThreadTimestamp == "" {
		return "", p.takeDown(ctx, channel, ts)
	}
	return ts, nil
}

// takeDownAttempts is how often it is tried to take a stray down.
const takeDownAttempts = 8

// takeDown deletes what Slack posted at the top, and returns [errRootGone].
// https://docs.slack.dev/reference/methods/chat.delete
func (p *poster) takeDown(ctx context.Context, channel, ts string) error {
	for attempt := 1; ; attempt++ {
		_, _, err := p.api.DeleteMessageContext(ctx, channel, ts)
		if err == nil || slackError(err) == "message_not_found" {
			return errRootGone
		}
		if what, _, _ := troubleOf(err); (what != troubleWait && what != troubleUnknown) || attempt == takeDownAttempts {
			zerolog.Ctx(ctx).Warn().Err(err).Msg("a stray post could not be taken down")
			return errRootGone
		}
		if err := p.rest(ctx, err, attempt); err != nil {
			return err
		}
	}
}

// errRootGone says that the thread's first message was deleted.
var errRootGone = errors.New("the thread's first message is deleted")

// trouble says what a failed call of Slack's Web API means.
type trouble string

const (
	troubleWait    trouble = "wait"    // refused for its rate: not done
	troubleUnknown trouble = "unknown" // may or may not be done
	troubleRefused trouble = "refused" // Slack does not take this message
	troublePlace   trouble = "place"   // there is no posting there, now or later
	troubleSetup   trouble = "setup"   // the app's token or scopes do not allow it
	troubleStop    trouble = "stop"    // our own context ended
)

// placeErrors are Slack's words for a place that cannot be posted to.
var placeErrors = map[string]string{
	"channel_not_found":                        "the channel is gone, or the bot is not in it: invite it again",
	"not_in_channel":                           "the bot was removed from the channel: invite it again",
	"is_archived":                              "the channel is archived",
	"restricted_action":                        "an admin restricts who may post in this channel",
	"restricted_action_read_only_channel":      "the channel is read only",
	"restricted_action_thread_only_channel":    "the channel allows replies only",
	"restricted_action_non_threadable_channel": "the channel allows no replies",
	"restricted_action_thread_locked":          "the thread is locked",
	"thread_not_found":                         "the thread is gone",
	"messages_tab_disabled":                    "the app's messages tab is turned off: create the app from manifest.yml",
	"user_disabled":                            "the person's account is deactivated",
}

// setupErrors are Slack's words for what only whoever installed the app can cure.
var setupErrors = map[string]string{
	"invalid_auth":            "SLACK_BOT_TOKEN is wrong: copy it from the app's page, under OAuth & Permissions",
	"not_authed":              "SLACK_BOT_TOKEN is missing",
	"account_inactive":        "the app was uninstalled: install it again and set the new SLACK_BOT_TOKEN",
	"token_revoked":           "the token was revoked: install the app again and set the new SLACK_BOT_TOKEN",
	"token_expired":           "the token has expired: turn token rotation off in the app, as manifest.yml does, and install it again",
	"missing_scope":           "the app lacks a scope: install it again after its manifest has changed",
	"not_allowed_token_type":  "this is not a bot token: SLACK_BOT_TOKEN begins with xoxb-",
	"no_permission":           "the app lacks a permission: install it again",
	"ekm_access_denied":       "an admin has suspended posting for this app",
	"team_access_not_granted": "the app is not granted access to this workspace",
}

// troubleOf says what a failed call means, how long to wait for another, and
// the operator's cure if there is one.
func troubleOf(err error) (what trouble, wait time.Duration, cure string) {
	if limited, ok := errors.AsType[*slack.RateLimitedError](err); ok {
		return troubleWait, max(limited.RetryAfter, time.Second), ""
	}
	if answer, ok := errors.AsType[slack.SlackErrorResponse](err); ok {
		return troubleOfAnswer(answer)
	}
	if status, ok := errors.AsType[slack.StatusCodeError](err); ok && slices.Contains(tooMuchStatuses, status.Code) {
		return troubleRefused, 0, ""
	}
	if errors.Is(err, errRootGone) {
		return troublePlace, 0, errRootGone.Error()
	}
	return troubleUnknown, time.Second, ""
}

// tooMuchStatuses are the HTTP statuses of a call that is too long to be taken.
// Other statuses without an answer of Slack's come from something on the way, such
// as a proxy, and can pass.
var tooMuchStatuses = []int{http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusRequestURITooLong}

// troubleOfAnswer says what an error that Slack answered means.
// https://docs.slack.dev/reference/methods/chat.postMessage#errors
func troubleOfAnswer(answer slack.SlackErrorResponse) (trouble, time.Duration, string) {
	switch answer.Err {
	case "ratelimited", "rate_limited", "message_limit_exceeded":
		return troubleWait, time.Second, ""
	case "internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org":
		return troubleUnknown, time.Second, ""
	}
	if cure, ok := placeErrors[answer.Err]; ok {
		return troublePlace, 0, cure
	}
	if cure, ok := setupErrors[answer.Err]; ok {
		return troubleSetup, time.Minute, cure
	}
	return troubleRefused, 0, ""
}
