package bot_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"enjobridge/internal/smalldisk"
)

// Ensure that on a full disk nothing is acknowledged that is not kept, that this
// is said, and that all of it is answered once there is room again.
func TestFullDisk(t *testing.T) {
	small, err := smalldisk.Mount(t, 4)
	if err != nil {
		t.Skipf("a small disk cannot be mounted here (%v): run this on Linux as root where mounting is allowed", err)
	}
	bubble(t, func(t *testing.T) {
		h := foundation(t, plan{})
		h.path = small.Path("bot.db")
		h.start()
		h.awaitAnswers(h.support, h.mention(h.alice, "How do I print?"), 1)

		free := small.Fill()
		// What is deleted in the store's file makes room, too: only what is long needs more of the disk.
		long := strings.Repeat("a question that takes much of the disk ", 700)
		var asked []string
		for n := 0; !strings.Contains(h.log.String(), unacknowledged); n++ {
			ts := h.mention(h.alice, fmt.Sprint(n, ": How do I print? ", long))
			asked = append(asked, ts)
			h.awaitDecided(ts)
		}
		h.awaitLog("is the disk full", 1)
		h.awaitLog("no space left on device", 1)

		free()
		for _, ts := range asked {
			h.awaitAnswers(h.support, ts, 1)
		}
		h.awaitEnded(len(asked) + 1)
		if got := h.health(); !got.Ready {
			t.Errorf("with room again: %+v", got)
		}
		for _, ts := range asked {
			if n := len(h.answers(h.slack.View, h.support, ts)); n != 1 {
				t.Errorf("a question has %d answers", n)
			}
		}
	})
}

// unacknowledged is in the log when something could not be kept.
const unacknowledged = "receive: storing an event failed"

// awaitDecided waits until a message was decided about, or one could not be kept.
func (h *house) awaitDecided(ts string) {
	h.t.Helper()
	timeout := time.After(patience)
	for {
		log, changed := h.log.read()
		if strings.Contains(log, "/"+ts+`"`) || strings.Contains(log, unacknowledged) {
			return
		}
		select {
		case <-changed:
		case <-timeout:
			h.t.Fatalf("message %s was not decided about", ts)
		}
	}
}
