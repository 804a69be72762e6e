package bot_test

import (
	"testing"
	"time"

	"enjobridge/blocks"
)

// emptyThenFull is an agent whose first answer is empty.
func emptyThenFull() plan {
	return plan{agent: inTurn(`{"success":true,"data":{"answers":" ","conversationId":"c1"}}`, `{"success":true,"data":{"answers":"Here it is.","conversationId":"c2"}}`)}
}

// Ensure that an empty private answer can be asked again, also after a restart, and that
// there is nothing to share.
func TestAnEmptyPrivateAnswerIsTriedAgain(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, emptyThenFull())
		h.command(h.alice, h.support, vpnQuestion)
		ts := h.awaitPrivate(h.support, h.alice, "answer was empty")
		h.awaitEnded(1)
		if value := h.buttonValue(h.support, ts, blocks.ActionShare); value != "" {
			t.Errorf("an empty answer can be shared: %s", value)
		}
		if err := h.stop(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Hour)
		h.start()
		h.press(h.alice, h.support, ts, blocks.ActionRetry)
		h.awaitEphemeral(h.support, h.alice, "Here it is.")
	})
}
