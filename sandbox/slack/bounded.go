package slack

// ring stores the last entries of a log.
type ring[T any] struct {
	entries []T
	next    int // position of the next entry once the ring is full
	limit   int
}

func newRing[T any](limit int) ring[T] { return ring[T]{limit: limit} }

func (r *ring[T]) add(entry T) {
	if len(r.entries) < r.limit {
		r.entries = append(r.entries, entry)
		return
	}
	r.entries[r.next] = entry
	r.next = (r.next + 1) % r.limit
}

// all returns a copy, oldest first.
func (r *ring[T]) all() []T {
	all := make([]T, 0, len(r.entries))
	all = append(all, r.entries[r.next:]...)
	return append(all, r.entries[:r.next]...)
}

// bounded is a map that drops the oldest entry when it is full.
type bounded[K comparable, V any] struct {
	values map[K]V
	order  []K
	limit  int
}

func newBounded[K comparable, V any](limit int) *bounded[K, V] {
	return &bounded[K, V]{values: make(map[K]V), limit: limit}
}

func (b *bounded[K, V]) get(key K) (V, bool) {
	v, ok := b.values[key]
	return v, ok
}

func (b *bounded[K, V]) put(key K, value V) {
	if _, known := b.values[key]; !known {
		b.order = append(b.order, key)
	}
	b.values[key] = value
	for len(b.order) > b.limit {
		delete(b.values, b.order[0])
		b.order = b.order[1:]
	}
}
