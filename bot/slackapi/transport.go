package slackapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"enjobridge/bot/telemetry"
)

// errorSize bounds the responses that are searched for an error, in bytes. Errors
// are short.
const errorSize = 4 << 10

// The outcomes of calls besides Slack's error codes and HTTP's statuses.
const (
	outcomeOK      = "ok"
	outcomeNetwork = "network" // there was no response
)

// countingTransport counts the calls by method and error.
type countingTransport struct {
	next  http.RoundTripper
	calls *prometheus.CounterVec // method, error
}

func newCountingTransport(next http.RoundTripper, r *telemetry.Registry) *countingTransport {
	calls := r.Counter("slack_calls_total", "Calls of Slack's Web API, by method and error; ok if there was none.", "method", "error")
	telemetry.Preset(calls.MetricVec, methods, []string{outcomeOK, outcomeNetwork, "http_429"})
	return &countingTransport{next, calls}
}

// RoundTrip implements [http.RoundTripper].
func (t *countingTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := t.next.RoundTrip(r)
	outcome := outcomeNetwork
	if err == nil {
		if outcome, err = outcomeOf(response); err != nil {
			response = nil // net/http would complain of it
		}
	}
	t.calls.WithLabelValues(methodOf(r), outcome).Inc()
	return response, err
}

// CloseIdleConnections closes the idle connections of the next transport.
func (t *countingTransport) CloseIdleConnections() {
	if next, ok := t.next.(interface{ CloseIdleConnections() }); ok {
		next.CloseIdleConnections()
	}
}

// methodOf returns the method of a request, such as chat.postMessage.
func methodOf(r *http.Request) string {
	method := path.Base(r.URL.Path)
	if !strings.Contains(method, ".") || len(method) > 60 {
		return "other"
	}
	return method
}

// outcomeOf returns the error code in a response, or ok. The response can still be
// read from its beginning.
func outcomeOf(response *http.Response) (string, error) {
	if response.StatusCode != http.StatusOK {
		return "http_" + strconv.Itoa(response.StatusCode), nil
	}
	head, err := io.ReadAll(io.LimitReader(response.Body, errorSize))
	if err != nil {
		return outcomeNetwork, errors.Join(err, response.Body.Close())
	}
	response.Body = &rereadBody{io.MultiReader(bytes.NewReader(head), response.Body), response.Body}
	var found struct {
		Error string `json:"error"`
	}
	if len(head) == errorSize || json.Unmarshal(head, &found) != nil || found.Error == "" {
		return outcomeOK, nil
	}
	return telemetry.Label(found.Error), nil
}

// rereadBody is a body whose beginning has been read.
type rereadBody struct {
	io.Reader
	io.Closer
}
