package ops

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"strings"
)

// guard lets only administrators reach a handler: those who know the token, or,
// where there is none, those on this machine.
type guard struct {
	token    string // ADMIN_TOKEN; may be empty
	loopback bool   // the listener can be reached from this machine only
}

// protect returns next, for administrators.
func (g guard) protect(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case g.token != "" && !g.knowsToken(r):
			w.Header().Set("WWW-Authenticate", `Bearer realm="enjobridge"`)
			http.Error(w, "this needs the header Authorization: Bearer, with ADMIN_TOKEN", http.StatusUnauthorized)
		case g.token == "" && !g.loopback:
			http.Error(w, "HTTP_ADDR can be reached from other machines: set ADMIN_TOKEN to allow this", http.StatusForbidden)
		case g.token == "" && !toLoopback(r):
			// A page in a browser on this machine can reach the port by a name that its author made up.
			http.Error(w, "without ADMIN_TOKEN this is served to localhost only", http.StatusForbidden)
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

// toLoopback reports whether a request names localhost or a loopback address as its host.
func toLoopback(r *http.Request) bool {
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return host == "localhost" || net.ParseIP(strings.Trim(host, "[]")).IsLoopback()
}
