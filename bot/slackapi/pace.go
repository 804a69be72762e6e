package slackapi

import (
	"context"
	"sync"
	"time"

	"enjobridge/bot/backoff"
	"enjobridge/bot/keylock"
)

// maxPaces is the number of channels from which on expired paces are deleted.
const maxPaces = 1_000

// pacer keeps posts to Slack's pace of about one a second and channel.
// https://docs.slack.dev/apis/web-api/rate-limits/
type pacer struct {
	every    time.Duration // from the end of one post to the next in the same channel
	channels keylock.Locks // one post at a time in each channel

	mu   sync.Mutex
	next map[string]time.Time // when a channel accepts the next post
}

func newPacer(every time.Duration) *pacer {
	return &pacer{every: every, next: make(map[string]time.Time)}
}

// wait waits until the channel accepts a post. Call done after the post with its
// error: it lets the next post in, and a Retry-After applies to the whole channel.
func (p *pacer) wait(ctx context.Context, channel string) (done func(error), err error) {
	unlock, err := p.channels.Lock(ctx, channel)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	next := p.next[channel]
	p.mu.Unlock()
	if err := backoff.Sleep(ctx, time.Until(next)); err != nil {
		unlock()
		return nil, err
	}
	return func(err error) {
		p.posted(channel, err)
		unlock()
	}, nil
}

// posted sets when the channel accepts the next post. Paces that have expired are
// deleted if there are many, so that they do not fill the memory.
func (p *pacer) posted(channel string, err error) {
	wait := p.every
	if failure := Classify(err); failure.Class == RateLimited {
		wait = max(wait, failure.RetryAfter)
	}
	now := time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.next[channel] = now.Add(wait)
	if len(p.next) <= maxPaces {
		return
	}
	for channel, next := range p.next {
		if !next.After(now) {
			delete(p.next, channel)
		}
	}
}
