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
	// cacheTime is how long a user, a channel or a permalink is cached.
	cacheTime = time.Hour
	// maxCached bounds how many of each are cached.
	maxCached = 20_000
	// maxLink bounds a permalink, in bytes.
	maxLink = 1_000
)

// Names looks up the names of users and channels. A private channel has a name only for
// those who ask in it: the ID of that channel is current. Others must not learn it from a
// link that somebody pasted.
// https://docs.slack.dev/reference/methods/conversations.info
func (c *Client) Names(ctx context.Context, current string) slackevent.Names {
	return slackevent.Names{
		User: func(id string) string { user, _ := c.User(ctx, id); return user.Name },
		Channel: func(id string) string {
			channel, _ := c.channels.get(id, func() (slackevent.Conversation, error) {
				found, err := c.call(ctx, "conversations.info", url.Values{"channel": {id}})
				if err != nil {
					return slackevent.Conversation{}, err
				}
				return slackevent.DecodeConversation(found["channel"])
			})
			if channel.Private && id != current {
				return ""
			}
			return channel.Name
		},
	}
}

// Permalink returns the address of a message; empty if Slack did not return it.
// https://docs.slack.dev/reference/methods/chat.getPermalink
func (c *Client) Permalink(ctx context.Context, channel, ts string) string {
	if slackevent.ParseTS(ts).Unix() <= 0 {
		return "" // of a question without a message
	}
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

// last returns the last value, and whether it is still valid; false, too, if there is none.
func (c *cache[T]) last(key string) (value T, known, valid bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	found, known := c.values[key]
	return found.value, known, known && time.Now().Before(found.until)
}

// put caches a value.
func (c *cache[T]) put(key string, value T) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.values == nil || len(c.values) >= maxCached {
		c.values = make(map[string]cached[T])
	}
	c.values[key] = cached[T]{value, time.Now().Add(cacheTime)}
}

// get returns the cached value, or fetches and caches it. If that fails it returns
// the last value, and false if there is none.
func (c *cache[T]) get(key string, fetch func() (T, error)) (T, bool) {
	last, known, valid := c.last(key)
	if valid {
		return last, true
	}
	value, err := fetch()
	if err != nil {
		return last, known
	}
	c.put(key, value)
	return value, true
}
