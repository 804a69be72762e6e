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

// Ensure that what waits for a slow disk is bounded, in number and in bytes, and
// that who hands it over never waits.
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
			l := New(slackevent.Identity{}, nil, nil, telemetry.NewRegistry(), zerolog.Nop())
			sent := test.sent
			for n := range sent {
				l.Take(socketmode.Envelope{ID: "e", Type: slackevent.EventsAPI, Payload: test.payload(n)})
			}
			held, bytes := 0, int64(0)
			for _, lane := range l.lanes {
				for len(lane) > 0 {
					e := <-lane
					held++
					bytes += e.Size()
				}
			}
			if held >= sent || test.want > 0 && held != test.want {
				t.Errorf("%d of %d are held, want %d", held, sent, test.want)
			}
			if bytes != l.waiting.Load() || bytes > maxWaitingBytes {
				t.Errorf("%d bytes are held, %d are counted", bytes, l.waiting.Load())
			}
		})
	}
}
