package slack

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// Ensure that a ring has the last entries in order, and a bounded map the
// latest keys.
func TestBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.IntRange(1, 5).Draw(t, "limit")
		added := rapid.SliceOf(rapid.IntRange(0, 9)).Draw(t, "added")
		r, b := newRing[int](limit), newBounded[int, int](limit)
		var order []int // of the keys' first insertion since they were last dropped
		for i, v := range added {
			r.add(v)
			b.put(v, i)
			if !slices.Contains(order, v) {
				order = append(order, v)
			}
			order = order[max(0, len(order)-limit):]
			if got, known := b.get(v); !known || got != i {
				t.Fatalf("%d is %d, %v", v, got, known)
			}
		}
		for n := range limit + 2 {
			want := added[max(0, len(added)-min(n, limit)):]
			if got := r.last(n); !slices.Equal(got, want) {
				t.Fatalf("last %d are %v, want %v", n, got, want)
			}
		}
		if got, want := r.all(), added[max(0, len(added)-limit):]; !slices.Equal(got, want) {
			t.Fatalf("all are %v, want %v", got, want)
		}
		for v := range 10 {
			if _, known := b.get(v); known != slices.Contains(order, v) {
				t.Fatalf("%d is known: %v; want %v", v, known, order)
			}
		}
	})
}
