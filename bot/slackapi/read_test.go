package slackapi

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"enjobridge/bot/slackevent"
	"enjobridge/bot/telemetry"
	"enjobridge/storage"
)

const testToken = "xoxb-secret"

// responder answers each call with the next of some responses, and stores the
// requests. A nil response is a connection that is cut.
type responder struct {
	responses []func(http.ResponseWriter)
	requests  []*http.Request
	forms     []url.Values
}

// RoundTrip implements [http.RoundTripper].
func (r *responder) RoundTrip(request *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, err
	}
	r.requests, r.forms = append(r.requests, request), append(r.forms, form)
	if len(r.requests) > len(r.responses) {
		return nil, fmt.Errorf("call %d is not expected", len(r.requests))
	}
	if r.responses[len(r.requests)-1] == nil {
		return nil, io.ErrUnexpectedEOF
	}
	w := httptest.NewRecorder()
	r.responses[len(r.requests)-1](w)
	response := w.Result()
	response.Request = request
	return response, nil
}

// text responds with a body.
func text(body string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) { _, _ = io.WriteString(w, body) }
}

// status responds with a status and a header.
func status(code int, header ...string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(code)
	}
}

// newTestClient returns a client whose calls get the responses.
func newTestClient(t *testing.T, responses ...func(http.ResponseWriter)) (*Client, *responder) {
	t.Helper()
	r := &responder{responses: responses}
	c := New(Config{
		URL: "https://slack.example/api/", BotToken: testToken, Transport: r, Random: func(int64) int64 { return 0 },
		Metrics: telemetry.NewRegistry(), Health: telemetry.NewHealth(1, time.Now), Log: zerolog.Nop(),
	})
	t.Cleanup(c.Close)
	t.Cleanup(func() {
		if len(r.requests) != len(responses) {
			t.Errorf("%d calls were made, want %d", len(r.requests), len(responses))
		}
	})
	return c, r
}

var testThread = storage.ThreadID{Team: "T1", Channel: "C1", Root: "1.000001"}

// timestamps returns the timestamps of all replies.
func timestamps(t *testing.T, c *Client) []string {
	t.Helper()
	var all []string
	for m, err := range c.Replies(t.Context(), testThread, Range{}) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, m.TS)
	}
	return all
}

// Ensure that all pages of a thread are read, and that its root is yielded once,
// whether or not it is on each page.
func TestReplies_Pages(t *testing.T) {
	for name, again := range map[string]string{"on each page": `{"ts":"1.000001"},`, "on the first page": ""} {
		t.Run(name, func(t *testing.T) {
			c, r := newTestClient(t,
				text(`{"ok":true,"messages":[{"ts":"1.000001"},{"ts":"2.000001"}],"has_more":true,"response_metadata":{"next_cursor":"n=="}}`),
				text(`{"ok":true,"messages":[`+again+`{"ts":"3.000001"}],"response_metadata":{"next_cursor":""}}`),
			)
			if diff := cmp.Diff([]string{"1.000001", "2.000001", "3.000001"}, timestamps(t, c)); diff != "" {
				t.Error(diff)
			}
			want := []url.Values{
				{"channel": {"C1"}, "ts": {"1.000001"}, "limit": {"200"}},
				{"channel": {"C1"}, "ts": {"1.000001"}, "limit": {"200"}, "cursor": {"n=="}},
			}
			if diff := cmp.Diff(want, r.forms); diff != "" {
				t.Error(diff)
			}
			for _, request := range r.requests {
				if got := request.Header.Get("Authorization"); got != "Bearer "+testToken {
					t.Errorf("the token is sent as %q", got)
				}
				if got := request.URL.String(); request.Method != http.MethodPost || got != "https://slack.example/api/conversations.replies" {
					t.Errorf("called %s %s", request.Method, got)
				}
			}
		})
	}
}

// Ensure that one message that slack-go would reject hides no other, and that only
// what is no message is skipped.
func TestReplies_Lenient(t *testing.T) {
	c, _ := newTestClient(t, text(`{"ok":true,"messages":[
		{"ts":"1.000001","attachments":[{"id":"1","color":7}]},{"ts":"2.000001","blocks":[{"type":"future","elements":7}]},
		{"ts":"3.000001","files":[{"id":"F1"},{"name":7}],"reactions":{}},{"ts":7},7,null,{"ts":"4.000001","user":{}}]}`))
	if diff := cmp.Diff([]string{"1.000001", "2.000001", "3.000001", "4.000001"}, timestamps(t, c)); diff != "" {
		t.Error(diff)
	}
}

// Ensure that failed calls have the class of their error, that redirects are not
// followed, and that the errors do not hold the token.
func TestRead_Errors(t *testing.T) {
	for name, test := range map[string]struct {
		response func(http.ResponseWriter)
		want     Failure
	}{
		"429":                     {status(http.StatusTooManyRequests, "Retry-After", "30"), Failure{Class: RateLimited, RetryAfter: 30 * time.Second}},
		"429 without Retry-After": {status(http.StatusTooManyRequests), Failure{Class: RateLimited, RetryAfter: time.Second}},
		"503":                     {status(http.StatusServiceUnavailable), Failure{Class: Unknown, RetryAfter: time.Second}},
		"a redirect":              {status(http.StatusTemporaryRedirect, "Location", "https://evil.example/"), Failure{Class: Unknown, RetryAfter: time.Second}},
		"no JSON":                 {text("<html>"), Failure{Class: Unknown, RetryAfter: time.Second}},
		"not ok":                  {text(`{"ok":false}`), Failure{Class: Unknown, RetryAfter: time.Second}},
		"a code":                  {text(`{"ok":false,"error":"not_in_channel"}`), Failure{Class: Inaccessible, Hint: inaccessibleHints["not_in_channel"]}},
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := newTestClient(t, test.response)
			_, _, err := c.Message(t.Context(), testThread, "2.000001")
			if diff := cmp.Diff(test.want, Classify(err)); diff != "" {
				t.Errorf("%v:\n%s", err, diff)
			}
			if err == nil || strings.Contains(err.Error(), testToken) {
				t.Errorf("the error is %v", err)
			}
		})
	}
}

// Ensure that calls of slack-go do not follow redirects either: it sends the token
// in the body, which net/http would send to the new address.
func TestPost_Redirect(t *testing.T) {
	c, _ := newTestClient(t, status(http.StatusTemporaryRedirect, "Location", "https://evil.example/"))
	if err := c.Delete(t.Context(), "C1", "1.000001"); StatusCode(err) != http.StatusTemporaryRedirect {
		t.Errorf("the error is %v", err)
	}
}

// Ensure that the error of a response URL does not hold the URL, with which anybody
// can post.
func TestRespond_Error(t *testing.T) {
	c, _ := newTestClient(t, nil)
	err := c.Respond(t.Context(), "https://hooks.slack.com/commands/T1/secret", testMessage)
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("the error is %v", err)
	}
}

// Ensure that only the bot's own posts count as such, and none before the bot knows
// who it is.
func TestOwn(t *testing.T) {
	c := &Client{}
	if c.own(slackevent.Posted{}) {
		t.Error("a message counts as the bot's before the bot knows who it is")
	}
	for name, test := range map[string]struct {
		self   slackevent.Identity
		posted slackevent.Posted
		want   bool
	}{
		"the bot's post":            {slackevent.Identity{UserID: "U1", BotID: "B1"}, slackevent.Posted{BotID: "B1"}, true},
		"the bot's upload":          {slackevent.Identity{UserID: "U1", BotID: "B1"}, slackevent.Posted{User: "U1"}, true},
		"another app's post":        {slackevent.Identity{UserID: "U1", BotID: "B1"}, slackevent.Posted{User: "U2", BotID: "B2"}, false},
		"a person's without a bot":  {slackevent.Identity{UserID: "U1"}, slackevent.Posted{User: "U2"}, false},
		"an old bot's without user": {slackevent.Identity{BotID: "B1"}, slackevent.Posted{BotID: "B2"}, false},
	} {
		c.self.Store(&test.self)
		if got := c.own(test.posted); got != test.want {
			t.Errorf("%s counts as the bot's: %v", name, got)
		}
	}
}
