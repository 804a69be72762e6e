package ops

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"
)

// requireToken returns a handler that calls next for requests with the current ADMIN_TOKEN
// only. Neither the client's address nor the Host header admits anybody: a web page in a
// browser on this machine can reach a loopback port (DNS rebinding), and a proxy can
// set both. The admin socket serves this machine.
func requireToken(current func() string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch token := current(); {
		case token == "":
			http.Error(w, "over HTTP this requires ADMIN_TOKEN: set it, or run enjobridge backup on the same machine", http.StatusForbidden)
		case !hasToken(r, token):
			w.Header().Set("WWW-Authenticate", `Bearer realm="enjobridge"`)
			http.Error(w, "the header Authorization: Bearer with ADMIN_TOKEN is required", http.StatusUnauthorized)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// hasToken reports whether a request has the token, in constant time.
func hasToken(r *http.Request, token string) bool {
	scheme, got, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	given, want := sha256.Sum256([]byte(strings.TrimSpace(got))), sha256.Sum256([]byte(token))
	return strings.EqualFold(scheme, "Bearer") && subtle.ConstantTimeCompare(given[:], want[:]) == 1
}
