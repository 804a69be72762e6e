package storage

import "time"

// Observe implements [Store].
func (b *Bolt) Observe(hook func(op string, took time.Duration, err error)) { b.hook = hook }

// report starts the measurement of an operation. The returned function reports the
// operation; call it at the end.
func (b *Bolt) report(op string) func(err *error) {
	if b.hook == nil {
		return func(*error) {}
	}
	began := time.Now()
	return func(err *error) { b.hook(op, time.Since(began), *err) }
}
