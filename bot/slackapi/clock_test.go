package slackapi

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// Ensure that the time is that of Slack's clock if this machine's is wrong.
func TestSlackClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := NewClock()
		if got := c.Now(); !got.Equal(time.Now()) {
			t.Errorf("before the first response it is %v", got)
		}
		time.Sleep(400 * time.Millisecond) // within a second
		for name, test := range map[string]struct{ off, want time.Duration }{
			"a clock that agrees":    {0, 0},
			"a clock that is behind": {time.Hour, time.Hour - 400*time.Millisecond},
			"a clock that is ahead":  {-time.Hour, -time.Hour + 600*time.Millisecond},
		} {
			begin := time.Now()
			c.Observe(http.Header{"Date": {begin.Add(test.off).UTC().Format(http.TimeFormat)}})
			c.Observe(http.Header{"Date": {"yesterday"}})
			time.Sleep(time.Minute)
			if got := c.Now().Sub(begin); got != time.Minute+test.want {
				t.Errorf("%s: after a minute %v have passed, want %v", name, got, time.Minute+test.want)
			}
		}
	})
}
