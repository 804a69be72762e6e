package report

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"enjobridge/storage"
)

const (
	// requestTimeout bounds the making of a report: the server gives up soon after.
	requestTimeout = 25 * time.Second
	// channelsNamed limits how many channels Slack is asked for their names, and namingTimeout
	// how long.
	channelsNamed = 30
	namingTimeout = 8 * time.Second
)

// formats are the formats of a report, with their media types.
var formats = map[string]struct {
	write func(io.Writer, Report) error
	media string
}{
	"text": {WriteText, "text/plain; charset=utf-8"},
	"csv":  {WriteCSV, "text/csv; charset=utf-8"},
	"json": {WriteJSON, "application/json"},
}

// ServeHTTP serves a report until now. The parameter since is when it begins, as RFC 3339;
// format is text, csv or json; channel and agent limit it, and can be left out.
func (r *Reporter) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	given := request.URL.Query()
	format, known := formats[given.Get("format")]
	since, err := time.Parse(time.RFC3339, given.Get("since"))
	now := r.Slack.Now()
	if !known || err != nil || !since.Before(now) {
		http.Error(w, "since must be a time in the past as RFC 3339, and format text, csv or json", http.StatusBadRequest)
		return
	}
	ctx, cancel := context.WithTimeout(request.Context(), requestTimeout)
	defer cancel()
	report, err := r.gather(ctx, Query{From: since, Until: now, Channel: given.Get("channel"), Agent: given.Get("agent")})
	if err != nil {
		hint := "choose a shorter period if that helps"
		if ctx.Err() == nil {
			hint = storage.Hint(err)
		}
		http.Error(w, fmt.Sprintf("%v; %s", err, hint), http.StatusInternalServerError)
		return
	}
	r.nameChannels(ctx, report)
	var body bytes.Buffer
	if err := format.write(&body, report); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", format.media)
	_, _ = w.Write(body.Bytes()) // the client has gone
}

// nameChannels asks Slack for the names of channels. Those of private ones stay hidden.
func (r *Reporter) nameChannels(ctx context.Context, report Report) {
	ctx, cancel := context.WithTimeout(ctx, namingTimeout)
	defer cancel()
	report.NameChannels(channelsNamed, r.Slack.Names(ctx, "").Channel)
}
