package bot

import (
	"cmp"
	"context"
	"sync"
	"time"

	"enjobridge/bot/slackevent"

	"github.com/slack-go/slack"
)

// knownFor is how long what was learnt of a person or channel is believed.
const knownFor = time.Hour

// maxKnown bounds how many people and channels are remembered.
const maxKnown = 20_000

// person is what the bot knows of someone.
type person struct {
	name     string
	stranger bool // belongs to another organisation
}

// directory looks up people and channels in Slack, and remembers them.
type directory struct {
	api  *slack.Client
	self slackevent.Identity

	mu       sync.Mutex
	people   map[string]remembered[person]
	channels map[string]remembered[string]
	links    map[string]remembered[string] // to messages, by channel and timestamp
}

// remembered is a value and the time until which it is believed.
type remembered[T any] struct {
	value T
	until time.Time
}

func newDirectory(api *slack.Client, self slackevent.Identity) *directory {
	return &directory{
		api: api, self: self,
		people:   make(map[string]remembered[person]),
		channels: make(map[string]remembered[string]),
		links:    make(map[string]remembered[string]),
	}
}

// person returns what is known of a user; false if Slack did not tell.
// https://docs.slack.dev/reference/methods/users.info
func (d *directory) person(ctx context.Context, id string) (person, bool) {
	return lookUp(d, d.people, id, func() (person, error) {
		user, err := d.api.GetUserInfoContext(ctx, id)
		if err != nil {
			return person{}, err
		}
		return person{
			name:     cmp.Or(user.Profile.DisplayName, user.RealName, user.Profile.RealName, user.Name),
			stranger: user.IsStranger || slackevent.Message{Home: user.TeamID, Shared: true}.FromOutside(d.self),
		}, nil
	})
}

// channel returns the name of a channel; false if Slack did not tell.
// https://docs.slack.dev/reference/methods/conversations.info
func (d *directory) channel(ctx context.Context, id string) (string, bool) {
	return lookUp(d, d.channels, id, func() (string, error) {
		channel, err := d.api.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: id})
		if err != nil {
			return "", err
		}
		return channel.Name, nil
	})
}

// names returns the directory as what [readableText] needs, for one context.
func (d *directory) names(ctx context.Context) slackevent.Names {
	return slackevent.Names{
		User:    func(id string) string { p, _ := d.person(ctx, id); return p.name },
		Channel: func(id string) string { name, _ := d.channel(ctx, id); return name },
	}
}

// lookUp returns the remembered value, or fetches and remembers it.
func lookUp[T any](d *directory, known map[string]remembered[T], id string, fetch func() (T, error)) (T, bool) {
	d.mu.Lock()
	found, ok := known[id]
	d.mu.Unlock()
	if ok && time.Now().Before(found.until) {
		return found.value, true
	}
	value, err := fetch()
	if err != nil {
		// What was known before is better than nothing.
		return found.value, ok
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(known) >= maxKnown {
		clear(known)
	}
	known[id] = remembered[T]{value, time.Now().Add(knownFor)}
	return value, true
}
