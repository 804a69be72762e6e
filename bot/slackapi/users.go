package slackapi

import (
	"context"
	"net/url"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"enjobridge/bot/slackevent"
)

const (
	// cacheTime is how long what Slack said of a user or channel is used.
	cacheTime = time.Hour
	// maxCached bounds how many of each kind are cached.
	maxCached = 20_000
)

// directory caches users, channel names and permalinks.
type directory struct {
	mu       sync.Mutex
	users    map[string]cached[slackevent.User]
	channels map[string]cached[string]
	links    map[string]cached[string] // by channel and timestamp
}

// cached is a value and the time until which it is used.
type cached[T any] struct {
	value T
	until time.Time
}

func newDirectory() *directory {
	return &directory{
		users:    make(map[string]cached[slackevent.User]),
		channels: make(map[string]cached[string]),
		links:    make(map[string]cached[string]),
	}
}

// User returns a user; false if Slack did not say.
// https://docs.slack.dev/reference/methods/users.info
func (c *Client) User(ctx context.Context, id string) (slackevent.User, bool) {
	return lookUp(c.users, c.users.users, id, func() (slackevent.User, error) {
		found, err := c.read(ctx, "users.info", url.Values{"user": {id}})
		if err != nil {
			return slackevent.User{}, err
		}
		user, err := slackevent.DecodeUser(found.User)
		if self := c.self.Load(); self != nil {
			user.Outside = user.Outside || slackevent.Message{Home: user.Home, Shared: true}.FromOutside(*self)
		}
		return user, err
	})
}

// Names returns what users and channels are called.
// https://docs.slack.dev/reference/methods/conversations.info
func (c *Client) Names(ctx context.Context) slackevent.Names {
	return slackevent.Names{
		User: func(id string) string { user, _ := c.User(ctx, id); return user.Name },
		Channel: func(id string) string {
			name, _ := lookUp(c.users, c.users.channels, id, func() (string, error) {
				found, err := c.read(ctx, "conversations.info", url.Values{"channel": {id}})
				if err != nil {
					return "", err
				}
				channel, err := slackevent.DecodeConversation(found.Channel)
				return channel.Name, err
			})
			return name
		},
	}
}

// Permalink returns the address of a message; empty if Slack did not say.
// https://docs.slack.dev/reference/methods/chat.getPermalink
func (c *Client) Permalink(ctx context.Context, channel, ts string) string {
	link, _ := lookUp(c.users, c.users.links, channel+"/"+ts, func() (string, error) {
		return c.api.GetPermalinkContext(ctx, &slack.PermalinkParameters{Channel: channel, Ts: ts})
	})
	return link
}

// lookUp returns the cached value, or fetches and caches it.
func lookUp[T any](d *directory, values map[string]cached[T], id string, fetch func() (T, error)) (T, bool) {
	d.mu.Lock()
	found, ok := values[id]
	d.mu.Unlock()
	if ok && time.Now().Before(found.until) {
		return found.value, true
	}
	value, err := fetch()
	if err != nil {
		// An old value is better than none.
		return found.value, ok
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(values) >= maxCached {
		clear(values)
	}
	values[id] = cached[T]{value, time.Now().Add(cacheTime)}
	return value, true
}
