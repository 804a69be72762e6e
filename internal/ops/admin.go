package ops

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"strings"
)

// guard admits only administrators to a handler: clients with the token or, if there
// is no token, clients on this machine.
type guard struct {
	token    string // ADMIN_TOKEN; may be empty
	loopback bool   // the listener is reachable from this machine only
}

// protect returns a handler that calls next for administrators only.
func (g guard) protect(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case g.token != "" && !g.knowsToken(r):
			w.Header().Set("WWW-Authenticate", `Bearer realm="enjobridge"`)
			http.Error(w, "the header Authorization: Bearer with ADMIN_TOKEN is required", http.StatusUnauthorized)
		case g.token == "" && !g.loopback:
			http.Error(w, "HTTP_ADDR is reachable from other machines: set ADMIN_TOKEN to allow this", http.StatusForbidden)
		case g.token == "" && !toLoopback(r):
			// DNS rebinding: a web page in a browser on this machine can reach the port under its own host name.
			http.Error(w, "without ADMIN_TOKEN only requests to localhost are allowed", http.StatusForbidden)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// knowsToken reports whether a request has the token.
func (g guard) knowsToken(r *http.Request) bool {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	given, want := sha256.Sum256([]byte(strings.TrimSpace(token))), sha256.Sum256([]byte(g.token))
	return strings.EqualFold(scheme, "Bearer") && subtle.ConstantTimeCompare(given[:], want[:]) == 1
}

// toLoopback reports whether a request's host is localhost or a loopback address.
func toLoopback(r *http.Request) bool {
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return host == "localhost" || net.ParseIP(strings.Trim(host, "[]")).IsLoopback()
}
