package page_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"enjobridge/internal/browser"
	"enjobridge/sandbox/slack"
	"enjobridge/sandbox/slack/page"
)

// chromium is the browser of all tests.
var chromium browser.Browser

func TestMain(m *testing.M) {
	code := m.Run()
	chromium.Close()
	if err := goleak.Find(); err != nil && code == 0 {
		os.Stderr.WriteString(err.Error() + "\n")
		code = 1
	}
	os.Exit(code)
}

const manifest = `
display_information: {name: Helpdesk, description: Answers questions}
features:
  app_home: {home_tab_enabled: true, messages_tab_enabled: true, messages_tab_read_only_enabled: false}
  bot_user: {display_name: helpdesk}
  agent_view: {agent_description: Answers questions}
  slash_commands:
    - {command: /ask, description: Ask the helpdesk, usage_hint: "[question]"}
    - {command: /ticket, description: Open a ticket}
  shortcuts:
    - {name: Make a ticket, type: message, callback_id: make_ticket, description: Turns a message into a ticket}
    - {name: New request, type: global, callback_id: new_request, description: Opens a form}
oauth_config:
  scopes:
    bot: [app_mentions:read, assistant:write, channels:history, channels:read, chat:write, commands, files:read, groups:history, groups:read,
      im:history, im:read, im:write, reactions:read, reactions:write, users:read]
settings:
  event_subscriptions: {bot_events: [app_home_opened, app_mention, message.channels, message.groups, message.im, agent_session_stopped, reaction_added]}
  interactivity: {is_enabled: true}
  socket_mode_enabled: true
`

// scene is a workspace with people, channels and a page.
type scene struct {
	*slack.Workspace
	t                  testing.TB
	alice, bob, carol  string
	support, globex    string
	private, elsewhere string
}

// open starts a workspace with two people of the company and one of another.
func open(t testing.TB, options page.Options) *scene {
	t.Helper()
	options.Teams = map[string]string{"TGLOBEX": "Globex"}
	// A busy machine misses deadlines of 3 seconds.
	w, err := slack.Open(slack.Config{Manifest: []byte(manifest), Seed: 1, Speed: 0.1, Page: func(w *slack.Workspace) http.Handler {
		return page.New(w, options)
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	s := &scene{Workspace: w, t: t}
	s.alice = w.AddUser(slack.User{ID: "UALICE", Name: "alice", RealName: "Alice Abara", TZ: "Europe/Berlin"})
	s.bob = w.AddUser(slack.User{ID: "UBOB", Name: "bob", RealName: "Bob Berg", TZ: "America/New_York"})
	s.carol = w.AddUser(slack.User{ID: "UCAROL", Name: "carol", RealName: "Carol Cruz", Team: "TGLOBEX"})
	s.support = w.AddChannel(slack.Channel{ID: "CSUPPORT", Name: "support", Topic: "Ask here", Members: []string{s.alice, s.bob, w.BotUserID()}})
	s.globex = w.AddChannel(slack.Channel{ID: "CGLOBEX", Name: "with-globex", Shared: true, Members: []string{s.alice, s.carol, w.BotUserID()}})
	s.private = w.AddChannel(slack.Channel{ID: "CPRIVATE", Name: "finance", Kind: slack.Private, Members: []string{s.bob}})
	s.elsewhere = w.AddChannel(slack.Channel{ID: "CELSEWHERE", Name: "random", Members: []string{s.bob}})
	return s
}

// at returns the address of a channel as the user sees it.
func (s *scene) at(user, channel string) string { return s.URL() + "/u/" + user + "/c/" + channel }

// post posts as a person.
func (s *scene) post(channel, user, text string, options ...slack.PostOption) string {
	s.t.Helper()
	ts, err := s.Post(channel, user, text, options...)
	if err != nil {
		s.t.Fatal(err)
	}
	return ts
}

// call calls the Web API as the app does.
func (s *scene) call(method string, args map[string]string) map[string]any {
	s.t.Helper()
	form := url.Values{"token": {s.BotToken()}}
	for name, value := range args {
		form.Set(name, value)
	}
	response, err := client.PostForm(s.APIURL()+method, form)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	var answer map[string]any
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		s.t.Fatal(err)
	}
	return answer
}

// mustCall is call for calls that must succeed.
func (s *scene) mustCall(method string, args map[string]string) map[string]any {
	s.t.Helper()
	answer := s.call(method, args)
	if answer["ok"] != true {
		s.t.Fatalf("%s: %v", method, answer)
	}
	return answer
}

// await waits until the condition is true in the workspace.
func (s *scene) await(what string, condition func(slack.View) bool) {
	s.t.Helper()
	ctx, cancel := browser.Context(s.t)
	defer cancel()
	if err := s.Await(ctx, condition); err != nil {
		s.t.Fatalf("waiting for %s: %v", what, err)
	}
}

// awaitDelivery waits until the app has acknowledged an envelope of this type
// about a person's action that contains all of the texts.
func (s *scene) awaitDelivery(inner string, texts ...string) {
	s.t.Helper()
	s.await(inner+" with "+strings.Join(texts, ", "), func(slack.View) bool { return s.deliveries(inner, texts...) > 0 })
}

// deliveries counts the envelopes that [scene.awaitDelivery] would wait for.
func (s *scene) deliveries(inner string, texts ...string) int {
	n := 0
	for _, e := range s.Traffic() {
		if e.Inner == inner && e.Outcome == slack.Acked && containsAll(did(e.Payload), texts) {
			n++
		}
	}
	return n
}

// did returns the part of a payload about the action, without its place.
func did(payload json.RawMessage) string {
	var p struct {
		Actions, Event json.RawMessage
		View           struct{ State json.RawMessage }
	}
	if json.Unmarshal(payload, &p) != nil {
		return ""
	}
	return string(p.Actions) + string(p.Event) + string(p.View.State)
}

func containsAll(s string, texts []string) bool {
	for _, text := range texts {
		if !strings.Contains(s, text) {
			return false
		}
	}
	return true
}

// client keeps no connections alive, so that none is left at the end.
var client = &http.Client{
	Transport:     &http.Transport{DisableKeepAlives: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}
