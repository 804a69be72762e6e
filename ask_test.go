package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	enjosandbox "enjobridge/sandbox/enjo"
)

// ownAgents starts agents and sets the settings that lead to them.
func ownAgents(t *testing.T) *enjosandbox.Agent {
	t.Helper()
	agents, err := enjosandbox.Open(enjosandbox.Config{Bots: []enjosandbox.Bot{{ID: "help-desk", Name: "Help Desk"}, {ID: "people", Name: "HR", Articles: []string{"hr/*.md"}}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = agents.Close() })
	t.Setenv("ENJO_API_URL", agents.URL())
	t.Setenv("ENJO_TOKEN", agents.Token())
	t.Setenv("ENJO_BOT_ID", "help-desk")
	t.Setenv("ENJO_AGENTS", "hr:people")
	return agents
}

// Ensure that ask prints the answer, its sources and its ticket, after one call.
func TestAsk(t *testing.T) {
	agents := ownAgents(t)
	tests := []struct {
		name  string
		args  []string
		stdin string
		want  []string
	}{
		{"a question", []string{"How do I reset my VPN password?"}, "", []string{"expires every 180 days", "https://help.example.com/it/vpn-password"}},
		{"a question from stdin", []string{"-"}, "How do I reset my\nVPN password?\n", []string{"https://help.example.com/it/vpn-password"}},
		{"a ticket", []string{"Open a ticket: my laptop is broken"}, "", []string{"IT-", "Open"}},
		{"another agent", []string{"-agent", "hr", "How many days of holiday do I have?"}, "", []string{"https://help.example.com/hr/"}},
	}
	for i, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var out bytes.Buffer
			if err := run(t.Context(), append([]string{"ask"}, test.args...), strings.NewReader(test.stdin), &out, &out); err != nil {
				t.Fatal(err)
			}
			for _, want := range test.want {
				if !strings.Contains(out.String(), want) {
					t.Errorf("it does not print %q:\n%s", want, &out)
				}
			}
			if calls := len(agents.Requests()); calls != i+1 {
				t.Errorf("after %d questions there were %d calls", i+1, calls)
			}
		})
	}
}

// Ensure that a failed call ends with status 1, the cause and its fix.
func TestAskFails(t *testing.T) {
	tests := []struct {
		name      string
		seed      func(*testing.T, *enjosandbox.Agent)
		want, fix string
	}{
		{"a wrong token", func(t *testing.T, _ *enjosandbox.Agent) { t.Setenv("ENJO_TOKEN", "hunter2") }, "bad_token", "set ENJO_TOKEN"},
		{"a wrong bot ID", func(t *testing.T, _ *enjosandbox.Agent) { t.Setenv("ENJO_BOT_ID", "nobody") }, "invalid_bot_id", "set ENJO_BOT_ID"},
		{"Enjo is down", func(_ *testing.T, a *enjosandbox.Agent) { a.Faults().Down() }, "not_processed", "check ENJO_API_URL"},
		{"a web page", func(_ *testing.T, a *enjosandbox.Agent) { a.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.HTML}) }, "wrong_address", "whether a proxy is in between"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.seed(t, ownAgents(t))
			var out bytes.Buffer
			err := run(t.Context(), []string{"ask", "Hello?"}, strings.NewReader(""), &out, &out)
			if code := printError(err, &out); code != exitFailure {
				t.Errorf("the exit status is %d", code)
			}
			if !strings.Contains(out.String(), test.want) || !strings.Contains(out.String(), "hint: ") || !strings.Contains(out.String(), test.fix) {
				t.Errorf("it prints %s", &out)
			}
			if strings.Contains(out.String(), "hunter2") {
				t.Errorf("it prints the token: %s", &out)
			}
		})
	}
}

// Ensure that an interrupt ends a call that waits for its answer.
func TestAskIsInterrupted(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	waiting := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		interrupt()
		<-r.Context().Done()
	}))
	defer waiting.Close()
	ownAgents(t)
	t.Setenv("ENJO_API_URL", waiting.URL)
	var out bytes.Buffer
	if err := run(ctx, []string{"ask", "Hello?"}, strings.NewReader(""), &out, &out); err == nil || !strings.Contains(err.Error(), "interrupted") {
		t.Errorf("it ended with %v", err)
	}
}

// Ensure that an interrupt ends the wait for a question that is not written to its end.
func TestAskIsInterruptedBeforeTheQuestion(t *testing.T) {
	agents := ownAgents(t)
	ctx, interrupt := context.WithCancel(t.Context())
	stdin, typed := io.Pipe()
	defer typed.Close()
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, []string{"ask", "-"}, stdin, io.Discard, io.Discard) }()
	if _, err := io.WriteString(typed, "How do I"); err != nil {
		t.Fatal(err)
	}
	interrupt()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("it ended with %v", err)
	}
	if calls := agents.Requests(); len(calls) > 0 {
		t.Errorf("it asked %v", calls)
	}
}

// Ensure that a question that is too long is refused, and not cut.
func TestAskRefusesLongQuestions(t *testing.T) {
	agents := ownAgents(t)
	err := run(t.Context(), []string{"ask", "-"}, strings.NewReader(strings.Repeat("a", maxQuestion+1)), io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "longer than 40000 bytes") || len(agents.Requests()) > 0 {
		t.Errorf("it ended with %v after %d calls", err, len(agents.Requests()))
	}
}
