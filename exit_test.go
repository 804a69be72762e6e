package main

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	enjosandbox "enjobridge/sandbox/enjo"
	slacksandbox "enjobridge/sandbox/slack"
	"enjobridge/storage"
)

// exitStatus runs a command and returns its exit status.
func exitStatus(t *testing.T, cmd *exec.Cmd) int {
	t.Helper()
	err := cmd.Run()
	if err == nil {
		return 0
	}
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok {
		t.Fatal(err)
	}
	return exit.ExitCode()
}

// newStore creates a store.
func newStore(t *testing.T, path string) *storage.Bolt {
	t.Helper()
	store, err := storage.OpenBolt(path, storage.BoltOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// Ensure that the exit status tells apart usage errors, settings errors and failures,
// and that systemd restarts enjobridge only after a failure.
func TestExitStatus(t *testing.T) {
	dir := t.TempDir()
	required := []string{"SLACK_APP_TOKEN=xapp-1", "SLACK_BOT_TOKEN=xoxb-1", "ENJO_TOKEN=token", "ENJO_BOT_ID=bot"}
	serving := func(env ...string) []string { return append(append([]string{"HTTP_ADDR=off"}, required...), env...) }
	damaged, locked := filepath.Join(dir, "damaged.db"), filepath.Join(dir, "locked.db")
	if err := newStore(t, damaged).Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(damaged, 8<<10); err != nil { // two pages
		t.Fatal(err)
	}
	defer newStore(t, locked).Close()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()

	for name, test := range map[string]struct {
		env     []string
		args    []string
		want    int
		says    string
		restart bool
	}{
		"help":                     {nil, []string{"-h"}, 0, "Usage:", false},
		"unknown command":          {nil, []string{"dmeo"}, 64, "unknown command", false},
		"argument of demo":         {nil, []string{"demo", "-fast"}, 64, "demo accepts", false},
		"argument of preview":      {nil, []string{"preview", "everything"}, 64, "preview accepts", false},
		"argument of check-store":  {nil, []string{"check-store", "a", "b"}, 64, "check-store accepts", false},
		"missing settings":         {nil, nil, 78, "SLACK_APP_TOKEN is missing", false},
		"invalid setting":          {serving("MAX_WAITING=many"), nil, 78, "MAX_WAITING must be", false},
		"port that does not exist": {serving("HTTP_ADDR=127.0.0.1:99999"), nil, 78, "HTTP_ADDR must be", false},
		"store is a directory":     {serving("STORAGE=" + dir), nil, 78, "STORAGE is a directory", false},
		"store without directory":  {serving("STORAGE=" + filepath.Join(dir, "none", "bot.db")), nil, 78, "STORAGE is in a directory that does not exist", false},
		"store below a file":       {serving("STORAGE=" + filepath.Join(damaged, "bot.db")), nil, 78, "STORAGE is in a directory that does not exist", false},
		"checked store is a directory": {
			[]string{"STORAGE=" + dir}, []string{"check-store"}, 78, "STORAGE is a directory", false,
		},
		"store is locked":  {serving("STORAGE=" + locked), nil, 1, "another enjobridge is using", true},
		"store is damaged": {serving("STORAGE=" + damaged), nil, 1, "restore a backup", true},
		"port is taken": {
			serving("STORAGE="+filepath.Join(dir, "bot.db"), "HTTP_ADDR="+taken.Addr().String()), nil, 1, "HTTP_ADDR", true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			cmd, output := command(t.Context(), t, test.env, test.args...)
			status := exitStatus(t, cmd)
			if status != test.want || !strings.Contains(output.String(), test.says) {
				t.Errorf("it ended with status %d, want %d and %q:\n%s", status, test.want, test.says, output)
			}
			if restarts(t, status) != test.restart {
				t.Errorf("systemd restarts it after status %d: %t", status, !test.restart)
			}
		})
	}
}

// Ensure that a token that Slack rejects ends the process with status 3 and a hint,
// and that systemd does not restart it.
func TestExitStatusOfRejectedToken(t *testing.T) {
	for method, hint := range map[string]string{
		"apps.connections.open": "SLACK_APP_TOKEN is wrong",
		"auth.test":             "SLACK_BOT_TOKEN is wrong",
	} {
		t.Run(method, func(t *testing.T) {
			slack, err := slacksandbox.Open(slacksandbox.Config{Manifest: manifest, Speed: 60})
			if err != nil {
				t.Fatal(err)
			}
			defer slack.Close()
			agent, err := enjosandbox.Open(enjosandbox.Config{})
			if err != nil {
				t.Fatal(err)
			}
			defer agent.Close()
			slack.Faults().OnCall(slacksandbox.Calls{Method: method}, slacksandbox.Fail("invalid_auth"))
			cmd, output := command(t.Context(), t, []string{
				"SLACK_API_URL=" + slack.APIURL(), "SLACK_APP_TOKEN=" + slack.AppToken(), "SLACK_BOT_TOKEN=" + slack.BotToken(),
				"ENJO_API_URL=" + agent.URL(), "ENJO_TOKEN=" + agent.Token(), "ENJO_BOT_ID=" + agent.BotID(),
				"STORAGE=" + filepath.Join(t.TempDir(), "bot.db"), "HTTP_ADDR=off",
			})
			status := exitStatus(t, cmd)
			if status != exitSetup || !strings.Contains(output.String(), hint) {
				t.Errorf("it ended with status %d, want %d and %q:\n%s", status, exitSetup, hint, output)
			}
			if restarts(t, status) {
				t.Errorf("systemd restarts it after status %d", status)
			}
		})
	}
}
