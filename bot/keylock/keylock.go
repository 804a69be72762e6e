// Package keylock is a mutex for each key. It does not know what the keys mean.
package keylock

import (
	"context"
	"sync"
)

// Locks holds a mutex for each key that somebody holds or waits for. The zero value is
// ready to use.
type Locks struct {
	mu    sync.Mutex
	locks map[string]*lock
}

type lock struct {
	token chan struct{} // holds a token while the key is locked
	users int           // how many hold it or wait for it; guarded by Locks.mu
}

// Lock locks a key, and returns the function that unlocks it. It returns the cause
// if ctx ends before.
func (l *Locks) Lock(ctx context.Context, key string) (unlock func(), err error) {
	l.mu.Lock()
	if l.locks == nil {
		l.locks = make(map[string]*lock)
	}
	one := l.locks[key]
	if one == nil {
		one = &lock{token: make(chan struct{}, 1)}
		l.locks[key] = one
	}
	one.users++
	l.mu.Unlock()

	select {
	case one.token <- struct{}{}:
		return func() { <-one.token; l.leave(key, one) }, nil
	case <-ctx.Done():
		l.leave(key, one)
		return nil, context.Cause(ctx)
	}
}

// leave gives up a use of a lock, and deletes a lock that nobody uses.
func (l *Locks) leave(key string, one *lock) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if one.users--; one.users == 0 {
		delete(l.locks, key)
	}
}
