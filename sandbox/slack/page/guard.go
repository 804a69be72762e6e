package page

import (
	"net"
	"net/http"
	"strings"
)

// policy lets the page load only its own files, without inline scripts or
// styles.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// maxRequest limits the size of a request, in bytes: a few files of 1 MiB.
const maxRequest = 6 << 20

// guard protects the page from other websites.
func guard(next http.Handler) http.Handler {
	// Requests that change something must come from a page of this origin.
	protected := http.NewCrossOriginProtection().Handler(next)
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		h := rw.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		h.Set("Cache-Control", "no-store")
		if !loopback(r.Host) {
			http.Error(rw, "This page answers only at a loopback address such as 127.0.0.1.", http.StatusMisdirectedRequest)
			return
		}
		r.Body = http.MaxBytesReader(rw, r.Body, maxRequest)
		protected.ServeHTTP(rw, r)
	})
}

// loopback reports whether the Host header is a name of this machine. A website
// can let its own name point here (DNS rebinding), but not these names.
func loopback(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	host = strings.Trim(host, "[]")
	if ip := net.ParseIP(host); ip != nil {
		return ip.IsLoopback()
	}
	return strings.EqualFold(host, "localhost")
}
