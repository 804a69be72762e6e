package socketmode

import (
	"testing"
	"time"
)

// Ensure that only a lasting excess counts, that the time between counts grows, and that
// it starts again after the excess ends.
func TestUnaccounted(t *testing.T) {
	u := unaccounted{after: 3 * time.Minute, most: time.Hour}
	epoch := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for _, step := range []struct {
		at      time.Duration
		excess  int
		again   time.Duration
		lasting int
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
		again, lasting := u.counted(step.excess, epoch.Add(step.at))
		if again != step.again || lasting != step.lasting {
			t.Errorf("after %v, %d: again in %v, %d lasting; want %v, %d", step.at, step.excess, again, lasting, step.again, step.lasting)
		}
	}
}
