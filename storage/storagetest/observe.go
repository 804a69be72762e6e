package storagetest

import (
	"context"
	"sync"
	"testing"
	"time"

	"enjobridge/storage"
)

// testObserve checks that each operation is reported once, with its error.
func testObserve(t *testing.T, f *fixture) {
	cancelled, cancel := context.WithCancel(background)
	cancel()
	for name, ctx := range map[string]context.Context{"background": background, "cancelled": cancelled} {
		t.Run(name+" context", func(t *testing.T) {
			s := f.open(t)
			reported := s.observe()
			errs, operations := s.methods(ctx), storage.Operations()
			for name, err := range errs {
				reports := reported.of(operations[name])
				if len(reports) != 1 || reports[0] != err {
					t.Errorf("%s is reported as %v, want once with %v", name, reports, err)
				}
			}
			equal(t, "reports", reported.count(), len(errs))
		})
	}

	t.Run("an invalid key", func(t *testing.T) {
		s := f.open(t)
		reported := s.observe()
		_, err := s.FirstTime(background, "\xff", at(0))
		if reports := reported.of("once"); err == nil || len(reports) != 1 || reports[0] != err {
			t.Errorf("reported as %v, want once with %v", reports, err)
		}
	})

	t.Run("concurrent operations", func(t *testing.T) {
		s := f.open(t)
		reported := s.observe()
		q := ask("1.1", "Why?")
		concurrently(50, func(int) {
			if _, err := s.Accept(background, q, threadOf(q)); err != nil {
				t.Error(err)
			}
		})
		equal(t, "reports", len(reported.of("accept")), 50)
	})
}

// reports are the errors of a store's operations, by name.
type reports struct {
	mu   sync.Mutex
	errs map[string][]error
}

// observe collects the reports of the store from now on.
func (s *store) observe() *reports {
	r := &reports{errs: make(map[string][]error)}
	s.Observe(func(op string, took time.Duration, err error) {
		if took < 0 {
			s.t.Errorf("%s took %v", op, took)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.errs[op] = append(r.errs[op], err)
	})
	return r
}

func (r *reports) of(op string) []error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.errs[op]
}

func (r *reports) count() (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, errs := range r.errs {
		n += len(errs)
	}
	return n
}
