package enjo

import (
	"context"
	"fmt"
)

// guardKey is the key of a message's guard in the context of its request.
type guardKey struct{}

// guardOf returns the guard of the message that a context belongs to; nil for none.
func guardOf(ctx context.Context) func() error {
	guard, _ := ctx.Value(guardKey{}).(func() error)
	return guard
}

// ask asks the guard of a request before a connection is looked for.
func (p *progress) ask() error {
	if p.guard == nil {
		return nil
	}
	if err := p.guard(); err != nil {
		return notSent(err)
	}
	return nil
}

// notSent returns the error of a request that its guard has refused.
func notSent(refused error) error {
	return &Error{Code: NotProcessed, Message: fmt.Sprintf("sending: %v", refused), Err: refused}
}

// guardConn has the guard of a request asked before the connection sends anything of it: the
// process can have been stopped since the connection was there. Once it is being sent, the
// rest is sent, too.
func (p *progress) guardConn(conn *meteredConn) {
	if p.guard == nil {
		return
	}
	check := func() error {
		if conn.sent.Load() > p.before.Load() {
			return nil
		}
		err := p.guard()
		if err != nil {
			p.refused.Store(&err)
		}
		return err
	}
	conn.guard.Store(&check)
}

// release lets the connection be used for requests without a guard.
func (p *progress) release() {
	if conn := p.conn.Load(); conn != nil {
		conn.guard.Store(nil)
	}
}
