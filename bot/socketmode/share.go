package socketmode

import (
	"context"
	"errors"
	"sync"
)

// share is how many of an app's connections this process is to hold.
type share struct {
	own     int // of this process
	others  int // of other processes
	changed chan struct{}
}

// SetSockets changes how many connections are held open, at most Config.Sockets, while others
// are held by other replicas. A connection that is too many is closed: Slack sends its events
// to the others.
func (c *Client) SetSockets(own, others int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.share.others = others
	if own = min(own, c.cfg.Sockets); own != c.share.own {
		c.share.own = own
		c.cfg.Health.SetSockets(own)
		close(c.share.changed)
		c.share.changed = make(chan struct{})
	}
}

// others returns how many connections other replicas hold at most.
func (c *Client) others() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.share.others
}

// errNotOurs is the cause with which a socket ends that other replicas hold.
var errNotOurs = errors.New("other replicas hold enough connections")

// endOf returns why the connections of a socket are closed when its context ends.
func endOf(ctx context.Context) string {
	if errors.Is(context.Cause(ctx), errNotOurs) {
		return endNotOurs
	}
	return endStopped
}

// keep keeps a socket open while it is part of the share, until ctx ends.
func (c *Client) keep(ctx context.Context, number int) error {
	for {
		if err := c.awaitShare(ctx, func(own int) bool { return number < own }); err != nil {
			return nil
		}
		if err := c.hold(ctx, number); err != nil {
			return err
		}
	}
}

// hold keeps a socket open until it is not part of the share any more, or ctx ends.
func (c *Client) hold(ctx context.Context, number int) error {
	held, end := context.WithCancelCause(ctx)
	var watching sync.WaitGroup
	defer watching.Wait()
	defer end(nil)
	watching.Go(func() {
		if c.awaitShare(held, func(own int) bool { return number >= own }) == nil {
			end(errNotOurs)
		}
	})
	return c.socket(number).run(held)
}

// awaitShare waits until the share is as wanted. It returns the cause if ctx ends before.
func (c *Client) awaitShare(ctx context.Context, wanted func(own int) bool) error {
	for {
		c.mu.Lock()
		own, changed := c.share.own, c.share.changed
		c.mu.Unlock()
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if wanted(own) {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
		}
	}
}
