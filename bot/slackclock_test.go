package bot

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// Ensure that the time is Slack's, whatever this machine's clock says.
func TestSlackClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c slackClock
		if got := c.now(); !got.Equal(time.Now()) {
			t.Errorf("before Slack has told it, it is %v", got)
		}
		told := time.Date(2031, 5, 4, 3, 2, 1, 0, time.UTC)
		c.heard(http.Header{"Date": {told.Format(http.TimeFormat)}})
		c.heard(http.Header{"Date": {"yesterday"}})
		time.Sleep(time.Minute) // in the test's own time
		if got := c.now(); !got.Equal(told.Add(time.Minute + time.Second)) {
			t.Errorf("a minute after %v it is %v", told, got)
		}
	})
}
