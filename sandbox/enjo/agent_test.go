package enjo_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"enjobridge/sandbox/enjo"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// reply has the fields of a response that the tests check.
type reply struct {
	Success bool
	Data    struct {
		Answers        string
		Sources        []struct{ Type, Name, URL string }
		ConversationID string
		TicketDetails  *struct{ ID, Type, Status, Priority, Description, URL, CreatedDate, LastModifiedDate string }
	}
}

// caller sends questions to one agent.
type caller struct {
	*testing.T
	agent  *enjo.Agent
	client *http.Client
}

// open starts an agent that ends with the test, and returns a caller with its
// own connections.
func open(t *testing.T, config enjo.Config) caller {
	t.Helper()
	agent, err := enjo.Open(config)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		if err := agent.Close(); err != nil {
			t.Error(err)
		}
	})
	noRedirect := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return caller{t, agent, &http.Client{Transport: transport, CheckRedirect: noRedirect}}
}

var unlimited = []enjo.Limit{}

// post sends a valid request with this body, modified by edit.
func (c caller) post(body string, edit func(*http.Request)) (*http.Response, []byte, error) {
	c.Helper()
	r, err := http.NewRequest("POST", c.agent.URL()+"/v1/bots/"+c.agent.BotID()+"/message", strings.NewReader(body))
	if err != nil {
		c.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+c.agent.Token())
	r.Header.Set("Content-Type", "application/json")
	if edit != nil {
		edit(r)
	}
	resp, err := c.client.Do(r)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	return resp, answer, err
}

func body(text, conversation string) string {
	b, _ := json.Marshal(map[string]any{"message": map[string]string{"text": text, "conversationId": conversation}})
	return string(b)
}

// status asks, and returns the HTTP status.
func (c caller) status(text string) int {
	c.Helper()
	resp, _, err := c.post(body(text, ""), nil)
	if err != nil {
		c.Fatal(err)
	}
	return resp.StatusCode
}

// ask asks, and fails the test unless there is an answer.
func (c caller) ask(text, conversation string) reply {
	c.Helper()
	resp, answer, err := c.post(body(text, conversation), nil)
	if err != nil {
		c.Fatal(err)
	}
	var r reply
	if err := json.Unmarshal(answer, &r); err != nil || resp.StatusCode != 200 || !r.Success {
		c.Fatalf("asking %q: HTTP %d, %v: %.300s", text, resp.StatusCode, err, answer)
	}
	return r
}

// await waits until the recorded requests satisfy a condition.
func (c caller) await(until func([]enjo.Request) bool) {
	c.Helper()
	if err := c.agent.Await(c.Context(), until); err != nil {
		c.Fatal(err)
	}
}

// Ensure that the agent refuses what the API would refuse, with the same
// messages.
func TestRefusals(t *testing.T) {
	c := open(t, enjo.Config{Limits: unlimited})
	good := body("VPN", "")
	for _, tt := range []struct {
		name, body string
		edit       func(*http.Request)
		status     int
		says       string
	}{
		{"good", good, nil, 200, `"success":true`},
		{"null conversation", `{"message":{"text":"VPN","conversationId":null}}`, nil, 200, `"success":true`},
		{"charset", good, func(r *http.Request) { r.Header.Set("Content-Type", "application/json; charset=UTF-8") }, 200, ""},
		{"no token", good, func(r *http.Request) { r.Header.Del("Authorization") }, 401, `{"code":"unauthorized","message":"Invalid or missing token","status":401}`},
		{"wrong token", good, func(r *http.Request) { r.Header.Set("Authorization", "Bearer x") }, 401, `"code":"unauthorized"`},
		{"basic", good, func(r *http.Request) { r.SetBasicAuth("a", "b") }, 401, `"code":"unauthorized"`},
		{"unknown bot", good, func(r *http.Request) { r.URL.Path = "/v1/bots/nobody/message" }, 400, `"message":"Invalid botId"`},
		{"form", good, func(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded") }, 415, "application/json"},
		{"no type", good, func(r *http.Request) { r.Header.Del("Content-Type") }, 415, "application/json"},
		{"GET", "", func(r *http.Request) { r.Method = "GET" }, 405, ""},
		{"other path", good, func(r *http.Request) { r.URL.Path = "/v2/bots" }, 404, ""},
		{"empty body", "", nil, 400, "not a JSON object"},
		{"array", "[]", nil, 400, "not a JSON object"},
		{"two documents", good + good, nil, 400, "not a JSON object"},
		{"no message", "{}", nil, 400, "message must be an object"},
		{"message is text", `{"message":"VPN"}`, nil, 400, "message must be an object"},
		{"no text", `{"message":{}}`, nil, 400, "message.text is required"},
		{"blank text", body(" \n", ""), nil, 400, "message.text is required"},
		{"text is a number", `{"message":{"text":1}}`, nil, 400, "message.text must be a string"},
		{"capital Text", `{"message":{"Text":"VPN"}}`, nil, 400, "message.text is required"},
		{"conversation is a number", `{"message":{"text":"VPN","conversationId":1}}`, nil, 400, "message.conversationId must be a string"},
		{"too large", body(strings.Repeat("x", 300<<10), ""), nil, 413, "too large"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			resp, answer, err := c.post(tt.body, tt.edit)
			if err != nil {
				t.Fatal(err)
			}
			if resp.StatusCode != tt.status || !bytes.Contains(answer, []byte(tt.says)) {
				t.Errorf("HTTP %d: %s\nwant %d and %s", resp.StatusCode, answer, tt.status, tt.says)
			}
		})
	}
}

// Ensure that a message is understood in the context of its conversation.
func TestConversation(t *testing.T) {
	c := open(t, enjo.Config{Limits: unlimited})
	first := c.ask("How do I reset my VPN password?", "")
	id := first.Data.ConversationID
	for _, tt := range []struct{ text, source, says string }{
		{"and on Linux?", "Reset your VPN password", "nmcli connection modify"},
		{"what about a Mac?", "Reset your VPN password", "Keychain"},
		{"what if it explodes?", "Reset your VPN password", "open a ticket"},
		{"thanks a lot!", "", "Glad to help"},
		{"How do I claim a taxi receipt?", "Claim travel and other expenses", "Take a photo"},
		{"and if I lost it?", "Claim travel and other expenses", "self-issued receipt"},
		{"What is the capital of France?", "", "I found nothing"},
		{"how do I open a ticket?", "", "Or say **open a ticket**"},
	} {
		r := c.ask(tt.text, id)
		if source := firstSource(r); source != tt.source || !strings.Contains(r.Data.Answers, tt.says) {
			t.Errorf("%s\nfrom %q: %s\nwant from %q: …%s…", tt.text, source, r.Data.Answers, tt.source, tt.says)
		}
		if r.Data.ConversationID != id || r.Data.TicketDetails != nil {
			t.Errorf("%s: conversation %s, ticket %v", tt.text, r.Data.ConversationID, r.Data.TicketDetails)
		}
	}

	// Without the conversation, the same words mean something else, and an unknown
	// conversation ID starts a new conversation.
	if source := firstSource(c.ask("and on a Mac?", "made-up")); source == "Reset your VPN password" {
		t.Error("another conversation knows the topic of the first")
	}
	all := c.agent.Conversations()
	if len(all) != 2 || all[0].ID != id || all[0].Messages != 9 || all[1].ID == "made-up" {
		t.Errorf("conversations: %+v", all)
	}
}

func firstSource(r reply) string {
	if len(r.Data.Sources) == 0 {
		return ""
	}
	return r.Data.Sources[0].Name
}

// Ensure that tickets are opened and followed up, and are known only in their
// own conversation.
func TestTickets(t *testing.T) {
	now := time.Date(2026, 3, 9, 8, 30, 0, 0, time.FixedZone("CET", 3600))
	c := open(t, enjo.Config{Limits: unlimited, Clock: func() time.Time { return now }})
	r := c.ask("Please open a ticket for me: my laptop screen is broken, urgent!", "")
	id, ticket := r.Data.ConversationID, r.Data.TicketDetails
	want := *ticket
	want.ID, want.URL, want.Type, want.Status, want.Priority = "IT-1042", "https://jira.example.com/browse/IT-1042", "Incident", "Open", "High"
	want.Description = "my laptop screen is broken, urgent"
	want.CreatedDate, want.LastModifiedDate = "2026-03-09T08:30:00.000+0100", "2026-03-09T08:30:00.000+0100"
	if diff := cmp.Diff(want, *ticket); diff != "" {
		t.Errorf("ticket (-want +got):\n%s", diff)
	}

	expect := func(text, ticketID, status string) {
		t.Helper()
		ticket := c.ask(text, id).Data.TicketDetails
		if ticket == nil || ticket.ID != ticketID || ticket.Status != status {
			t.Errorf("%s: got %+v, want %s %s", text, ticket, ticketID, status)
		}
	}
	expect("what is its status?", "IT-1042", "In Progress")
	expect("raise another incident, the VPN is down", "IT-1043", "Open")
	expect("any news?", "IT-1043", "In Progress")
	expect("how is IT-1042 doing?", "IT-1042", "Resolved")
	expect("is it-1042 really done?", "IT-1042", "Resolved")

	// A person's change is reported first. A status that only a person sets does
	// not advance.
	if err := c.agent.MoveTicket("IT-1043", "Waiting for customer"); err != nil {
		t.Fatal(err)
	}
	expect("status?", "IT-1043", "Waiting for customer")
	expect("status?", "IT-1043", "Waiting for customer")
	if err := c.agent.MoveTicket("IT-9", "Open"); err == nil {
		t.Error("a nonexistent ticket could be moved")
	}
	if r := c.ask("status of IT-1042?", ""); r.Data.TicketDetails != nil {
		t.Error("a ticket was reported in another conversation")
	}
	if got := c.agent.Tickets(); len(got) != 2 || got[0].Status != "Resolved" || got[1].ConversationID != id {
		t.Errorf("tickets: %+v", got)
	}
}

// Ensure that a request for a ticket is distinguished from talk about tickets,
// and check the ticket's description.
func TestTicketOrders(t *testing.T) {
	for _, tt := range []struct{ text, description, kind, priority string }{
		{"create a ticket", "How do I get access to Jira?", "Service Request", "Medium"},
		{"can you raise an incident for this, please?", "How do I get access to Jira?", "Incident", "Medium"},
		{"Open an urgent ticket about the printer", "the printer", "Service Request", "High"},
		{"log a support ticket: new keyboard, no rush, not urgent", "new keyboard, no rush, not urgent", "Service Request", "Low"},
		{"I don't know how to fix it so please file a ticket, the whole office has an outage", "I don't know how to fix it so please , the whole office has an outage", "Service Request", "Highest"},
		{
			"Please create a ticket for this.\nRequester: alice\nThread: https://a.example/p1", "How do I get access to Jira?\nRequester: alice\nThread: https://a.example/p1",
			"Service Request", "Medium",
		},
		{"how do I open a ticket?", "", "", ""},
		{"please don't open a ticket", "", "", ""},
		{"I opened the window, just the ticket", "", "", ""},
	} {
		t.Run(tt.text, func(t *testing.T) {
			c := open(t, enjo.Config{})
			id := c.ask("How do I get access to Jira?", "").Data.ConversationID
			ticket := c.ask(tt.text, id).Data.TicketDetails
			if tt.description == "" {
				if ticket != nil {
					t.Fatalf("opened %+v", ticket)
				}
				return
			}
			got := []string{ticket.Description, ticket.Type, ticket.Priority}
			if diff := cmp.Diff([]string{tt.description, tt.kind, tt.priority}, got); diff != "" {
				t.Errorf("ticket (-want +got):\n%s", diff)
			}
		})
	}
}

// Ensure that the seed determines the answers, and that another seed gives
// different ones.
func TestSeed(t *testing.T) {
	script := func(seed uint64) (all []string) {
		fixed := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		c := open(t, enjo.Config{Seed: seed, TicketEvery: 2, Clock: func() time.Time { return fixed }, Limits: unlimited})
		id := ""
		for _, text := range []string{"VPN", "and on Linux?", "printer jam", "status?", "nonsense"} {
			_, answer, err := c.post(body(text, id), nil)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, string(answer))
			id = c.agent.Conversations()[0].ID
		}
		return all
	}
	if diff := cmp.Diff(script(7), script(7)); diff != "" {
		t.Errorf("the same seed gave (-first +second):\n%s", diff)
	}
	if slices.Equal(script(7), script(8)) {
		t.Error("seeds make no difference")
	}
}

// Ensure that simultaneous messages start the same conversations in any order.
func TestOrder(t *testing.T) {
	conversations := func(texts ...string) (all []string) {
		fixed := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		c := open(t, enjo.Config{Clock: func() time.Time { return fixed }, Limits: unlimited})
		for _, text := range texts {
			all = append(all, text+" "+c.ask(text, "").Data.ConversationID)
		}
		slices.Sort(all)
		return all
	}
	one, other := conversations("VPN", "printer", "VPN", "wifi"), conversations("wifi", "VPN", "VPN", "printer")
	if diff := cmp.Diff(one, other); diff != "" {
		t.Errorf("the same in another order gives (-first +second):\n%s", diff)
	}
	if len(slices.Compact(one)) != 4 {
		t.Errorf("conversations are %q", one)
	}
}

// Ensure that bots use only their own articles and conversations.
func TestBots(t *testing.T) {
	config := enjo.Config{
		Bots: []enjo.Bot{{ID: "hr", Articles: []string{"people-*.md"}}, {ID: "it", Articles: []string{"vpn.md"}}, {ID: "all"}},
		Articles: fstest.MapFS{
			"people-holidays.md": {Data: []byte("---\ntitle: Holidays\n---\nThirty days.\n")},
			"vpn.md":             {Data: []byte("---\ntitle: VPN\ntype: Wiki\nurl: http://wiki.example.com/vpn\n---\nTunnel.\n")},
		},
	}
	c := open(t, config)
	if r := c.ask("holidays", ""); firstSource(r) != "Holidays" || r.Data.Sources[0].URL != "https://help.example.com/people-holidays" {
		t.Errorf("hr: %+v", r)
	}
	if r := c.ask("vpn", ""); firstSource(r) != "" {
		t.Errorf("hr answered about the VPN: %+v", r)
	}
	id := c.agent.Conversations()[0].ID
	if _, _, err := c.post(body("vpn", id), func(r *http.Request) { r.URL.Path = "/v1/bots/it/message" }); err != nil {
		t.Fatal(err)
	}
	if all := c.agent.Conversations(); len(all) != 3 || all[2].BotID != "it" {
		t.Errorf("a bot continued another bot's conversation: %+v", all)
	}
}

// Ensure that an invalid configuration is refused.
func TestOpenRefuses(t *testing.T) {
	taken := open(t, enjo.Config{})
	for name, config := range map[string]enjo.Config{
		"taken address": {Addr: strings.TrimPrefix(taken.agent.URL(), "http://")},
		"bot twice":     {Bots: []enjo.Bot{{ID: "a"}, {ID: "a"}}},
		"bot unnamed":   {Bots: []enjo.Bot{{}}},
		"bad pattern":   {Bots: []enjo.Bot{{ID: "a", Articles: []string{"["}}}},
		"no calls":      {Limits: []enjo.Limit{{Per: time.Second}}},
		"no time":       {Limits: []enjo.Limit{{Calls: 1}}},
		"negative":      {Latency: -1},
		"bad article":   {Articles: fstest.MapFS{"a.md": {Data: []byte("no front matter")}}},
	} {
		if agent, err := enjo.Open(config); err == nil {
			t.Errorf("%s: was opened", name)
			_ = agent.Close()
		}
	}
}

// Ensure that each of many concurrent callers gets an answer, and that closing
// ends the calls that still wait.
func TestManyCallersAndClose(t *testing.T) {
	c := open(t, enjo.Config{Limits: unlimited})
	var callers sync.WaitGroup
	for i := range 32 {
		callers.Go(func() {
			id := c.ask(fmt.Sprint("open a ticket: printer ", i), "").Data.ConversationID
			c.ask("status?", id)
		})
	}
	callers.Wait()
	if n := len(c.agent.Requests()); n != 64 || len(c.agent.Tickets()) != 32 || len(c.agent.Conversations()) != 32 {
		t.Errorf("%d requests, %d tickets, %d conversations", n, len(c.agent.Tickets()), len(c.agent.Conversations()))
	}

	c.agent.Faults().Add(enjo.Fault{Delay: time.Hour})
	callers.Go(func() {
		if _, _, err := c.post(body("VPN", ""), nil); err == nil {
			t.Error("an answer came an hour early")
		}
	})
	c.await(func(all []enjo.Request) bool { return len(all) == 65 })
	if err := c.agent.Close(); err != nil {
		t.Error(err)
	}
	callers.Wait()
	if last := c.agent.Requests()[64]; !last.Done || last.Status != 0 || last.Processed {
		t.Errorf("the cut request: %+v", last)
	}
	if err := c.agent.Faults().Up(); err == nil {
		t.Error("a closed agent came up")
	}
}

// Ensure that the journal records the requests and their outcome.
func TestRequests(t *testing.T) {
	fixed := time.Now()
	c := open(t, enjo.Config{Clock: func() time.Time { return fixed }})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := c.agent.Await(ctx, func(all []enjo.Request) bool { return len(all) > 0 }); err == nil {
		t.Error("waited for nothing")
	}
	for i := range 11 {
		c.status(fmt.Sprint("question ", i))
	}
	var got []string
	for _, r := range c.agent.Requests()[9:] {
		got = append(got, fmt.Sprint(r.Text, " ", r.Status, " ", r.Processed, " ", r.Done, " ", r.BotID, " ", r.IP))
	}
	want := []string{"question 9 200 true true help-desk 127.0.0.1", "question 10 429 false true help-desk 127.0.0.1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}
