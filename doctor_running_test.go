package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"enjobridge/internal/doctor"
	slacksandbox "enjobridge/sandbox/slack"
)

// start runs enjobridge with the settings of the ward until the test ends.
func (w *ward) start() *lines {
	w.t.Helper()
	log := newLines()
	cmd := exec.CommandContext(w.t.Context(), "enjobridge") // TestMain adds it to the PATH
	cmd.Dir, cmd.Stderr = w.dir, log
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	for name, value := range w.env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		_ = cmd.Process.Kill() // its work does not matter
		_ = cmd.Wait()
	})
	return log
}

// opened returns how often a Socket Mode connection was requested.
func (w *ward) opened() int {
	n := 0
	for _, call := range w.slack.Calls() {
		if call.Method == "apps.connections.open" {
			n++
		}
	}
	return n
}

// Ensure that doctor asks the running enjobridge how it is, and leaves its connections alone.
func TestDoctorOfARunningBot(t *testing.T) {
	w := openWard(t)
	w.env["HTTP_ADDR"] = freeAddress(t)
	w.start().await(t, "socket is open", 2)
	before := w.opened()
	findings, status := w.examine()
	if status != 0 || doctor.Count(findings, doctor.OK) != len(findings) {
		t.Errorf("status %d: %+v", status, findings)
	}
	for check, want := range map[string]string{"running": "is ready", "store": "in use by the running enjobridge", "http": "by the running enjobridge"} {
		if !slices.ContainsFunc(findings, func(f doctor.Finding) bool { return f.Check == check && strings.Contains(f.Message, want) }) {
			t.Errorf("no finding of %s says %q: %+v", check, want, findings)
		}
	}
	if after := w.opened(); after != before {
		t.Errorf("it requested %d connections", after-before)
	}
}

// Ensure that doctor says why the running enjobridge is not ready.
func TestDoctorOfABotThatIsNotReady(t *testing.T) {
	w := openWard(t)
	fault := w.slack.Faults().OnCall(slacksandbox.Calls{Method: "auth.test", Times: 1}, slacksandbox.Hang())
	w.start().await(t, "serving administration", 1)
	if err := w.slack.Await(t.Context(), func(slacksandbox.View) bool { return fault.Fired() == 1 }); err != nil {
		t.Fatal(err)
	}
	findings, status := w.examine()
	if status != exitFailure || !slices.ContainsFunc(findings, func(f doctor.Finding) bool {
		return f.Check == "running" && f.Level == doctor.Error && strings.Contains(f.Message, "no socket is open") && strings.Contains(f.Fix, "its log")
	}) {
		t.Errorf("status %d: %+v", status, findings)
	}
}

// Ensure that a token that has expired, or that a refresh has revoked, is left to enjobridge:
// its refresh token works once.
func TestDoctorRefreshesNoToken(t *testing.T) {
	for _, code := range []slacksandbox.Error{"token_expired", "token_revoked"} {
		t.Run(string(code), func(t *testing.T) {
			w := openWard(t)
			for name, value := range map[string]string{
				"SLACK_BOT_TOKEN": "xoxe.xoxb-1-MS0yLTEyMzQ1Njc4OTAtMTIzNDU2Nzg5", "SLACK_BOT_REFRESH_TOKEN": "xoxe-1-My0xLTEyMzQ1Njc4OTAtMTIzNDU2Nzg5",
				"SLACK_CLIENT_ID": "1234567890.1234567890", "SLACK_CLIENT_SECRET": "0123456789abcdef0123456789abcdef",
			} {
				w.env[name] = value
			}
			refuse("auth.test", code)(w)
			findings, status := w.examine()
			if status != 0 || doctor.Count(findings, doctor.OK) != len(findings) || !slices.ContainsFunc(findings, func(f doctor.Finding) bool {
				return f.Check == "bot-token" && strings.Contains(f.Message, "enjobridge refreshes it")
			}) {
				t.Errorf("status %d: %+v", status, findings)
			}
			for _, call := range w.slack.Calls() {
				if call.Method == "oauth.v2.access" {
					t.Error("it uses up the refresh token")
				}
			}
		})
	}
}

// Ensure that an app without the Agents feature, which guests can use, is fine with
// SLACK_AGENT=false.
func TestDoctorOfAnAppForGuests(t *testing.T) {
	feature := regexp.MustCompile(`(?m)^  agent_view:\n(?:    .*\n)+|^ +- (?:agent_session_stopped|assistant:write)\n`)
	w := openWard(t, func(c *slacksandbox.Config) { c.Manifest = feature.ReplaceAll(manifest, nil) })
	w.env["SLACK_AGENT"] = "false"
	compared(w)
	findings, status := w.examine()
	if status != 0 || doctor.Count(findings, doctor.OK) != len(findings) {
		t.Errorf("status %d: %+v", status, findings)
	}
	w.env["SLACK_AGENT"] = "true"
	findings, _ = w.examine()
	for _, want := range []string{"does not have Slack's Agents feature", "does not request scopes: assistant:write", "are not received then: agent_session_stopped"} {
		if !slices.ContainsFunc(findings, func(f doctor.Finding) bool { return f.Check == "manifest" && strings.Contains(f.Message, want) }) {
			t.Errorf("with SLACK_AGENT nothing says %q: %+v", want, findings)
		}
	}
}

// Ensure that the text for a healthy setup is the one in testdata, and that the example in
// docs/operations.md is what doctor prints.
func TestDoctorText(t *testing.T) {
	t.Run("healthy", func(t *testing.T) {
		want, err := os.ReadFile(filepath.Join("testdata", "doctor-healthy.txt"))
		if err != nil {
			t.Fatal(err)
		}
		w := openWard(t)
		status, got, _ := w.run("doctor")
		if got = w.anywhere(got); status != 0 || got != string(want) {
			t.Errorf("status %d, and it prints:\n%s\nwant:\n%s", status, got, want)
		}
	})
	t.Run("the example", func(t *testing.T) {
		doc, err := os.ReadFile(filepath.Join("docs", "operations.md"))
		if err != nil {
			t.Fatal(err)
		}
		example := regexp.MustCompile("(?s)<!-- output of enjobridge doctor -->\n```\n(.*?)```").FindSubmatch(doc)
		if example == nil {
			t.Fatal("docs/operations.md has no example")
		}
		w := openWard(t)
		without("im:history")(w)
		w.env["ESCALATE_CHANNEL"] = w.channel(slacksandbox.Channel{Name: "old-helpdesk", Members: []string{w.slack.BotUserID()}}, true)
		w.env["ALLOWED_USERS"] += "," + w.gone()
		status, got, _ := w.run("doctor")
		if got = w.anywhere(got); status != exitFailure || got != string(example[1]) {
			t.Errorf("status %d, and it prints:\n%s\nthe documentation says:\n%s", status, got, example[1])
		}
	})
}

var freeMiB = regexp.MustCompile(`[0-9]+ MiB are free`)

// anywhere replaces what differs between machines in an output.
func (w *ward) anywhere(output string) string {
	output = freeMiB.ReplaceAllString(output, "20480 MiB are free")
	return strings.NewReplacer(
		strings.TrimPrefix(w.enjo.URL(), "http://"), "api.enjo.ai", w.env["HTTP_ADDR"], "127.0.0.1:9090", w.dir, "/var/lib/enjobridge",
		w.slack.AppID(), "A0123456789", w.slack.BotUserID(), "U0123456789", w.slack.TeamID(), "T0123456789",
		w.env["ESCALATE_CHANNEL"], "C0123456789", strings.TrimPrefix(w.env["ALLOWED_USERS"], w.alice+","), "U9876543210",
	).Replace(output)
}
