package ops

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// Ensure that only administrators are admitted.
func TestGuard(t *testing.T) {
	for name, test := range map[string]struct {
		guard guard
		host  string
		auth  string
		want  int
	}{
		"this machine, no token":      {guard{loopback: true}, "127.0.0.1:9090", "", http.StatusOK},
		"by name":                     {guard{loopback: true}, "localhost:9090", "", http.StatusOK},
		"by address, version 6":       {guard{loopback: true}, "[::1]:9090", "", http.StatusOK},
		"without a port":              {guard{loopback: true}, "[::1]", "", http.StatusOK},
		"DNS rebinding":               {guard{loopback: true}, "evil.example", "", http.StatusForbidden},
		"open to others, no token":    {guard{}, "127.0.0.1:9090", "", http.StatusForbidden},
		"open to others, the token":   {guard{token: "t0ken"}, "bot.example", "Bearer t0ken", http.StatusOK},
		"the scheme in lower case":    {guard{token: "t0ken"}, "bot.example", "bearer t0ken", http.StatusOK},
		"a wrong token":               {guard{token: "t0ken", loopback: true}, "127.0.0.1", "Bearer t0k", http.StatusUnauthorized},
		"another scheme":              {guard{token: "t0ken"}, "bot.example", "Basic t0ken", http.StatusUnauthorized},
		"an empty token, none is set": {guard{}, "bot.example", "Bearer ", http.StatusForbidden},
		"no token, one is set":        {guard{token: "t0ken", loopback: true}, "127.0.0.1", "", http.StatusUnauthorized},
		"an empty token, one is set":  {guard{token: "t0ken", loopback: true}, "127.0.0.1", "Bearer", http.StatusUnauthorized},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, "/backup", nil)
			r.Host = test.host
			r.Header.Set("Authorization", test.auth)
			w := httptest.NewRecorder()
			test.guard.protect(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})).ServeHTTP(w, r)
			if w.Code != test.want {
				t.Errorf("%d, want %d: %s", w.Code, test.want, w.Body)
			}
		})
	}
}
