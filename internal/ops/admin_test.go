package ops

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// Ensure that only the token admits clients over HTTP: neither their address nor the
// name under which they reach the server does.
func TestRequireToken(t *testing.T) {
	for name, test := range map[string]struct {
		token string
		host  string
		auth  string
		want  int
	}{
		"no token, this machine":       {"", "127.0.0.1:9090", "", http.StatusForbidden},
		"no token, by name":            {"", "localhost:9090", "", http.StatusForbidden},
		"no token, by address":         {"", "[::1]:9090", "", http.StatusForbidden},
		"no token, DNS rebinding":      {"", "evil.example", "", http.StatusForbidden},
		"no token, an empty one given": {"", "127.0.0.1", "Bearer ", http.StatusForbidden},
		"no token, one given":          {"", "127.0.0.1", "Bearer t0ken", http.StatusForbidden},
		"the token":                    {"t0ken", "bot.example", "Bearer t0ken", http.StatusOK},
		"the scheme in lower case":     {"t0ken", "bot.example", "bearer t0ken", http.StatusOK},
		"a wrong token":                {"t0ken", "127.0.0.1", "Bearer t0k", http.StatusUnauthorized},
		"another scheme":               {"t0ken", "bot.example", "Basic t0ken", http.StatusUnauthorized},
		"none given":                   {"t0ken", "127.0.0.1", "", http.StatusUnauthorized},
		"an empty one given":           {"t0ken", "127.0.0.1", "Bearer", http.StatusUnauthorized},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, "/backup", nil)
			r.Host, r.RemoteAddr = test.host, "127.0.0.1:50000"
			r.Header.Set("Authorization", test.auth)
			w := httptest.NewRecorder()
			requireToken(func() string { return test.token }, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})).ServeHTTP(w, r)
			if w.Code != test.want {
				t.Errorf("%d, want %d: %s", w.Code, test.want, w.Body)
			}
		})
	}
}
