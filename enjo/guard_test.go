package enjo

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
)

// Ensure that nothing of a message is sent that its guard refuses when there is a connection,
// and that the error says that it was not processed.
func TestGuard(t *testing.T) {
	arrived := 0
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { arrived++ }))
	defer server.Close()
	client, err := New(Config{BaseURL: server.URL, Token: "token"})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	refused, sends := errors.New("refused"), 0
	_, err = client.Ask(t.Context(), "b", Message{Text: "hi", OnSend: func() { sends++ }, Guard: func() error {
		if sends == 0 {
			return nil // there is no connection yet
		}
		return refused
	}})
	if CodeOf(err) != NotProcessed || !errors.Is(err, refused) {
		t.Errorf("the error is %v", err)
	}
	server.Close() // waits for the requests
	if arrived != 0 || sends != 1 {
		t.Errorf("%d requests arrived, and %d left", arrived, sends)
	}
}
