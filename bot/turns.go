package bot

import (
	"context"
	"hash/fnv"
)

// turns let one at a time do what goes by the same key. There are not more of
// them than these, so that others may have to wait, too.
type turns [64]chan struct{}

func newTurns() *turns {
	t := new(turns)
	for i := range t {
		t[i] = make(chan struct{}, 1)
	}
	return t
}

// take waits for the turn of a key; the function that it returns ends it.
func (t *turns) take(ctx context.Context, key string) (done func(), err error) {
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(key))
	turn := t[hash.Sum32()%uint32(len(t))]
	select {
	case turn <- struct{}{}:
		return func() { <-turn }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}
