package queue

import "iter"

// sequence is a list to whose end elements are added, of which any can be removed.
// Adding, removing and counting the elements before one take O(log n).
//
// It is a Fenwick tree over cells that are numbered from 1 in the order of adding.
// A removed element leaves an empty cell until so many are empty that the tree is
// built again. The zero sequence is empty.
type sequence[T any] struct {
	cells  []*element[T] // nil where an element was removed
	counts []int         // counts[i] of the elements are in the cells i-lowBit(i)+1 to i
	start  int           // a cell before which all are empty
	used   int           // cells that are not empty
}

// element is an element of a sequence.
type element[T any] struct {
	value T
	cell  int
}

// spareCells is how many cells may be empty however few elements there are.
const spareCells = 32

// len returns the number of elements.
func (s *sequence[T]) len() int { return s.used }

// add puts a value at the end.
func (s *sequence[T]) add(value T) *element[T] {
	e := &element[T]{value: value}
	s.push(e)
	return e
}

// push puts an element into the next cell.
func (s *sequence[T]) push(e *element[T]) {
	if len(s.cells) == 0 {
		s.cells, s.counts = append(s.cells, nil), append(s.counts, 0)
	}
	e.cell = len(s.cells)
	count := 1
	for i := e.cell - 1; i > e.cell-lowBit(e.cell); i -= lowBit(i) {
		count += s.counts[i]
	}
	s.cells, s.counts = append(s.cells, e), append(s.counts, count)
	s.used++
}

// remove takes an element out, which must be in the sequence.
func (s *sequence[T]) remove(e *element[T]) {
	s.cells[e.cell] = nil
	for i := e.cell; i < len(s.counts); i += lowBit(i) {
		s.counts[i]--
	}
	s.used--
	for s.start < len(s.cells) && s.cells[s.start] == nil {
		s.start++
	}
	if len(s.cells) > 2*s.used+spareCells {
		s.compact()
	}
}

// compact drops the empty cells. It takes O(n), after at least n/2 removals.
func (s *sequence[T]) compact() {
	cells := s.cells
	*s = sequence[T]{}
	for _, e := range cells {
		if e != nil {
			s.push(e)
		}
	}
}

// index returns how many elements come before one that is in the sequence.
func (s *sequence[T]) index(e *element[T]) int {
	before := 0
	for i := e.cell - 1; i > 0; i -= lowBit(i) {
		before += s.counts[i]
	}
	return before
}

// first returns the first value of a sequence that is not empty.
func (s *sequence[T]) first() T {
	for _, value := range s.all() {
		return value
	}
	panic("the sequence is empty")
}

// all returns the values in their order, each with its index. The sequence must
// not change meanwhile.
func (s *sequence[T]) all() iter.Seq2[int, T] {
	return func(yield func(int, T) bool) {
		index := 0
		for _, e := range s.cells[s.start:] {
			if e == nil {
				continue
			}
			if !yield(index, e.value) {
				return
			}
			index++
		}
	}
}

// lowBit returns the lowest bit that is set in a positive number.
func lowBit(i int) int { return i & -i }
