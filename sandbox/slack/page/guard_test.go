package page_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"enjobridge/sandbox/slack"
	"enjobridge/sandbox/slack/page"
)

// request sends a request with headers ("Name: value") and returns the answer
// and its body.
func (s *scene) request(method, path, body string, headers ...string) (*http.Response, string) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.URL()+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		if name == "Host" {
			r.Host = value
		}
		r.Header.Set(name, value)
	}
	return s.send(r)
}

// send sends a request and returns the answer and its body.
func (s *scene) send(r *http.Request) (*http.Response, string) {
	s.t.Helper()
	response, err := client.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return response, string(content)
}

// do sends an action as the page's script does.
func (s *scene) do(user, action, args string) (int, string) {
	s.t.Helper()
	response, body := s.request("POST", "/u/"+user+"/do/"+action, args, "Content-Type: application/json", "Sec-Fetch-Site: same-origin")
	return response.StatusCode, body
}

// Ensure that everything is served with headers that restrict browsers.
func TestHeaders(t *testing.T) {
	s := open(t, page.Options{})
	ts := s.post(s.support, s.alice, "a file", slack.WithFiles(slack.File{Name: "x.html", Content: []byte("<script>alert(1)</script>")}))
	m, _ := s.Message(s.support, ts)
	for _, path := range []string{
		"/", "/u/UALICE", "/u/UALICE/c/CSUPPORT", "/u/UALICE/home", "/u/UALICE/inspector", "/u/UALICE/faults", "/nothing",
		"/u/UALICE/file/CSUPPORT/" + ts + "/" + m.Files[0].ID,
	} {
		response, body := s.request("GET", path, "")
		policy := response.Header.Get("Content-Security-Policy")
		for _, rule := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "img-src 'self' data:", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"} {
			if !strings.Contains(policy, rule) {
				t.Errorf("%s: the policy %q lacks %s", path, policy, rule)
			}
		}
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"} {
			if got := response.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
		for _, inline := range []string{" style=", " onclick=", "<style", "javascript:"} {
			if strings.Contains(body, inline) {
				t.Errorf("%s contains %q, which the policy forbids", path, inline)
			}
		}
	}
	response, body := s.request("GET", "/u/UALICE/file/CSUPPORT/"+ts+"/"+m.Files[0].ID, "")
	if got := response.Header.Get("Content-Disposition"); got != "attachment; filename=x.html" || response.Header.Get("Content-Type") != "application/octet-stream" {
		t.Errorf("a file is served as %s with %s", got, response.Header.Get("Content-Type"))
	}
	if body != "<script>alert(1)</script>" {
		t.Errorf("the file holds %q", body)
	}
}

// Ensure that the page answers only to this machine's own names (DNS
// rebinding).
func TestHost(t *testing.T) {
	s := open(t, page.Options{})
	for host, want := range map[string]int{
		"127.0.0.1": 200, "127.0.0.1:8080": 200, "localhost": 200, "LOCALHOST:1": 200, "[::1]:80": 200, "127.9.9.9": 200,
		"attacker.example": 421, "attacker.example:80": 421, "127.0.0.1.attacker.example": 421, "localhost.attacker.example": 421,
		"10.0.0.1": 421, "[::2]": 421, "0.0.0.0": 421,
	} {
		if response, _ := s.request("GET", "/u/UALICE/c/CSUPPORT", "", "Host: "+host); response.StatusCode != want {
			t.Errorf("Host %q: %d, want %d", host, response.StatusCode, want)
		}
	}
}

// Ensure that other websites cannot act through a visitor's browser.
func TestCrossSite(t *testing.T) {
	const say = `{"channel": "CSUPPORT", "text": "Hello"}`
	for _, test := range []struct {
		name    string
		headers []string
		want    int
	}{
		{"own page", []string{"Content-Type: application/json", "Sec-Fetch-Site: same-origin"}, 200},
		{"other site", []string{"Content-Type: application/json", "Sec-Fetch-Site: cross-site"}, 403},
		{"other port of this machine", []string{"Content-Type: application/json", "Sec-Fetch-Site: same-site"}, 403},
		{"old browser, other site", []string{"Content-Type: application/json", "Origin: https://attacker.example"}, 403},
		{"old browser, sandboxed frame", []string{"Content-Type: application/json", "Origin: null"}, 403},
		{"form", []string{"Content-Type: text/plain", "Sec-Fetch-Site: same-origin"}, 415},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := open(t, page.Options{})
			response, body := s.request("POST", "/u/UALICE/do/say", say, test.headers...)
			if response.StatusCode != test.want {
				t.Errorf("%d %s, want %d", response.StatusCode, body, test.want)
			}
			if said := len(s.Messages(s.support)); (said == 1) != (test.want == 200) {
				t.Errorf("%d messages were posted", said)
			}
		})
	}
}

// Ensure that people see and do through the page only what they may.
func TestPermission(t *testing.T) {
	s := open(t, page.Options{})
	secret := s.post(s.private, s.bob, "secret", slack.WithFiles(slack.File{Name: "pay.txt", Content: []byte("secret")}))
	bobs := s.post(s.support, s.bob, "Bob's words")
	m, _ := s.Message(s.private, secret)
	s.mustCall("chat.postEphemeral", map[string]string{"channel": s.support, "user": s.bob, "text": "for Bob alone"})
	for path, want := range map[string]int{
		"/u/UALICE/c/CPRIVATE":                                    404,
		"/u/UALICE/c/CPRIVATE/older?before=9":                     404,
		"/u/UALICE/c/CPRIVATE/json/" + secret:                     404,
		"/u/UALICE/file/CPRIVATE/" + secret + "/" + m.Files[0].ID: 404,
		"/u/UALICE/events?channel=CPRIVATE":                       404,
		"/u/UCAROL/c/CSUPPORT":                                    404,
		"/u/UALICE/c/CELSEWHERE":                                  200, // public: may be seen, and joined
		"/u/UCAROL/c/CELSEWHERE":                                  404,
		"/u/NOBODY/c/CSUPPORT":                                    404,
		"/u/USLACKBOT":                                            404,
		"/u/" + s.BotUserID():                                     404,
		"/u/UBOB/c/CPRIVATE":                                      200,
	} {
		if response, _ := s.request("GET", path, ""); response.StatusCode != want {
			t.Errorf("%s: %d, want %d", path, response.StatusCode, want)
		}
	}
	if _, body := s.request("GET", "/u/UALICE/c/CSUPPORT", ""); strings.Contains(body, "for Bob alone") {
		t.Error("Alice sees a message that only Bob may see")
	}
	for _, test := range []struct{ user, action, args, want string }{
		{"UALICE", "say", `{"channel": "CELSEWHERE", "text": "x"}`, "You are not in this channel."},
		{"UALICE", "say", `{"channel": "CPRIVATE", "text": "x"}`, "You are not in this channel."},
		{"UALICE", "delete", `{"channel": "CSUPPORT", "ts": "` + bobs + `"}`, "This message is gone."},
		{"UALICE", "edit", `{"channel": "CSUPPORT", "ts": "` + bobs + `", "text": "x"}`, "That did not work"},
		{"UCAROL", "join", `{"channel": "CSUPPORT"}`, "That did not work"},
		{"UALICE", "join", `{"channel": "CPRIVATE"}`, "That did not work"},
		{"UALICE", "say", `{"channel": "CSUPPORT", "text": "  "}`, "There is nothing to send."},
		{"UALICE", "say", `{"channel": "CSUPPORT", "text": "/nosuch thing"}`, "The app's manifest has no such command or shortcut."},
		{"UALICE", "say", `{"channel": "CSUPPORT", "thread": "` + bobs + `", "text": "/ask thing"}`, "/ask cannot be used in a thread"},
		{"UALICE", "say", `{"channel": "CSUPPORT", "text": "/invite"}`, "Name somebody, such as @alice."},
		{"UALICE", "say", `{"channel": "CELSEWHERE", "text": "/invite @helpdesk"}`, "You are not in this channel."},
		{"UALICE", "say", `{"channel": "CPRIVATE", "text": "/remove @bob"}`, "You are not in this channel."},
		{"UALICE", "say", `{"channel": "` + s.DM("UALICE") + `", "text": "/invite @bob"}`, "Only channels have members that can be changed."},
		{"UALICE", "stop", `{"channel": "CSUPPORT", "thread": "1.0"}`, "There is nothing to stop."},
		{"UALICE", "submit", `{"view": "V1"}`, "This view is gone."},
		{"UALICE", "click", `{"channel": "CSUPPORT", "ts": "` + bobs + `", "action": "x"}`, "This element is gone."},
		{"UALICE", "click", `{"channel": 1}`, "The request is malformed."},
	} {
		if status, body := s.do(test.user, test.action, test.args); status != 422 || !strings.Contains(body, test.want) {
			t.Errorf("%s %s: %d %s, want %q", test.action, test.args, status, body, test.want)
		}
	}
	if status, body := s.do("UALICE", "join", `{"channel": "CELSEWHERE"}`); status != 200 || !strings.Contains(body, "/u/UALICE/c/CELSEWHERE") {
		t.Errorf("joining: %d %s", status, body)
	}
}

// Ensure that guests see why they cannot use an agent, and cannot write to it.
func TestGuest(t *testing.T) {
	s := open(t, page.Options{})
	guest := s.AddUser(slack.User{ID: "UGUEST", Name: "guest", Guest: true})
	dm := s.DM(guest)
	for action, args := range map[string]string{"open": `{"tab": "messages"}`, "say": `{"channel": "` + dm + `", "text": "hello"}`} {
		if status, body := s.do(guest, action, args); status != 422 || !strings.Contains(body, `"error":"Guests cannot use this app, because it has the Agents feature."`) {
			t.Errorf("%s: %d %s", action, status, body)
		}
	}
	if _, body := s.request("GET", "/u/UGUEST/c/"+dm, ""); !strings.Contains(body, "Guests cannot use this app.") || strings.Contains(body, `id="compose-text"`) {
		t.Error("the guest is asked to write")
	}
}
