package bot

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// errorSize is the size up to which a response of Slack's is looked at for an
// error. Errors are short.
const errorSize = 4 << 10

// idleConnections is how many connections to Slack are kept open for the next
// calls. Go keeps two, so that every rush would begin with as many handshakes.
const idleConnections = 32

// dialFunc opens a connection, as [net.Dialer.DialContext] does.
type dialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// newConnections returns the connections of one bot to Slack, opened by dial
// unless it is nil.
func newConnections(dial dialFunc) *http.Transport {
	connections := http.DefaultTransport.(*http.Transport).Clone()
	connections.MaxIdleConnsPerHost = idleConnections
	if dial != nil {
		connections.DialContext = dial
	}
	return connections
}

// slackTransport counts the calls of Slack's Web API by method and error.
type slackTransport struct {
	next    http.RoundTripper
	metrics apiMetrics
}

// RoundTrip implements [http.RoundTripper].
func (t *slackTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := t.next.RoundTrip(r)
	outcome := "network"
	if err == nil {
		outcome, err = outcomeOf(response)
	}
	t.metrics.calls.WithLabelValues(methodOf(r), outcome).Inc()
	return response, err
}

// CloseIdleConnections closes what the transport below keeps open.
func (t *slackTransport) CloseIdleConnections() {
	if below, ok := t.next.(interface{ CloseIdleConnections() }); ok {
		below.CloseIdleConnections()
	}
}

// methodOf returns the method that a request calls, such as chat.postMessage.
func methodOf(r *http.Request) string {
	method := path.Base(r.URL.Path)
	if !strings.Contains(method, ".") || len(method) > 60 {
		return "other"
	}
	return method
}

// outcomeOf returns the error that a response tells of, or ok. The response can
// be read as before.
func outcomeOf(response *http.Response) (string, error) {
	if response.StatusCode != http.StatusOK {
		return "http_" + strconv.Itoa(response.StatusCode), nil
	}
	head, err := io.ReadAll(io.LimitReader(response.Body, errorSize))
	if err != nil {
		return "network", errors.Join(err, response.Body.Close())
	}
	response.Body = &rereadBody{io.MultiReader(bytes.NewReader(head), response.Body), response.Body}
	var answer struct {
		Error string `json:"error"`
	}
	if len(head) == errorSize || json.Unmarshal(head, &answer) != nil || answer.Error == "" {
		return "ok", nil
	}
	return errorLabel(answer.Error), nil
}

// rereadBody is a body whose beginning was read already.
type rereadBody struct {
	io.Reader
	io.Closer
}

// errorLabel returns an error of Slack's as a label: a word of its kind, or other.
func errorLabel(word string) string {
	if len(word) > 60 || strings.Trim(word, "abcdefghijklmnopqrstuvwxyz_0123456789") != "" {
		return "other"
	}
	return word
}
