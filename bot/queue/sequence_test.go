package queue

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// Ensure that a sequence behaves like a slice, and has few empty cells.
func TestSequenceIsASlice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s sequence[int]
		var want []int
		var elements []*element[int]
		n := 0
		t.Repeat(map[string]func(*rapid.T){
			"add": func(t *rapid.T) {
				for range rapid.IntRange(1, 50).Draw(t, "times") {
					elements, want = append(elements, s.add(n)), append(want, n)
					n++
				}
			},
			"remove": func(t *rapid.T) {
				from := rapid.IntRange(0, len(want)).Draw(t, "from")
				to := rapid.IntRange(from, len(want)).Draw(t, "to")
				for _, e := range elements[from:to] {
					s.remove(e)
				}
				elements, want = slices.Delete(elements, from, to), slices.Delete(want, from, to)
			},
			"": func(t *rapid.T) {
				if s.len() != len(want) || len(s.cells) > 2*len(want)+spareCells+1 {
					t.Fatalf("%d elements in %d cells, want %d", s.len(), len(s.cells), len(want))
				}
				seen := 0
				for i, value := range s.all() {
					seen++
					if value != want[i] || elements[i].value != value || s.index(elements[i]) != i {
						t.Fatalf("element %d is %d and has the index %d, want %d", i, value, s.index(elements[i]), want[i])
					}
				}
				if seen != len(want) {
					t.Fatalf("%d of %d elements are listed", seen, len(want))
				}
				if len(want) > 0 && s.first() != want[0] {
					t.Fatalf("the first element is %d, want %d", s.first(), want[0])
				}
			},
		})
	})
}
