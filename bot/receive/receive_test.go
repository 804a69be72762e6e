package receive

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"enjobridge/bot/slackevent"
	"enjobridge/bot/socketmode"
	"enjobridge/bot/telemetry"

	"github.com/rs/zerolog"
)

// Ensure that the envelopes that wait for a slow disk are bounded, in number and in
// bytes, and that Take never waits.
func TestReceiver_BoundsWhatWaits(t *testing.T) {
	small := json.RawMessage(`{"event":{"type":"message","ts":"1.1"}}`)
	large := json.RawMessage(`{"event":{"type":"message","ts":"1.1","text":"` + strings.Repeat("x", 1<<20) + `"}}`)
	for name, test := range map[string]struct {
		payload func(n int) json.RawMessage
		sent    int
		want    int
	}{
		"of one thread": {func(int) json.RawMessage { return small }, 1000, laneLength},
		"of many threads": {func(n int) json.RawMessage {
			return json.RawMessage(fmt.Sprintf(`{"event":{"type":"message","ts":"%d.1"}}`, n))
		}, 40_000, 0},
		"of much text": {func(int) json.RawMessage { return large }, 100, maxWaitingBytes / (len(large) + 1024)},
	} {
		t.Run(name, func(t *testing.T) {
			missed := 0
			r := New(Config{Missed: func() { missed++ }, Metrics: telemetry.NewRegistry(), Log: zerolog.Nop()})
			for n := range test.sent {
				r.Take(socketmode.Envelope{ID: "e", Type: slackevent.EventsAPI, Payload: test.payload(n)})
			}
			held, bytes := 0, int64(0)
			for _, lane := range r.lanes {
				for len(lane) > 0 {
					e := <-lane
					held++
					bytes += e.Size()
				}
			}
			if held >= test.sent || test.want > 0 && held != test.want {
				t.Errorf("%d of %d are held, want %d", held, test.sent, test.want)
			}
			if missed != test.sent-held {
				t.Errorf("%d of %d events are reported as missed", missed, test.sent-held)
			}
			if bytes != r.waiting.Load() || bytes > maxWaitingBytes {
				t.Errorf("%d bytes are held, %d are counted", bytes, r.waiting.Load())
			}
		})
	}
}
