package slackapi

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"net/url"
	"strconv"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/time/rate"

	"enjobridge/bot/backoff"
	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

const (
	// pageSize is how many messages or conversations one call reads.
	pageSize = 200
	// maxPages bounds the pages of one reading.
	maxPages = 1_000
)

// Reader reads messages and conversations, page by page. It decodes each of them
// separately, and skips those that it cannot decode: other apps post messages with
// unexpected fields.
type Reader struct {
	client *Client
	pace   *rate.Limiter // nil for none
	inTurn bool          // see callInTurn
}

// Paced returns a reader that keeps to a pace, and waits while Slack rate-limits it.
func (c *Client) Paced(pace *rate.Limiter) *Reader { return &Reader{client: c, pace: pace} }

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
	replies := decoded(r, ctx, "conversations.replies", values, "messages", in.Pages, slackevent.DecodePosted)
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
	return decoded(r, ctx, "conversations.history", in.values(channel), "messages", in.Pages, slackevent.DecodePosted)
}

// Messages yields the messages of a thread, oldest first; or, if it has no root, those at
// the top, newest first.
func (r *Reader) Messages(ctx context.Context, thread storage.ThreadID, in Range) iter.Seq2[slackevent.Posted, error] {
	if thread.Root == "" {
		return r.History(ctx, thread.Channel, in)
	}
	return r.Replies(ctx, thread, in)
}

// Message returns one message of a thread; false if it is deleted.
// https://docs.slack.dev/messaging/retrieving-messages#individual_messages
func (r *Reader) Message(ctx context.Context, thread storage.ThreadID, ts string) (slackevent.Posted, bool, error) {
	for m, err := range r.Messages(ctx, thread, Range{Oldest: ts, Latest: ts, Inclusive: true}) {
		if err != nil {
			return slackevent.Posted{}, false, err
		}
		if m.TS == ts {
			return m, true, nil
		}
	}
	return slackevent.Posted{}, false, nil
}

// Conversations yields the conversations that the bot is in, each once. If the app is
// installed for an organisation, these are the ones of all workspaces that grant it access
// at the moment: Slack lists them for one workspace at a time.
// https://docs.slack.dev/reference/methods/users.conversations
func (r *Reader) Conversations(ctx context.Context) iter.Seq2[slackevent.Conversation, error] {
	return func(yield func(slackevent.Conversation, error) bool) {
		teams, err := r.refreshWorkspaces(ctx)
		if err != nil {
			yield(slackevent.Conversation{}, err)
			return
		}
		seen := make(map[string]bool) // a channel can be in several workspaces
		for _, team := range teams {
			for c, err := range r.conversationsOf(ctx, team) {
				if err == nil && seen[c.ID] {
					continue
				}
				seen[c.ID] = true
				if !yield(c, err) || err != nil {
					return
				}
			}
		}
	}
}

// conversationsOf yields the conversations of a workspace; empty if the app is installed in
// one only.
func (r *Reader) conversationsOf(ctx context.Context, team string) iter.Seq2[slackevent.Conversation, error] {
	values := url.Values{
		"types": {r.client.conversationTypes()}, "exclude_archived": {"true"}, "limit": {strconv.Itoa(pageSize)},
	}
	if team != "" {
		values.Set("team_id", team)
	}
	return decoded(r, ctx, "users.conversations", values, "channels", 0, slackevent.DecodeConversation)
}

// refreshWorkspaces reads the workspaces of the installation again, because an admin can add
// and remove some. It returns one without an ID unless the app is installed for an
// organisation.
func (r *Reader) refreshWorkspaces(ctx context.Context) (teams []string, err error) {
	self := r.client.self.Load()
	if self == nil || !self.OrgWide {
		return []string{""}, nil
	}
	renewed := *self
	if renewed.Workspaces, err = r.workspaces(ctx); err != nil {
		return nil, err
	}
	r.client.self.Store(&renewed)
	return renewed.Workspaces, nil
}

// workspaces returns the workspaces that grant access to an app that is installed for an
// organisation.
// https://docs.slack.dev/reference/methods/auth.teams.list
func (r *Reader) workspaces(ctx context.Context) (teams []string, err error) {
	for team, err := range decoded(r, ctx, "auth.teams.list", url.Values{"limit": {strconv.Itoa(pageSize)}}, "teams", 0, slackevent.DecodeTeamID) {
		if err != nil {
			return nil, err
		}
		teams = append(teams, team)
	}
	return teams, nil
}

// decoded yields the items of a list on all pages. After an error it yields no more.
func decoded[T any](
	r *Reader, ctx context.Context, method string, values url.Values, list string, pages int, decode func([]byte) (T, error),
) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		values := maps.Clone(values)
		seen := make(map[string]bool)
		for n := 1; ; n++ {
			items, next, err := r.page(ctx, method, values, list)
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, raw := range items {
				item, err := decode(raw)
				if err != nil {
					zerolog.Ctx(ctx).Debug().Err(err).Str("method", method).Msg("slackapi: skipping an item that cannot be decoded")
					continue
				}
				if !yield(item, nil) {
					return
				}
			}
			if next == "" || n == pages {
				return
			}
			if seen[next] || n == maxPages {
				var none T
				yield(none, fmt.Errorf("calling %s: the pages do not end", method))
				return
			}
			seen[next] = true
			values.Set("cursor", next)
		}
	}
}

// page reads one page: the items of a list, and the cursor of the next page. A page
// without its list, or with a cursor that cannot be read, is an error: messages would
// be missed if it counted as empty, or as the last one.
func (r *Reader) page(ctx context.Context, method string, values url.Values, list string) (items []json.RawMessage, next string, err error) {
	found, err := r.call(ctx, method, values)
	if err != nil {
		return nil, "", err
	}
	items, isList := slackevent.Field[[]json.RawMessage](found, list)
	metadata, isObject := slackevent.Field[slackevent.Object](found, "response_metadata")
	next, isText := slackevent.Field[string](metadata, "next_cursor")
	if items == nil || !isList || !isObject || !isText {
		return nil, "", fmt.Errorf("reading the response of %s: it has no valid %s or cursor", method, list)
	}
	return items, next, nil
}

// call makes one call. A reader with a pace repeats it while Slack rate-limits it.
func (r *Reader) call(ctx context.Context, method string, values url.Values) (slackevent.Object, error) {
	switch {
	case r.inTurn:
		return r.client.callInTurn(ctx, method, values)
	case r.pace == nil:
		return r.client.call(ctx, method, values)
	}
	for {
		if err := r.pace.Wait(ctx); err != nil {
			return nil, err
		}
		found, err := r.client.call(ctx, method, values)
		failure := Classify(err)
		if failure.Class != RateLimited {
			return found, err
		}
		if err := backoff.Sleep(ctx, failure.RetryAfter); err != nil {
			return nil, err
		}
	}
}

// maxInTurn is how many calls in turn are repeated at the same time: enough to get something
// beside the other readers.
const maxInTurn = 8

// callInTurn makes a call, and repeats it while Slack rate-limits it. Of all that are repeated,
// only a few are made at a time: after a restart in an incident, hundreds can have a post to look
// for, and each would be refused again and again.
// https://docs.slack.dev/apis/web-api/rate-limits/
func (c *Client) callInTurn(ctx context.Context, method string, values url.Values) (slackevent.Object, error) {
	found, err := c.call(ctx, method, values)
	failure, at := Classify(err), time.Now()
	if failure.Class != RateLimited {
		return found, err
	}
	select {
	case c.repeating <- struct{}{}:
		defer func() { <-c.repeating }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	for failure.Class == RateLimited {
		if err := backoff.Sleep(ctx, failure.RetryAfter-time.Since(at)); err != nil {
			return nil, err
		}
		found, err = c.call(ctx, method, values)
		failure, at = Classify(err), time.Now()
	}
	return found, err
}
