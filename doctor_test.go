package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"enjobridge/internal/doctor"
	enjosandbox "enjobridge/sandbox/enjo"
	slacksandbox "enjobridge/sandbox/slack"
)

// ward is a complete setup of enjobridge, with a local Slack and a local agent. Nothing is
// wrong with it until a test seeds something.
type ward struct {
	t     *testing.T
	slack *slacksandbox.Workspace
	enjo  *enjosandbox.Agent
	dir   string            // the working directory, with the store
	env   map[string]string // the settings

	alice, support string // IDs
}

// openWard opens a ward until the end of the test.
func openWard(t *testing.T, change ...func(*slacksandbox.Config)) *ward {
	t.Helper()
	w := &ward{t: t, dir: shortDir(t)}
	config := slacksandbox.Config{Manifest: manifest, Speed: 60}
	for _, c := range change {
		c(&config)
	}
	w.slack, w.enjo = openSandboxes(t, config, enjosandbox.Config{})
	w.alice = w.slack.AddUser(slacksandbox.User{Name: "alice"})
	w.support = w.slack.AddChannel(slacksandbox.Channel{Name: "support", Members: []string{w.alice, w.slack.BotUserID()}})
	w.env = map[string]string{
		"PATH": os.Getenv("PATH"), "HOME": w.dir,
		"SLACK_API_URL": w.slack.APIURL(), "SLACK_APP_TOKEN": w.slack.AppToken(), "SLACK_BOT_TOKEN": w.slack.BotToken(),
		"ENJO_API_URL": w.enjo.URL(), "ENJO_TOKEN": w.enjo.Token(), "ENJO_BOT_ID": w.enjo.BotID(),
		"ALLOWED_CHANNELS": w.support, "ALLOWED_USERS": w.alice, "ESCALATE_TO": w.alice, "ESCALATE_CHANNEL": w.support,
		"HTTP_ADDR": "127.0.0.1:0",
	}
	return w
}

// run runs a command in a separate process with the settings of the ward, and returns its
// exit status and output.
func (w *ward) run(args ...string) (status int, stdout, stderr string) {
	w.t.Helper()
	cmd := exec.CommandContext(w.t.Context(), "enjobridge", args...) // TestMain adds it to the PATH
	cmd.Dir, cmd.Env = w.dir, []string{endsAtOnce}
	for name, value := range w.env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		return failed.ExitCode(), out.String(), errs.String()
	} else if err != nil {
		w.t.Fatal(err)
	}
	return 0, out.String(), errs.String()
}

// examine runs doctor, and returns its findings and its exit status.
func (w *ward) examine(args ...string) ([]doctor.Finding, int) {
	w.t.Helper()
	status, stdout, stderr := w.run(append([]string{"doctor", "-json"}, args...)...)
	var findings []doctor.Finding
	if err := json.Unmarshal([]byte(stdout), &findings); err != nil {
		w.t.Fatalf("%v\n%s%s", err, stdout, stderr)
	}
	for _, name := range []string{"SLACK_APP_TOKEN", "SLACK_BOT_TOKEN", "SLACK_CONFIG_TOKEN", "ENJO_TOKEN"} {
		if token := w.env[name]; len(token) > 8 && strings.Contains(stdout+stderr, token) {
			w.t.Errorf("the output contains %s:\n%s%s", name, stdout, stderr)
		}
	}
	if strings.Contains(stdout+stderr, "hunter2") {
		w.t.Errorf("the output contains the password of a proxy:\n%s%s", stdout, stderr)
	}
	return findings, status
}

// Ensure that doctor finds each seeded misconfiguration and nothing else, and names the fix.
func TestDoctorFindsMisconfigurations(t *testing.T) {
	for _, m := range misconfigurations {
		t.Run(m.name, func(t *testing.T) {
			w := openWard(t, m.slack...)
			if m.seed != nil {
				m.seed(w)
			}
			findings, status := w.examine(m.args...)
			found := false
			for _, f := range findings {
				if f.Level == doctor.OK {
					continue
				}
				if f.Fix == "" {
					t.Errorf("nothing says how to fix %+v", f)
				}
				if f.Check != m.check || f.Level != m.level {
					t.Errorf("it also finds %+v", f)
				}
				found = found || strings.Contains(f.Message, m.message) && strings.Contains(f.Fix, m.fix)
			}
			if !found {
				t.Errorf("no %s of %s says %q and how to fix it, %q:\n%+v", m.level, m.check, m.message, m.fix, findings)
			}
			if want := map[doctor.Level]int{doctor.Error: exitFailure, doctor.Warning: 0}[m.level]; status != want {
				t.Errorf("the exit status is %d, want %d", status, want)
			}
		})
	}
}

// Ensure that doctor changes nothing, posts nothing, and asks nothing unless it is told to.
func TestDoctorOnlyLooks(t *testing.T) {
	w := openWard(t)
	compared(w)
	reading := []string{
		"apps.manifest.export", "auth.test", "apps.connections.open", "bots.info", "conversations.info", "conversations.history", "users.conversations", "users.info",
	}
	if findings, _ := w.examine(); doctor.Count(findings, doctor.OK) != len(findings) {
		t.Errorf("it finds %+v", findings)
	}
	for _, call := range w.slack.Calls() {
		if !slices.Contains(reading, call.Method) {
			t.Errorf("it calls %s", call.Method)
		}
	}
	if n := len(w.enjo.Requests()); n != 0 {
		t.Errorf("it asks %d times", n)
	}
	if files, err := os.ReadDir(w.dir); err != nil || len(files) != 0 {
		t.Errorf("it leaves %v, %v", files, err)
	}
	w.env["ENJO_AGENTS"] = "second:" + w.enjo.BotID()
	if findings, _ := w.examine("-ask"); doctor.Count(findings, doctor.OK) != len(findings) {
		t.Errorf("with -ask it finds %+v", findings)
	}
	for _, r := range w.enjo.Requests() {
		if r.Text != doctor.Question {
			t.Errorf("it asks %q", r.Text)
		}
	}
	if n := len(w.enjo.Requests()); n != 2 {
		t.Errorf("it asks two agents %d times", n)
	}
}

// write writes a file in the working directory, and returns its path.
func (w *ward) write(name, content string, mode os.FileMode) string {
	w.t.Helper()
	path := filepath.Join(w.dir, name)
	if err := errors.Join(os.WriteFile(path, []byte(content), mode), os.Chmod(path, mode)); err != nil {
		w.t.Fatal(err)
	}
	return path
}
