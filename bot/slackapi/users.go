package slackapi

import (
	"context"
	"errors"
	"net/url"
	"sync"
	"time"

	"enjobridge/bot/slackevent"
)

const (
	// cacheTime is how long a user, a channel's name or a permalink is cached.
	cacheTime = time.Hour
	// maxCached bounds how many of each are cached.
	maxCached = 20_000
	// maxLink bounds a permalink, in bytes.
	maxLink = 1_000
)

// User returns a user; false if Slack did not return it.
// https://docs.slack.dev/reference/methods/users.info
func (c *Client) User(ctx context.Context, id string) (slackevent.User, bool) {
	return c.users.get(id, func() (slackevent.User, error) {
		found, err := c.call(ctx, "users.info", url.Values{"user": {id}})
		if err != nil {
			return slackevent.User{}, err
		}
		self := c.self.Load()
		if self == nil {
			self = new(slackevent.Identity)
		}
		return slackevent.DecodeUser(found["user"], *self)
	})
}

// Names looks up the names of users and channels.
// https://docs.slack.dev/reference/methods/conversations.info
func (c *Client) Names(ctx context.Context) slackevent.Names {
	return slackevent.Names{
		User: func(id string) string { user, _ := c.User(ctx, id); return user.Name },
		Channel: func(id string) string {
			name, _ := c.channels.get(id, func() (string, error) {
				found, err := c.call(ctx, "conversations.info", url.Values{"channel": {id}})
				if err != nil {
					return "", err
				}
				channel, err := slackevent.DecodeConversation(found["channel"])
				return channel.Name, err
			})
			return name
		},
	}
}

// Permalink returns the address of a message; empty if Slack did not return it.
// https://docs.slack.dev/reference/methods/chat.getPermalink
func (c *Client) Permalink(ctx context.Context, channel, ts string) string {
	link, _ := c.links.get(channel+"/"+ts, func() (string, error) {
		found, err := c.call(ctx, "chat.getPermalink", url.Values{"channel": {channel}, "message_ts": {ts}})
		link := found.Text("permalink")
		if err == nil && (link == "" || len(link) > maxLink) {
			err = errors.New("reading the response of chat.getPermalink: it has no valid link")
		}
		return link, err
	})
	return link
}

// cache holds values for a time. Its zero value is ready to use.
type cache[T any] struct {
	mu     sync.Mutex
	values map[string]cached[T]
}

type cached[T any] struct {
	value T
	until time.Time
}

// get returns the cached value, or fetches and caches it. If that fails it returns
// the last value, and false if there is none.
func (c *cache[T]) get(key string, fetch func() (T, error)) (T, bool) {
	c.mu.Lock()
	found, ok := c.values[key]
	c.mu.Unlock()
	if ok && time.Now().Before(found.until) {
		return found.value, true
	}
	value, err := fetch()
	if err != nil {
		return found.value, ok
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.values == nil || len(c.values) >= maxCached {
		c.values = make(map[string]cached[T])
	}
	c.values[key] = cached[T]{value, time.Now().Add(cacheTime)}
	return value, true
}
