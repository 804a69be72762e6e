package slack

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"time"
)

// This file is the source of all randomness. Each event has a separate random
// stream. With one stream for all, the order of goroutines at one instant would
// change every later choice.

// stream returns the stream with this name.
func (w *Workspace) stream(words ...string) *rand.Rand {
	return rand.New(rand.NewPCG(w.config.Seed, hash(words))) // repeatable on purpose
}

// streamNow returns the stream of an event that happens now. The words identify
// the event without a ts of this instant, because those depend on the order of
// goroutines. If the same event happens twice at one instant, each has a
// separate stream. The caller must hold mu.
func (w *Workspace) streamNow(words ...string) *rand.Rand {
	if now := time.Now().UnixNano(); now != w.instant {
		w.instant, w.happened = now, make(map[uint64]int)
	}
	what := hash(words)
	w.happened[what]++
	return w.stream(fmt.Sprint(what, w.instant, w.happened[what]))
}

func hash(words []string) uint64 {
	h := fnv.New64a()
	for _, word := range words {
		_, _ = h.Write([]byte(word)) // never fails
		_, _ = h.Write([]byte{0})
	}
	return h.Sum64()
}
