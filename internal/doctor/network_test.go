package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"strings"
	"syscall"
	"testing"
)

// Ensure that each kind of failed connection has its own fix.
func TestUnreachable(t *testing.T) {
	for name, test := range map[string]struct {
		err error
		fix string
	}{
		"an unknown authority": {x509.UnknownAuthorityError{}, "SSL_CERT_FILE"},
		"another host":         {x509.HostnameError{Certificate: &x509.Certificate{}, Host: "slack.com"}, "something else answers in place of localhost: check SLACK_API_URL"},
		"an old certificate":   {x509.CertificateInvalidError{Cert: &x509.Certificate{}, Reason: x509.Expired}, "clock"},
		"no TLS":               {tls.RecordHeaderError{Msg: "no TLS"}, "does not speak TLS"},
		"no such host":         {&net.DNSError{Err: "no such host", Name: "slack.com"}, "DNS"},
		"no answer":            {context.DeadlineExceeded, "allow outgoing HTTPS to localhost in the firewall"},
		"a refusal":            {&net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}, "enjobridge needs outgoing HTTPS to localhost"},
	} {
		t.Run(name, func(t *testing.T) {
			message, fix := unreachable(fmt.Errorf("calling auth.test: %w", test.err), "https://localhost/api/", "SLACK_API_URL") // no proxy is on the way to it
			if !strings.HasPrefix(message, "no connection to localhost: ") || !strings.Contains(fix, test.fix) {
				t.Errorf("it says %q and %q", message, fix)
			}
		})
	}
}
