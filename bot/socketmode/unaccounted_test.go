package socketmode

import (
	"testing"
	"time"
)

// Ensure that an excess counts only once it has lasted, is looked at again more
// and more seldom, and is forgotten when it is gone.
func TestGhosts(t *testing.T) {
	g := unaccounted{after: 3 * time.Minute, most: time.Hour}
	epoch := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for _, step := range []struct {
		at      time.Duration
		excess  int
		again   time.Duration
		certain int
	}{
		{0, 0, 0, 0},
		{time.Minute, 1, 3 * time.Minute, 0},
		{2 * time.Minute, 0, 0, 0},
		{3 * time.Minute, 2, 3 * time.Minute, 0},
		{5 * time.Minute, 2, 3 * time.Minute, 0},
		{6 * time.Minute, 2, 3 * time.Minute, 2},
		{13 * time.Minute, 1, 10 * time.Minute, 1},
		{13 * time.Hour, 1, time.Hour, 1},
		{14 * time.Hour, -1, 0, 0},
		{15 * time.Hour, 1, 3 * time.Minute, 0},
	} {
		again, certain := g.counted(step.excess, epoch.Add(step.at))
		if again != step.again || certain != step.certain {
			t.Errorf("after %v, %d: again in %v, %d certain; want %v, %d", step.at, step.excess, again, certain, step.again, step.certain)
		}
	}
}
