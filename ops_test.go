package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/bot"
	"enjobridge/enjo"
	"enjobridge/internal/settings"
	enjosandbox "enjobridge/sandbox/enjo"
	slacksandbox "enjobridge/sandbox/slack"
	"enjobridge/storage"
)

// lines is a log whose lines a test can wait for.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
	grew chan struct{} // closed at the next line
}

func newLines() *lines { return &lines{grew: make(chan struct{})} }

func (l *lines) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.grew)
	l.grew = make(chan struct{})
	return l.text.Write(line)
}

// await returns the n-th line that contains a text.
func (l *lines) await(t *testing.T, text string, n int) string {
	t.Helper()
	timeout := time.After(20 * time.Second)
	for {
		l.mu.Lock()
		all, grew := l.text.String(), l.grew
		l.mu.Unlock()
		found := 0
		for line := range strings.Lines(all) {
			if strings.Contains(line, text) {
				if found++; found == n {
					return line
				}
			}
		}
		select {
		case <-grew:
		case <-timeout:
			t.Fatalf("the log has no %d lines with %q:\n%s", n, text, all)
		}
	}
}

// contains counts the lines so far that contain all texts.
func (l *lines) contains(texts ...string) (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range strings.Lines(l.text.String()) {
		if !slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(line, text) }) {
			n++
		}
	}
	return n
}

// shortDir returns a temporary directory whose path leaves room for the name of a
// socket, which that of t.TempDir may not.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "bot")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// operated is a bot in this process with its HTTP server for operators.
type operated struct {
	t     *testing.T
	slack *slacksandbox.Workspace
	enjo  *enjosandbox.Agent
	store string // the file
	log   *lines
	url   string // of HTTP_ADDR
}

// openSandboxes opens a local Slack and a local agent until the end of the test.
func openSandboxes(t *testing.T, s slacksandbox.Config, e enjosandbox.Config) (*slacksandbox.Workspace, *enjosandbox.Agent) {
	t.Helper()
	slack, err := slacksandbox.Open(s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = slack.Close() })
	agent, err := enjosandbox.Open(e)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = agent.Close() })
	return slack, agent
}

// operate runs a bot as main does, with changed settings, until the test ends.
func operate(t *testing.T, change func(*settings.Config)) *operated {
	t.Helper()
	o := &operated{t: t, store: filepath.Join(shortDir(t), "bot.db"), log: newLines()}
	o.slack, o.enjo = openSandboxes(t, slacksandbox.Config{Manifest: manifest, Speed: 60}, enjosandbox.Config{})
	c := settings.Config{
		Storage: settings.Storage{File: o.store}, HTTPAddr: "127.0.0.1:0", AdminSocket: o.store + ".sock",
		Enjo: enjo.Config{BaseURL: o.enjo.URL(), Token: o.enjo.Token()},
		Bot: bot.Config{
			SlackAPIURL: o.slack.APIURL(), SlackAppToken: o.slack.AppToken(), SlackBotToken: o.slack.BotToken(), SlackSpeed: 60,
			AgentView: true, Agents: []bot.Agent{{Name: "default", BotID: o.enjo.BotID()}}, Limits: []enjo.Limit{{Calls: 10, Per: time.Second}},
		},
	}
	change(&c)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- runBot(ctx, c, &reloader{}, zerolog.New(o.log)) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the bot ended with %v", err)
		}
	})
	o.url = o.served("health and metrics")
	o.log.await(t, "socket is open", 2)
	return o
}

// answered has alice ask a question in #support, waits for its end, and returns the IDs and
// the question's timestamp.
func (o *operated) answered() (alice, support, ts string) {
	o.t.Helper()
	alice = o.slack.AddUser(slacksandbox.User{Name: "alice"})
	support = o.slack.AddChannel(slacksandbox.Channel{Name: "support", Members: []string{alice, o.slack.BotUserID()}})
	ts, err := o.slack.Post(support, alice, slacksandbox.Mention(o.slack.BotUserID())+" How do I print?")
	if err != nil {
		o.t.Fatal(err)
	}
	o.log.await(o.t, "question ended", 1)
	return alice, support, ts
}

// served returns the URL of the address that the log names in the line with a text.
func (o *operated) served(text string) string {
	o.t.Helper()
	var line struct{ Addr string }
	if err := json.Unmarshal([]byte(o.log.await(o.t, text, 1)), &line); err != nil {
		o.t.Fatal(err)
	}
	return "http://" + line.Addr
}

// get returns the status and the body of a response from HTTP_ADDR.
func (o *operated) get(path, token string) (int, []byte) {
	o.t.Helper()
	return o.send(http.MethodGet, o.url+path, token)
}

// send sends a request without a body, and returns the status and the body of the response.
func (o *operated) send(method, url, token string) (int, []byte) {
	o.t.Helper()
	r, err := http.NewRequestWithContext(o.t.Context(), method, url, nil)
	if err != nil {
		o.t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		o.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		o.t.Fatal(err)
	}
	return response.StatusCode, body
}

// Ensure that health, readiness and metrics are served, and that enjobridge backup
// writes a complete store.
func TestOperatorsAreServed(t *testing.T) {
	o := operate(t, func(*settings.Config) {})
	alice, support, ts := o.answered()

	if status, body := o.get("/healthz", ""); status != http.StatusOK {
		t.Errorf("healthz: %d %s", status, body)
	}
	if status, body := o.get("/readyz", ""); status != http.StatusOK || !bytes.Contains(body, []byte(`"ready": true`)) {
		t.Errorf("readyz: %d %s", status, body)
	}
	_, metrics := o.get("/metrics", "")
	for _, want := range []string{
		`enjobridge_questions_ended_total{end="delivered"} 1`, `enjobridge_decisions_total{action="ask",reason="mentioned"}`,
		`enjobridge_questions_unfinished{state="queued"} 0`, `enjobridge_answer_seconds_count{agent="default"} 1`, `enjobridge_sockets_live 2`,
		`enjobridge_slack_calls_total{error="ok",method="chat.postMessage"} 1`, `enjobridge_enjo_call_seconds_count{code="ok"} 1`,
		`enjobridge_envelopes_total{type="events_api"}`, `go_goroutines`,
	} {
		if !bytes.Contains(metrics, []byte(want)) {
			t.Errorf("the metrics lack %s", want)
		}
	}
	for _, secret := range []string{alice, support, o.slack.BotToken(), o.enjo.Token()} {
		if bytes.Contains(metrics, []byte(secret)) {
			t.Errorf("the metrics contain %s", secret)
		}
	}

	path := filepath.Join(t.TempDir(), "backup.db")
	cmd, output := command(t.Context(), t, []string{"STORAGE=" + o.store}, "backup", path)
	if err := cmd.Run(); err != nil || !strings.Contains(output.String(), path) {
		t.Fatalf("backup: %v\n%s", err, output)
	}
	copied, err := storage.OpenBolt(path, storage.BoltOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer copied.Close()
	id := storage.MessageID{Team: o.slack.TeamID(), Channel: support, TS: ts}
	if q, err := copied.Question(t.Context(), id); err != nil || q.State != storage.Delivered {
		t.Errorf("in the backup the question is %q, %v", q.State, err)
	}
}

// Ensure that a bot without a socket is not ready and says why, and that it is ready
// again once it has one.
func TestNotReadyWithoutSocket(t *testing.T) {
	o := operate(t, func(*settings.Config) {})
	fault := o.slack.Faults().OnCall(slacksandbox.Calls{Method: "apps.connections.open"}, slacksandbox.Status(http.StatusServiceUnavailable))
	o.slack.Faults().CutSockets()
	o.log.await(t, "socket could not be opened", 2)
	status, body := o.get("/readyz", "")
	if status != http.StatusServiceUnavailable || !bytes.Contains(body, []byte("no socket is open")) || !bytes.Contains(body, []byte("503")) {
		t.Errorf("without a socket: %d %s", status, body)
	}
	fault.Remove()
	o.log.await(t, "socket is open", 3)
	if status, body := o.get("/readyz", ""); status != http.StatusOK {
		t.Errorf("afterwards: %d %s", status, body)
	}
}

// Ensure that a backup over HTTP requires the token, and that it is refused if there is
// none, even to this machine, with a reason.
func TestBackupNeedsTheToken(t *testing.T) {
	const token = "correct-horse-battery-staple"
	status, body := operate(t, func(*settings.Config) {}).get("/backup", "")
	if status != http.StatusForbidden || !bytes.Contains(body, []byte("ADMIN_TOKEN")) || !bytes.Contains(body, []byte("enjobridge backup")) {
		t.Errorf("without a token: %d %s", status, body)
	}
	o := operate(t, func(c *settings.Config) { c.AdminToken = token })
	for given, want := range map[string]int{"": http.StatusUnauthorized, "wrong": http.StatusUnauthorized, token: http.StatusOK} {
		if status, _ := o.get("/backup", given); status != want {
			t.Errorf("with the token %q: %d, want %d", given, status, want)
		}
	}
}

// Ensure that ticket updates are served at HTTP_ADDR unless they have an address, and
// that nothing else is served at their address.
func TestAddressOfTicketUpdates(t *testing.T) {
	const secret = "a secret of twenty-odd characters"
	update := func(o *operated, url string) int {
		status, _ := o.send(http.MethodPost, url+"/tickets/IT-1", "wrong")
		return status
	}
	t.Run("HTTP_ADDR", func(t *testing.T) {
		o := operate(t, func(c *settings.Config) { c.Bot.TicketWebhookSecret = secret })
		if status := update(o, o.url); status != http.StatusUnauthorized {
			t.Errorf("status %d", status)
		}
	})
	t.Run("WEBHOOK_ADDR", func(t *testing.T) {
		o := operate(t, func(c *settings.Config) { c.Bot.TicketWebhookSecret, c.WebhookAddr = secret, "127.0.0.1:0" })
		webhook := o.served("ticket updates")
		if status := update(o, webhook); status != http.StatusUnauthorized {
			t.Errorf("at WEBHOOK_ADDR: status %d", status)
		}
		if status := update(o, o.url); status != http.StatusNotFound {
			t.Errorf("at HTTP_ADDR: status %d", status)
		}
		for _, path := range []string{"/", "/healthz", "/readyz", "/metrics", "/backup", "/tickets/../metrics"} {
			if status, _ := o.send(http.MethodGet, webhook+path, ""); status != http.StatusNotFound {
				t.Errorf("%s at WEBHOOK_ADDR: status %d", path, status)
			}
		}
	})
}
