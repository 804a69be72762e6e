package workspace

import (
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/bot/telemetry"
)

// gaps records the ends of gaps.
type gaps struct {
	Effects
	ends []time.Time
}

func (g *gaps) GapUntil(until time.Time) { g.ends = append(g.ends, until) }

// Ensure that history is read when the minute after the last rate-limited one has
// passed, once for each, and that a wrong minute does not delay it.
func TestHandler_RateLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now() // a full minute in the bubble
		for name, test := range map[string]struct {
			minutes []time.Time
			want    []time.Time
		}{
			"one":       {[]time.Time{now}, []time.Time{now.Add(2 * time.Minute)}},
			"repeated":  {[]time.Time{now, now}, []time.Time{now.Add(2 * time.Minute)}},
			"two":       {[]time.Time{now, now.Add(time.Minute)}, []time.Time{now.Add(2 * time.Minute), now.Add(3 * time.Minute)}},
			"none":      {[]time.Time{time.Unix(0, 0)}, []time.Time{now.Add(2 * time.Minute)}},
			"in a year": {[]time.Time{now.AddDate(1, 0, 0)}, []time.Time{now.Add(2 * time.Minute)}},
		} {
			found, metrics := &gaps{}, telemetry.NewRegistry()
			slack := slackapi.New(slackapi.Config{URL: "https://slack.com/api/", Random: rand.Int64N, Metrics: metrics, Log: zerolog.Nop()})
			h := New(Config{Slack: slack, Effects: found, Metrics: metrics, Log: zerolog.Nop()})
			for _, minute := range test.minutes {
				after, err := h.Handle(t.Context(), slackevent.EventsRateLimited{Minute: minute})
				if err != nil {
					t.Fatal(err)
				}
				after()
			}
			if diff := cmp.Diff(test.want, found.ends); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
		}
	})
}
