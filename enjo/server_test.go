package enjo

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	testToken = "en-Ab/12+cd=="
	testBot   = "bot 1/ü"
)

// wantRequest is a request that the test server expects.
type wantRequest struct {
	Method string
	Path   string // escaped
	Body   string
}

// exchange is one expected request and its answer.
type exchange struct {
	want   wantRequest
	answer http.HandlerFunc
}

// newServer serves the exchanges in order. It fails the test on an unexpected,
// an extra or a missing request.
func newServer(t *testing.T, exchanges ...exchange) *httptest.Server {
	t.Helper()
	var served atomic.Int64
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := int(served.Add(1))
		if n > len(exchanges) {
			t.Errorf("unexpected request %d: %s %s", n, r.Method, r.URL)
			w.WriteHeader(http.StatusTeapot)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("request %d: %v", n, err)
		}
		got := wantRequest{r.Method, r.URL.EscapedPath(), string(body)}
		if diff := cmp.Diff(exchanges[n-1].want, got); diff != "" {
			t.Errorf("request %d (-want +got):\n%s", n, diff)
		}
		if got := r.Header.Get("Authorization"); got != "Bearer "+testToken {
			t.Errorf("request %d: Authorization is %q", n, got)
		}
		if got := r.Header.Get("Content-Type"); got != "application/json" {
			t.Errorf("request %d: Content-Type is %q", n, got)
		}
		exchanges[n-1].answer(w, r)
	}))
	t.Cleanup(func() {
		srv.Close()
		if n := int(served.Load()); n < len(exchanges) {
			t.Errorf("%d of %d expected requests came", n, len(exchanges))
		}
	})
	return srv
}

// newClient returns a client of the server, with a base URL that has a path.
func newClient(t *testing.T, baseURL string) *Client {
	t.Helper()
	return newClientWith(t, Config{BaseURL: baseURL + "/some/base/"})
}

func newClientWith(t *testing.T, c Config) *Client {
	t.Helper()
	c.Token, c.Version = testToken, "1.2.3"
	client, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

// askOnce sends one question to a server that answers with this handler.
func askOnce(t *testing.T, answer http.HandlerFunc) (Reply, error) {
	t.Helper()
	srv := newServer(t, exchange{wantRequest{
		"POST", "/some/base/v1/bots/bot%201%2F%C3%BC/message", `{"message":{"text":"hi"}}`,
	}, answer})
	return newClient(t, srv.URL).Ask(t.Context(), testBot, Message{Text: "hi"})
}

// answer returns a handler that answers with a status and a JSON body.
func answer(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// asError returns err as an *Error, or ends the test.
func asError(t *testing.T, err error) *Error {
	t.Helper()
	failure, ok := err.(*Error) // not errors.As: Ask promises not to wrap it
	if !ok {
		t.Fatalf("got %T %v, want an *Error", err, err)
	}
	return failure
}
