package bot_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"enjobridge/storage"
)

// Ensure that nothing is stored later about what a person wrote right before their data was
// deleted.
func TestForgetPerson_RightAfterAMessage(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		direct := h.slack.DM(h.alice)
		asked := h.say(direct, h.alice, vpnQuestion)
		h.awaitEnded(1)
		thanks := h.say(direct, h.alice, "thanks!")
		h.awaitLog("intake: message decided", 2)
		w := httptest.NewRecorder()
		h.admin.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/forget?user="+h.alice, nil))
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"questions":1`) {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		time.Sleep(time.Minute) // in the bubble's time
		store := h.stored()
		for _, ts := range []string{asked, thanks} {
			id := storage.MessageID{Team: h.slack.TeamID(), Channel: direct, TS: ts}
			if _, err := store.History(t.Context(), id); !errors.Is(err, storage.ErrNotFound) {
				t.Errorf("the history of %s: %v, want none", ts, err)
			}
		}
	})
}
