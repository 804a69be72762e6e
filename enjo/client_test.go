package enjo

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestConversationGoesOn(t *testing.T) {
	path := "/some/base/v1/bots/bot%201%2F%C3%BC/message"
	srv := newServer(t,
		exchange{
			wantRequest{"POST", path, `{"message":{"text":"My laptop is broken\n\"badly\""}}`},
			answer(200, `{"success":true,"data":{"answers":"I made a ticket.","conversationId":"c-1",
				"sources":[{"type":"Jira","name":"Laptops","score":0.9,"url":"https://x.example/1"}],
				"ticketDetails":{"Id":"IT-7","Status":"Open","CreatedDate":"2026-11-22T10:00:00Z"}}}`),
		},
		exchange{
			wantRequest{"POST", path, `{"message":{"text":"Any news?","conversationId":"c-1"}}`},
			answer(200, `{"success":true,"data":{"answers":"Not yet.","conversationId":"c-1"}}`),
		},
	)
	client := newClient(t, srv.URL)

	first, err := client.Ask(t.Context(), testBot, Message{Text: "My laptop is broken\n\"badly\""})
	if err != nil {
		t.Fatal(err)
	}
	want := Reply{
		Text:           "I made a ticket.",
		Sources:        []Source{{Type: "Jira", Name: "Laptops", URL: "https://x.example/1", Score: 0.9}},
		ConversationID: "c-1",
		Ticket: &Ticket{ID: "IT-7", Status: "Open", Created: Time{
			At: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC), Raw: "2026-11-22T10:00:00Z",
		}},
	}
	if diff := cmp.Diff(want, first); diff != "" {
		t.Errorf("first reply (-want +got):\n%s", diff)
	}

	second, err := client.Ask(t.Context(), testBot, Message{Text: "Any news?", ConversationID: first.ConversationID})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Reply{Text: "Not yet.", ConversationID: "c-1"}, second); diff != "" {
		t.Errorf("second reply (-want +got):\n%s", diff)
	}
}

func TestUserAgentNamesTheVersion(t *testing.T) {
	_, err := askOnce(t, func(w http.ResponseWriter, r *http.Request) {
		if got := r.UserAgent(); got != "enjobridge/1.2.3" {
			t.Errorf("User-Agent is %q", got)
		}
		answer(200, `{"success":true,"data":{"answers":"yes"}}`)(w, r)
	})
	if err != nil {
		t.Error(err)
	}
}

func TestNothingIsSentForNothing(t *testing.T) {
	tests := []struct {
		name, bot, text string
		want            Code
	}{
		{"no bot ID", "", "hi", InvalidBotID},
		{"a folder as bot ID", "..", "hi", InvalidBotID},
		{"this folder as bot ID", ".", "hi", InvalidBotID},
		{"no text", testBot, "", Rejected},
		{"spaces as text", testBot, " \n\t", Rejected},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			client := newClient(t, newServer(t).URL)
			_, err := client.Ask(t.Context(), tt.bot, Message{Text: tt.text})
			if got := asError(t, err); got.Code != tt.want || got.Status != 0 {
				t.Errorf("got %v", got)
			}
		})
	}
}

func TestBotIDStaysInItsPlace(t *testing.T) {
	tests := []struct{ bot, want string }{
		{"a1b2", "/v1/bots/a1b2/message"},
		{"../../admin", "/v1/bots/..%2F..%2Fadmin/message"},
		{"a?b#c", "/v1/bots/a%3Fb%23c/message"},
		{"a%2Fb", "/v1/bots/a%252Fb/message"},
		{"a\r\nb", "/v1/bots/a%0D%0Ab/message"},
	}
	for _, tt := range tests {
		t.Run(tt.want, func(t *testing.T) {
			srv := newServer(t, exchange{
				wantRequest{"POST", tt.want, `{"message":{"text":"hi"}}`},
				answer(200, `{"success":true,"data":{"answers":"yes"}}`),
			})
			client := newClientWith(t, Config{BaseURL: srv.URL})
			if _, err := client.Ask(t.Context(), tt.bot, Message{Text: "hi"}); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestNewTellsWhatIsWrong(t *testing.T) {
	tests := []struct {
		name   string
		config Config
		want   string // part of the error; empty if none is expected
	}{
		{"only a token", Config{Token: "x"}, ""},
		{"https with a path", Config{Token: "x", BaseURL: "https://proxy.example/enjo/"}, ""},
		{"http on this machine", Config{Token: "x", BaseURL: "http://127.0.0.1:8080"}, ""},
		{"http on localhost", Config{Token: "x", BaseURL: "http://localhost:8080"}, ""},
		{"http on this machine, IPv6", Config{Token: "x", BaseURL: "http://[::1]:8080"}, ""},

		{"no token", Config{}, "token: it is missing"},
		{"with Bearer", Config{Token: "Bearer tok-123"}, `without "Bearer"`},
		{"in quotes", Config{Token: `"tok-123"`}, "quotes"},
		{"a line break", Config{Token: "tok-123\n"}, "line breaks"},
		{"not ASCII", Config{Token: "tok-123…"}, "not ASCII"},

		{"no URL", Config{Token: "x", BaseURL: "https://api.enjo.ai:port"}, "base URL: it is not a URL"},
		{"no scheme", Config{Token: "x", BaseURL: "api.enjo.ai"}, "does not start with https://"},
		{"another scheme", Config{Token: "x", BaseURL: "ftp://api.enjo.ai"}, "does not start with https://"},
		{"no host", Config{Token: "x", BaseURL: "https:///v1"}, "names no host"},
		{"a password", Config{Token: "x", BaseURL: "https://me:tok-123@api.enjo.ai"}, "user name"},
		{"a query", Config{Token: "x", BaseURL: "https://api.enjo.ai?a=b"}, "after the path"},
		{"a fragment", Config{Token: "x", BaseURL: "https://api.enjo.ai#a"}, "after the path"},
		{"http elsewhere", Config{Token: "x", BaseURL: "http://api.enjo.ai"}, "use https"},

		{"a negative timeout", Config{Token: "x", Timeout: -1}, "timeout: -1ns is negative"},
		{"a version of two lines", Config{Token: "x", Version: "1\n2"}, "version"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := New(tt.config)
			switch {
			case tt.want == "" && err != nil:
				t.Error(err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("got %v, want %q", err, tt.want)
			case err != nil && strings.Contains(err.Error(), "tok-123"):
				t.Errorf("the error holds the token: %v", err)
			}
		})
	}
}

func TestDefaults(t *testing.T) {
	client, err := New(Config{Token: "x"})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	req, err := client.newRequest(t.Context(), "b", Message{Text: "hi"})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := req.URL.String(), "https://api.enjo.ai/v1/bots/b/message"; got != want {
		t.Errorf("the URL is %s, want %s", got, want)
	}
	if got, want := req.UserAgent(), "enjobridge/dev"; got != want {
		t.Errorf("the user agent is %s, want %s", got, want)
	}
}

// Ensure that the transport cannot send a question twice.
func TestRequestCannotBeRepeated(t *testing.T) {
	client, err := New(Config{Token: "x"})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	req, err := client.newRequest(t.Context(), "b", Message{Text: "hi"})
	if err != nil {
		t.Fatal(err)
	}
	if req.GetBody != nil {
		t.Error("the body can be read again")
	}
	for _, name := range []string{"Idempotency-Key", "X-Idempotency-Key"} {
		if _, ok := req.Header[name]; ok {
			t.Errorf("%s tells the transport that it may repeat the request", name)
		}
	}
}

// Ensure that calls use the latest token, that errors do not contain it, and that an
// invalid token changes nothing.
func TestClient_SetToken(t *testing.T) {
	const fresh = "fresh-token"
	sent := make(chan string, 2)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent <- r.Header.Get("Authorization")
		answer(401, `{"message":"Bad `+r.Header.Get("Authorization")+`"}`)(w, r)
	}))
	defer srv.Close()
	client := newClient(t, srv.URL)
	if err := client.SetToken(fresh); err != nil {
		t.Fatal(err)
	}
	if err := client.SetToken("a token with spaces"); err == nil {
		t.Error("an invalid token is accepted")
	}
	_, err := client.Ask(t.Context(), testBot, Message{Text: "Hi"})
	if got := <-sent; got != "Bearer "+fresh {
		t.Errorf("the call has the token %s", got)
	}
	if err == nil || strings.Contains(err.Error(), fresh) || !strings.Contains(err.Error(), "[token]") {
		t.Errorf("the error is %v", err)
	}
}
