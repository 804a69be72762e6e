package bot_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"enjobridge/blocks"
	"enjobridge/bot"
	slacksandbox "enjobridge/sandbox/slack"
	"enjobridge/storage"
)

// Ensure that an error that only a person can fix ends the bot, and that the bot says
// how to fix it, both at the start and later.
func TestSetupErrors(t *testing.T) {
	for word, cure := range map[slacksandbox.Error]string{
		"invalid_auth":           "SLACK_APP_TOKEN is wrong",
		"not_authed":             "SLACK_APP_TOKEN is missing",
		"account_inactive":       "install it again",
		"token_revoked":          "make a new app-level token",
		"token_expired":          "make a new app-level token",
		"missing_scope":          "connections:write",
		"not_allowed_token_type": "xapp-",
		"no_permission":          "Socket Mode is turned off",
		"forbidden_team":         "not allowed",
	} {
		bubbles(t, string(word), func(t *testing.T) {
			h := build(t, plan{})
			h.slack.Faults().OnCall(slacksandbox.Calls{Method: "apps.connections.open"}, slacksandbox.Fail(word))
			h.slack.Faults().CutSockets()
			h.awaitLog("no longer receiving", 1)
			err := h.stop()
			if _, ok := errors.AsType[*bot.SetupError](err); !ok || !strings.Contains(err.Error(), cure) {
				t.Errorf("the bot ended with %v, want a SetupError with %q", err, cure)
			}
		})
	}
	bubbles(t, "404", func(t *testing.T) {
		h := build(t, plan{})
		h.slack.Faults().OnCall(slacksandbox.Calls{Method: "apps.connections.open"}, slacksandbox.Status(http.StatusNotFound))
		h.slack.Faults().CutSockets()
		h.awaitLog("no longer receiving", 1)
		if err := h.stop(); err == nil || !strings.Contains(err.Error(), "SLACK_API_URL") {
			t.Errorf("the bot ended with %v", err)
		}
	})
}

// Ensure that a bot that was connected outlasts an incident in which Slack refuses valid
// tokens for some seconds, and loses no question.
func TestSocketsOutlastRefusals(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		fault := h.slack.Faults().OnCall(slacksandbox.Calls{Method: "apps.connections.open"}, slacksandbox.Fail("invalid_auth"))
		h.slack.Faults().CutSockets()
		time.Sleep(40 * time.Second)
		if fault.Fired() < 4 {
			t.Errorf("%d calls were refused", fault.Fired())
		}
		ts := h.mention(h.alice, "How do I print?")
		fault.Remove()
		h.awaitAnswers(h.support, ts, 1)
		h.await("both sockets", func(v slacksandbox.View) bool { return v.Sockets() == 2 })
		if log := h.log.String(); !strings.Contains(log, `"hint":"SLACK_APP_TOKEN is wrong`) || strings.Contains(log, "SLACK_BOT_TOKEN is wrong") {
			t.Error("the log lacks the hint, or has another one")
		}
	})
}

// Ensure that a bot whose token Slack refuses for good ends after about a minute, and
// that the first connection is not tried again.
func TestSocketsGiveUp(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		h.slack.Faults().OnCall(slacksandbox.Calls{Method: "apps.connections.open"}, slacksandbox.Fail("invalid_auth"))
		began := time.Now()
		h.slack.Faults().CutSockets()
		h.awaitLog("no longer receiving", 1)
		if took := time.Since(began); took < 50*time.Second || took > 90*time.Second {
			t.Errorf("the bot ended after %v", took)
		}
		_ = h.stop() // TestSetupErrors checks the error
		calls := len(h.slack.Calls())
		err := h.runAlone()
		if _, ok := errors.AsType[*bot.SetupError](err); !ok {
			t.Errorf("the bot ended with %v", err)
		}
		opened := 0
		for _, call := range h.slack.Calls()[calls:] {
			if call.Method == "apps.connections.open" {
				opened++
			}
		}
		if opened > 2 { // one for each socket
			t.Errorf("%d connections were tried", opened)
		}
	})
}

// Ensure that while Slack renews every connection each event arrives at its first
// attempt, and that there is never more than one extra connection.
func TestRotationWithoutGap(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		first := h.slack.Sockets()
		h.slack.Faults().Rotate()
		for range 5 {
			// An event that Slack sends at the moment when the bot closes the
			// connection, at a full second of simulated time, is lost with the
			// connection and sent again.
			time.Sleep(300 * time.Millisecond)
			h.awaitAnswers(h.support, h.mention(h.alice, "How do I print?"), 1)
		}
		h.awaitLog(`"why":"warning"`, first)
		h.await("both sockets", func(v slacksandbox.View) bool { return v.Sockets() == 2 })
		for _, e := range h.slack.Traffic() {
			if e.Attempt > 0 {
				t.Errorf("%s was sent again, because of %s", e.Inner, e.Reason)
			}
		}
		open := 0
		for line := range strings.Lines(h.log.String()) {
			switch {
			case strings.Contains(line, "socket is open"):
				open++
			case strings.Contains(line, "socket has ended"):
				if open--; open < first {
					t.Errorf("%d connections were open for a while", open)
				}
			}
			if open > first+1 {
				t.Errorf("%d connections were open at once", open)
			}
		}
	})
}

// Ensure that cutting every connection loses nothing.
func TestCutSockets(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		for range 3 {
			cut := h.slack.Faults().CutSockets()
			ts := h.mention(h.alice, "How do I print?")
			h.awaitAnswers(h.support, ts, 1)
			h.await("both sockets", func(v slacksandbox.View) bool { return v.Sockets() == 2 })
			if cut != 2 {
				t.Errorf("%d connections were cut", cut)
			}
		}
	})
}

// Ensure that all sockets together respect Slack's Retry-After.
func TestRetryAfterOfTheSockets(t *testing.T) {
	bubble(t, func(t *testing.T) {
		const wait = 10 * time.Second // longer than the sockets wait for each other
		h := build(t, plan{})
		fault := h.slack.Faults().OnCall(slacksandbox.Calls{Method: "apps.connections.open", Times: 1}, slacksandbox.RateLimit(wait))
		h.slack.Faults().CutSockets()
		h.await("both sockets", func(v slacksandbox.View) bool { return fault.Fired() == 1 && v.Sockets() == 2 })
		var refused time.Time
		for _, call := range h.slack.Calls() {
			switch {
			case call.Method != "apps.connections.open":
			case call.Status == http.StatusTooManyRequests:
				refused = call.At
			case !refused.IsZero() && call.At.Sub(refused) < wait:
				t.Errorf("Slack got the next request after %v", call.At.Sub(refused))
			}
		}
	})
}

// Ensure that the bot reports how to fix it when Socket Mode is turned off while the bot
// runs.
func TestLinkDisabled(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		h.slack.Faults().Disconnect("link_disabled")
		h.awaitLog("Socket Mode was turned off: turn it on again", 2)
		h.await("both sockets, after Socket Mode was turned on again", func(v slacksandbox.View) bool { return v.Sockets() == 2 })
		h.awaitAnswers(h.support, h.mention(h.alice, "How do I print?"), 1)
	})
}

// Ensure that the bot reports connections that Slack counts but no socket holds.
func TestUnaccountedSockets(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := foundation(t, plan{})
		h.slack.Faults().UnaccountedSocket(time.Hour)
		h.start()
		h.awaitLog(`"unaccounted":1`, 1)
	})
}

// Ensure that the bot replaces connections before Slack ends them, and that the first
// connections of the two sockets are replaced at different ages.
func TestPlannedRenewal(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		h.awaitLog(`"socket":0,"why":"renewed"`, 1)
		if log := h.log.String(); strings.Contains(log, `"socket":1,"why"`) {
			t.Error("both sockets were renewed at once")
		}
		h.awaitLog(`"socket":1,"why":"renewed"`, 1)
	})
}

// Ensure that the log and readiness name the scopes that the installation lacks, that
// the log says how to fix it, and that the bot notices when they are granted.
func TestMissingScopesAreReported(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := foundation(t, plan{})
		h.slack.SetScopes("app_mentions:read", "chat:write", "reactions:write", "users:read", "channels:history")
		h.begin() // the bot cannot read history
		h.awaitLog("install the app again", 1)
		if !strings.Contains(h.log.String(), `"im:history"`) || strings.Contains(h.log.String(), `"chat:write"`) {
			t.Error("the log lacks a missing scope, or names a granted one")
		}
		if got := h.health().MissingScopes; !strings.Contains(strings.Join(got, " "), "groups:read") {
			t.Errorf("readiness names %v", got)
		}
		h.slack.SetScopes(append(readScopes(t, h), "mpim:read", "mpim:history", "files:write")...)
		h.awaitAnswers(h.support, h.mention(h.alice, "How do I print?"), 1)
		h.awaitLog("has all scopes", 1)
		if got := h.health().MissingScopes; got != nil {
			t.Errorf("readiness still names %v", got)
		}
	})
}

// Ensure that the bot is ready and works without the scopes that it can do without, and
// that the log and readiness say what does not work.
func TestScopesThatTheBotCanDoWithout(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := foundation(t, plan{})
		without := []string{"mpim:history", "mpim:read", "files:write", "reactions:write"}
		var rest []string
		for _, scope := range h.manifestScopes().Bot {
			if !slices.Contains(without, scope) {
				rest = append(rest, scope)
			}
		}
		h.slack.SetScopes(rest...)
		h.start() // it has read history
		health := h.health()
		if !health.Ready || len(health.MissingScopes) != 0 || len(health.Degraded) != len(without) {
			t.Errorf("the health is %+v", health)
		}
		h.awaitLog("lacks scopes that it can do without", 1)
		if log := h.log.String(); strings.Contains(log, `"level":"error"`) || !strings.Contains(log, "group direct messages are not received") {
			t.Error("the log has an error, or does not say what does not work")
		}
		h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage", Times: 4}, slacksandbox.Fail("invalid_blocks"))
		root := h.mention(h.alice, "How do I print?")
		h.awaitEnded(1)
		if shown := texts(h.answers(h.slack.View, h.support, root)); !strings.Contains(shown, blocks.SayUntaken.Text()) {
			t.Errorf("without files, the thread shows %s", shown)
		}
		h.works()
	})
}

// readScopes returns the missing scopes and the granted scopes that were reported.
func readScopes(t *testing.T, h *house) []string {
	t.Helper()
	return append(h.health().MissingScopes, "app_mentions:read", "chat:write", "reactions:write", "users:read", "channels:history")
}

// health returns the content of readiness.
func (h *house) health() bot.Health {
	h.t.Helper()
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
	var health bot.Health
	if err := json.Unmarshal(w.Body.Bytes(), &health); err != nil {
		h.t.Fatalf("%v: %s", err, w.Body)
	}
	return health
}

// Ensure that readiness reflects the state of the sockets and the store.
func TestReadiness(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		h.awaitLog("socket is open", 2)
		got := h.health()
		if !got.Ready || len(got.Sockets) != 2 || got.Sockets[0].State != "open" {
			t.Errorf("at first: %+v", got)
		}
		fault := h.slack.Faults().OnCall(slacksandbox.Calls{Method: "apps.connections.open"}, slacksandbox.Status(http.StatusBadGateway))
		h.slack.Faults().CutSockets()
		h.awaitLog("socket could not be opened", 2)
		if got = h.health(); got.Ready || !strings.Contains(strings.Join(got.Reasons, ""), "no socket is open") || got.Sockets[1].State != "waiting" {
			t.Errorf("without a connection: %+v", got)
		}
		fault.Remove()
		h.awaitLog("socket is open", 4)
		if got = h.health(); !got.Ready || got.Reasons != nil {
			t.Errorf("afterwards: %+v", got)
		}
	})
}

// Ensure that a bot that was never run reports its sockets as not open.
func TestReadinessBeforeRun(t *testing.T) {
	store, err := storage.OpenBolt(t.TempDir()+"/bot.db", storage.BoltOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	b, err := bot.New(bot.Config{Agents: []bot.Agent{{Name: "default"}}}, store, nil, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	b.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
	var got struct{ Sockets []struct{ State string } }
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	want := []struct{ State string }{{"connecting"}, {"connecting"}}
	if diff := cmp.Diff(want, got.Sockets); w.Code != http.StatusServiceUnavailable || diff != "" {
		t.Errorf("status %d:\n%s", w.Code, diff)
	}
}
