package storage

import "time"

// Observe implements [Store].
func (b *Bolt) Observe(hook func(op string, took time.Duration, err error)) { b.hook = hook }

// report returns a function that reports an operation that begins now; it is
// called at the operation's end.
func (b *Bolt) report(op string) func(err *error) {
	if b.hook == nil {
		return func(*error) {}
	}
	began := time.Now()
	return func(err *error) { b.hook(op, time.Since(began), *err) }
}
