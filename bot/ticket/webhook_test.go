package ticket

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/bot/slackapi"
	"enjobridge/enjo"
	"enjobridge/storage"
)

// Ensure that an update of an unknown ticket leaves nothing in the store, also if it
// says that the ticket is closed.
func TestWebhook_UnknownTicket(t *testing.T) {
	store, err := storage.OpenBolt(filepath.Join(t.TempDir(), "bot.db"), storage.BoltOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	var mu sync.Mutex
	var succeeded []string
	store.Observe(func(op string, _ time.Duration, err error) {
		mu.Lock()
		defer mu.Unlock()
		if err == nil {
			succeeded = append(succeeded, op)
		}
	})
	w := NewWebhook("secret", store, slackapi.NewClock(), zerolog.Nop())
	for _, id := range []string{"IT-404", strings.Repeat("I", storage.MaxID+1)} {
		body := `{"status":{"name":"Verified","statusCategory":{"key":"done"}},"priority":"High"}`
		request := httptest.NewRequest(http.MethodPost, "/tickets/"+id, strings.NewReader(body))
		request.SetPathValue("id", id)
		request.Header.Set("Authorization", "Bearer secret")
		response := httptest.NewRecorder()
		w.ServeHTTP(response, request)
		if response.Code != http.StatusNotFound {
			t.Errorf("status %d, want 404", response.Code)
		}
	}
	if len(succeeded) > 0 {
		t.Errorf("the store executed %v", slices.Compact(succeeded))
	}
	if closed, err := store.Seen(t.Context(), closedKey(enjo.Ticket{ID: "IT-404", Status: "Verified"})); closed || err != nil {
		t.Errorf("the store knows the unknown ticket: %v, %v", closed, err)
	}
	select {
	case <-w.Updated():
		t.Error("the reconciler was triggered")
	default:
	}
}

// Ensure that only the latest secret is accepted, and none without one.
func TestWebhook_SetSecret(t *testing.T) {
	w := NewWebhook("first", nil, slackapi.NewClock(), zerolog.Nop())
	status := func(secret string) int {
		request := httptest.NewRequest(http.MethodPost, "/tickets/IT-1", strings.NewReader("{"))
		request.Header.Set("Authorization", "Bearer "+secret)
		response := httptest.NewRecorder()
		w.ServeHTTP(response, request)
		return response.Code
	}
	for _, step := range []struct {
		set, send string
		want      int
	}{
		{"first", "first", http.StatusBadRequest},
		{"second", "first", http.StatusUnauthorized},
		{"second", "second", http.StatusBadRequest},
		{"", "second", http.StatusUnauthorized},
		{"", "", http.StatusUnauthorized},
	} {
		if w.SetSecret(step.set); status(step.send) != step.want || w.On() != (step.set != "") {
			t.Errorf("with the secret %q, %q has the status %d, want %d; on: %t", step.set, step.send, status(step.send), step.want, w.On())
		}
	}
}
