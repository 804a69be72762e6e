package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
)

// checkProxies checks the URLs of proxies. Go reports no error for one that it cannot parse:
// it uses another address, or no proxy.
func (d *doctor) checkProxies() {
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"} {
		proxy := os.Getenv(name)
		if !strings.Contains(proxy, "://") {
			proxy = "http://" + proxy
		}
		if _, err := url.Parse(proxy); err != nil { // the error can contain a password
			d.fail("proxy", name+" is not a valid URL", "check "+name+": special characters in its user name and password must be percent-encoded, such as # as %23")
		}
	}
}

// unreachable describes an error of the connection to the URL in a setting, with its fix.
func unreachable(err error, address, setting string) (message, fix string) {
	host, proxy := route(address)
	where := host
	if proxy != "" {
		where += " through the proxy " + proxy
	}
	message = fmt.Sprintf("no connection to %s: %v", where, err)
	var (
		authority x509.UnknownAuthorityError
		name      x509.HostnameError
		invalid   x509.CertificateInvalidError
		plain     tls.RecordHeaderError
		lookup    *net.DNSError
		operation *net.OpError
	)
	switch {
	case errors.As(err, &authority):
		fix = "if a proxy or a security product inspects TLS, add its CA certificate to this machine's trust store, or name its file in SSL_CERT_FILE"
	case errors.As(err, &name):
		fix = "something else answers in place of " + host + ": check " + setting + ", DNS, and proxies on the way"
	case errors.As(err, &invalid):
		fix = "check this machine's clock, and whether a proxy inspects TLS"
	case errors.As(err, &plain):
		fix = "the server does not speak TLS: check " + setting + ", and proxies on the way"
	case proxy != "":
		fix = "check HTTPS_PROXY, and whether the proxy allows " + host + "; NO_PROXY lists the hosts to reach without it"
	case errors.As(err, &lookup):
		fix = "check " + setting + " and this machine's DNS"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &operation) && operation.Timeout():
		fix = "allow outgoing HTTPS to " + host + " in the firewall, or set HTTPS_PROXY to a proxy"
	default:
		fix = "check " + setting + ", the network and the firewall: enjobridge needs outgoing HTTPS to " + host
	}
	return message, fix
}

// route returns the host of a URL, and that of the proxy on the way to it; empty if there
// is none.
func route(address string) (host, proxy string) {
	to, err := url.Parse(address)
	if err != nil {
		return "the host", ""
	}
	through, err := http.ProxyFromEnvironment(&http.Request{URL: to})
	if err == nil && through != nil {
		proxy = through.Host // the rest of the URL can contain a password
	}
	return to.Host, proxy
}
