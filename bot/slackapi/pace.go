package slackapi

import (
	"context"
	"sync"
	"time"

	"enjobridge/bot/backoff"
)

// maxPaced is how many idle channels' paces are remembered.
const maxPaced = 1_000

// pacer keeps posts to Slack's pace of about one a second and channel.
// https://docs.slack.dev/apis/web-api/rate-limits/
type pacer struct {
	every time.Duration // from the end of one post to the next in the same channel

	mu       sync.Mutex
	channels map[string]*channelPace
}

// channelPace lets one post at a time into a channel.
type channelPace struct {
	turn  chan struct{} // holds a token while nobody posts
	users int           // those who hold or wait for the turn; guarded by pacer.mu
	next  time.Time     // when the next post may begin; guarded by the turn, and by pacer.mu if there are no users
}

func newPacer(every time.Duration) *pacer {
	return &pacer{every: every, channels: make(map[string]*channelPace)}
}

// wait waits until the channel accepts a post. The function that it returns lets
// the next one in, and is to be called after the post, with its error: a
// Retry-After applies to the whole channel.
func (p *pacer) wait(ctx context.Context, channel string) (done func(error), err error) {
	pace := p.join(channel)
	select {
	case <-pace.turn:
	case <-ctx.Done():
		p.leave(pace)
		return nil, context.Cause(ctx)
	}
	release := func() {
		p.leave(pace)
		pace.turn <- struct{}{}
	}
	if err := backoff.Sleep(ctx, time.Until(pace.next)); err != nil {
		release()
		return nil, err
	}
	return func(err error) {
		wait := p.every
		if failure := Classify(err); failure.Class == RateLimited {
			wait = max(wait, failure.RetryAfter)
		}
		pace.next = time.Now().Add(wait)
		release()
	}, nil
}

// join returns the pace of a channel, as one more who uses it.
func (p *pacer) join(channel string) *channelPace {
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

// leave forgets channels that nobody waits for and that accept a post at once, if
// there are many, so that they do not fill the memory.
func (p *pacer) leave(pace *channelPace) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if pace.users--; len(p.channels) < maxPaced {
		return
	}
	now := time.Now()
	for channel, pace := range p.channels {
		if pace.users == 0 && !pace.next.After(now) {
			delete(p.channels, channel)
		}
	}
}
