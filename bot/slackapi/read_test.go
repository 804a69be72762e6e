package slackapi

import (
	"bytes"
	"encoding/json"
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

	"enjobridge/blocks"
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

// Ensure that failed calls have the class of their error, and that the errors do not
// hold the token.
func TestRead_Errors(t *testing.T) {
	limited := func(retryAfter string) func(http.ResponseWriter) {
		return status(http.StatusTooManyRequests, "Retry-After", retryAfter)
	}
	for name, test := range map[string]struct {
		response func(http.ResponseWriter)
		want     Failure
	}{
		"429":                     {limited("30"), Failure{Class: RateLimited, RetryAfter: 30 * time.Second}},
		"429 for a day":           {limited("86400"), Failure{Class: RateLimited, RetryAfter: maxRetryAfter}},
		"429 for ever":            {limited("99999999999999999999"), Failure{Class: RateLimited, RetryAfter: maxRetryAfter}},
		"429 for a negative time": {limited("-30"), Failure{Class: RateLimited, RetryAfter: time.Second}},
		"429 until never":         {limited("-99999999999999999999"), Failure{Class: RateLimited, RetryAfter: time.Second}},
		"429 until a date":        {limited("Fri, 31 Dec 1999 23:59:59 GMT"), Failure{Class: RateLimited, RetryAfter: time.Second}},
		"429 without Retry-After": {status(http.StatusTooManyRequests), Failure{Class: RateLimited, RetryAfter: time.Second}},
		"503":                     {status(http.StatusServiceUnavailable), Failure{Class: Unknown, RetryAfter: time.Second}},
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

// Ensure that the longest wait that Slack can ask for is capped, more so for new
// connections, without which the bot is deaf, and that the log says so.
func TestRetryAfter_Cap(t *testing.T) {
	var log bytes.Buffer
	limited := status(http.StatusTooManyRequests, "Retry-After", "86400")
	c, _ := newTestClient(t, limited, limited)
	c.log = zerolog.New(&log)
	_, err := c.OpenConnection(t.Context())
	if got := Classify(err).RetryAfter; got != maxOpenRetryAfter {
		t.Errorf("a new connection waits %v", got)
	}
	if err := c.Delete(t.Context(), "C1", "1.000001"); Classify(err).RetryAfter != maxRetryAfter {
		t.Errorf("a post waits %v", Classify(err).RetryAfter)
	}
	if got := strings.Count(log.String(), `"retry_after_seconds":86400`); got != 2 {
		t.Errorf("the log has %d lines: %s", got, log.String())
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
	c := &Client{core: &core{}}
	if c.Own(slackevent.Posted{}) {
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
		if got := c.Own(test.posted); got != test.want {
			t.Errorf("%s counts as the bot's: %v", name, got)
		}
	}
}

// Ensure that a page without its list, or with a cursor that cannot be read, is an error:
// it must not look like an empty page, or the last one.
func TestReplies_OddPages(t *testing.T) {
	for _, body := range []string{
		`{"ok":true}`, `{"ok":true,"messages":null}`, `{"ok":true,"messages":{"0":{}}}`, `{"ok":true,"messages":"x"}`,
		`{"ok":true,"messages":[],"response_metadata":"x"}`, `{"ok":true,"messages":[],"response_metadata":[]}`,
		`{"ok":true,"messages":[],"response_metadata":{"next_cursor":7}}`, `{"ok":"true","messages":[]}`, `{"messages":[]}`, `[]`, `null`, ``,
	} {
		c, _ := newTestClient(t, text(body))
		yielded := 0
		for _, err := range c.Replies(t.Context(), testThread, Range{}) {
			if yielded++; Classify(err).Class != Unknown {
				t.Errorf("%s: error %v", body, err)
			}
		}
		if yielded != 1 {
			t.Errorf("%s: yielded %d times", body, yielded)
		}
	}
	for _, body := range []string{
		`{"ok":true,"messages":[]}`, `{"ok":true,"messages":[],"response_metadata":null}`, `{"ok":true,"messages":[],"response_metadata":{"next_cursor":null}}`,
		`{"ok":true,"messages":[],"channel":7,"has_more":"x","error":7,"response_metadata":{"next_cursor":"","messages":7}}`,
	} {
		c, _ := newTestClient(t, text(body))
		if got := timestamps(t, c); len(got) != 0 {
			t.Errorf("%s: %v", body, got)
		}
	}
}

// Ensure that pages whose cursors repeat end with an error.
func TestReplies_EndlessPages(t *testing.T) {
	page := func(cursor string) func(http.ResponseWriter) {
		return text(`{"ok":true,"messages":[{"ts":"2.000001"}],"response_metadata":{"next_cursor":"` + cursor + `"}}`)
	}
	c, _ := newTestClient(t, page("a"), page("b"), page("a"))
	found, failed := 0, 0
	for _, err := range c.Replies(t.Context(), testThread, Range{}) {
		if err == nil {
			found++
		} else if failed++; !strings.Contains(err.Error(), "do not end") {
			t.Error(err)
		}
	}
	if found != 3 || failed != 1 {
		t.Errorf("yielded %d messages and %d errors", found, failed)
	}
}

// bodies responds to each call with the same body.
type bodies struct{ body string }

// RoundTrip implements [http.RoundTripper].
func (b *bodies) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(b.body)), Request: r}, nil
}

// Ensure that reading ends, with at most one error, whatever Slack responds, and that no
// item and no other field of a page hides its messages.
func FuzzReplies(f *testing.F) {
	for _, seed := range [][3]string{
		{`{"ok":true,"messages":[{"ts":"1.2"}],"response_metadata":{"next_cursor":"x"}}`, "attachments", `[{"id":"1","color":7}]`},
		{`{"ok":true,"messages":{}}`, "warning", `{"x":[7]}`},
		{`[]`, "channel", `null`},
		{strings.Repeat(`{"ok":`, 100), "error", strings.Repeat("[", 1000) + strings.Repeat("]", 1000)},
		{`{"ok":false,"error":"x","response_metadata":{"messages":7}}`, "has_more", `"yes"`},
	} {
		f.Add([]byte(seed[0]), seed[1], []byte(seed[2]))
	}
	transport := &bodies{}
	c := New(Config{
		URL: "https://slack.example/api/", Transport: transport, Random: func(int64) int64 { return 0 },
		Metrics: telemetry.NewRegistry(), Health: telemetry.NewHealth(1, time.Now), Log: zerolog.Nop(),
	})
	f.Fuzz(func(t *testing.T, body []byte, name string, value []byte) {
		transport.body = string(body)
		failed := 0
		for _, err := range c.Replies(t.Context(), testThread, Range{}) {
			if err != nil {
				failed++
			}
		}
		if failed > 1 {
			t.Errorf("%q: %d errors", body, failed)
		}
		if transport.body = pageWith(name, value); transport.body != "" {
			checkNeighbours(t, c, transport.body)
		}
	})
}

// pageWith returns a page with a value as an item between two messages, and as a field of
// the messages and of the page; empty if that is no JSON.
func pageWith(name string, value []byte) string {
	if m, err := slackevent.DecodePosted(value); err == nil && (m.TS == "1.1" || m.TS == "1.2") {
		return ""
	}
	key, err := json.Marshal("x_" + name)
	field := string(key) + ":" + string(value) + ","
	page := `{` + field + `"ok":true,"messages":[{` + field + `"ts":"1.1"},` + string(value) + `,{` + field + `"ts":"1.2"}]}`
	if err != nil || !json.Valid(value) || !json.Valid([]byte(page)) { // nested too deep
		return ""
	}
	return page
}

// checkNeighbours checks that the two messages of a page are read.
func checkNeighbours(t *testing.T, c *Client, page string) {
	t.Helper()
	var neighbours []string
	for m, err := range c.Replies(t.Context(), testThread, Range{}) {
		if err != nil {
			t.Fatalf("%s: %v", page, err)
		}
		if m.TS == "1.1" || m.TS == "1.2" {
			neighbours = append(neighbours, m.TS)
		}
	}
	if diff := cmp.Diff([]string{"1.1", "1.2"}, neighbours); diff != "" {
		t.Errorf("%s hides messages:\n%s", page, diff)
	}
}

// Ensure that only a file that the bot uploaded, in a message of the bot, counts as an
// upload: anybody can give a file its name.
func TestUploadOnce_ForgedFiles(t *testing.T) {
	const ours = "EB-1-answer.md"
	for name, test := range map[string]struct {
		message string
		found   bool
	}{
		"ours":                    {`"user":"U1","bot_id":"B1","files":[{"name":"` + ours + `","user":"U1"}]`, true},
		"ours without a bot ID":   {`"user":"U1","files":[{"name":"` + ours + `","user":"U1"}]`, true},
		"ours without a user":     {`"bot_id":"B1","files":[{"name":"` + ours + `"}]`, true},
		"a person's":              {`"user":"U2","files":[{"name":"` + ours + `","user":"U2"}]`, false},
		"ours, shared by someone": {`"user":"U2","files":[{"name":"` + ours + `","user":"U1"}]`, false},
		"another app's":           {`"user":"U3","bot_id":"B3","files":[{"name":"` + ours + `","user":"U3"}]`, false},
		"a person's in our post":  {`"user":"U1","bot_id":"B1","files":[{"name":"` + ours + `","user":"U2"}]`, false},
		"another file of ours":    {`"user":"U1","bot_id":"B1","files":[{"name":"EB-2-answer.md","user":"U1"}]`, false},
	} {
		t.Run(name, func(t *testing.T) {
			responses := []func(http.ResponseWriter){
				text(`{"ok":true,"team_id":"T1","user_id":"U1","bot_id":"B1"}`),
				text(`{"ok":true,"messages":[{"ts":"1.000001"},{"ts":"2.000001",` + test.message + `}]}`),
			}
			if !test.found {
				responses = append(responses, text(`{"ok":true,"upload_url":"https://files.slack.com/1","file_id":"F1"}`), text("OK"), text(`{"ok":true}`))
			}
			c, _ := newTestClient(t, responses...)
			if _, err := c.AuthTest(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := c.UploadOnce(t.Context(), Upload{To: Target{Thread: testThread}, File: blocks.File{Name: "answer.md", Content: "hello"}, Reference: "EB-1", Check: true}); err != nil {
				t.Error(err)
			}
		})
	}
}
