package bot_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"enjobridge/internal/smalldisk"
)

// Ensure that the bot acknowledges nothing that it cannot store on a full disk, that it
// reports this, and that it answers all questions once there is space again.
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
		// Deletions in the store's file free space, too: only long texts need more of
		// the disk.
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
			t.Errorf("with free space again: %+v", got)
		}
		for _, ts := range asked {
			if n := len(h.answers(h.slack.View, h.support, ts)); n != 1 {
				t.Errorf("a question has %d answers", n)
			}
		}
	})
}

// unacknowledged is logged when the bot could not store something.
const unacknowledged = "receive: storing an event failed"

// awaitDecided waits until the bot has processed a message, or could not store one.
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
			h.t.Fatalf("the bot did not process message %s", ts)
		}
	}
}
