package enjo

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func TestRedirectsAreNotFollowed(t *testing.T) {
	elsewhere := newServer(t) // fails on any request
	tests := []struct{ name, location, says string }{
		{"to another host", elsewhere.URL + "/v1?key=secret", "points to " + elsewhere.URL + "/v1"},
		{"to plain http", "http://api.enjo.ai/v1", "points to http://api.enjo.ai/v1"},
		{"on the same host", "/login", "/login"},
		{"with a password", "https://me:secret@x.example/", "points to https://x.example/"},
		{"to nowhere", "", "points to no valid address"},
		{"to nonsense", "http://[::1", "points to no valid address"},
	}
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, tt := range tests {
			t.Run(fmt.Sprint(status, " ", tt.name), func(t *testing.T) {
				_, err := askOnce(t, func(w http.ResponseWriter, _ *http.Request) {
					if tt.location != "" {
						w.Header().Set("Location", tt.location)
					}
					w.WriteHeader(status)
				})
				got := asError(t, err)
				if got.Code != WrongAddress || got.Status != status || !strings.Contains(got.Message, tt.says) {
					t.Errorf("got %v, want … %s …", got, tt.says)
				}
				if strings.Contains(got.Message, "secret") {
					t.Errorf("the message holds a secret: %s", got.Message)
				}
			})
		}
	}
}
