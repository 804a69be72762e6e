package slack

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"time"
)

// This file is where randomness comes from. Each thing that happens has a random
// stream of its own: with one stream for all, the order in which goroutines run
// at one instant would change every choice that follows.

// stream returns the stream that the words name.
func (w *Workspace) stream(words ...string) *rand.Rand {
	return rand.New(rand.NewPCG(w.config.Seed, hash(words))) // repeatable on purpose
}

// streamNow returns the stream of something that happens now. The words say
// what, without a ts of this instant, because those depend on the order of
// goroutines. If the same happens twice at one instant, each has its own stream.
// mu must be held.
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
