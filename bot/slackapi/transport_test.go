package slackapi

import (
	"errors"
	"io"
	"net/http"
	"testing"
	"testing/iotest"

	"enjobridge/bot/telemetry"
)

// Ensure that a response that breaks off is an error without a response, as net/http demands.
func TestCountingTransport_BrokenResponse(t *testing.T) {
	cut := errors.New("the connection was cut")
	transport := newCountingTransport(roundTrip(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(iotest.ErrReader(cut))}, nil
	}), telemetry.NewRegistry())
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://slack.com/api/auth.test", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := transport.RoundTrip(request)
	if response != nil || !errors.Is(err, cut) {
		t.Errorf("RoundTrip = %v, %v; want no response and the error", response, err)
	}
}
