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

// exits describes how one call of enjobridge ends.
type exits struct {
	env     []string
	args    []string
	status  int
	says    string
	restart bool // systemd starts it again
}

// check runs enjobridge.
func (e exits) check(t *testing.T) {
	t.Helper()
	cmd, output := command(t.Context(), t, e.env, e.args...)
	status := exitStatus(t, cmd)
	if status != e.status || !strings.Contains(output.String(), e.says) {
		t.Errorf("it ended with status %d, want %d and %q:\n%s", status, e.status, e.says, output)
	}
	if restarts(t, status) != e.restart {
		t.Errorf("systemd restarts it after status %d: %t", status, !e.restart)
	}
}

// Ensure that invalid arguments end the process with status 64, and that systemd does
// not restart it.
func TestExitStatusOfUsageErrors(t *testing.T) {
	for name, test := range map[string]exits{
		"unknown command":           {args: []string{"dmeo"}, says: "unknown command"},
		"argument of demo":          {args: []string{"demo", "-fast"}, says: "hint: see enjobridge demo -h"},
		"argument of preview":       {args: []string{"preview", "everything"}, says: "hint: see enjobridge preview -h"},
		"second command of preview": {args: []string{"preview", "-validate", "everything"}, says: "hint: see enjobridge preview -h"},
		"argument of backup":        {args: []string{"backup"}, says: "hint: see enjobridge backup -h"},
		"argument of check-store":   {args: []string{"check-store", "a", "b"}, says: "hint: see enjobridge check-store -h"},
	} {
		test.status = exitUsage
		t.Run(name, test.check)
	}
}

// serving returns the environment of a bot that serves, with more settings.
func serving(more ...string) []string {
	return append([]string{
		"SLACK_APP_TOKEN=xapp-1", "SLACK_BOT_TOKEN=xoxb-1", "ENJO_TOKEN=token", "ENJO_BOT_ID=bot", "HTTP_ADDR=off",
	}, more...)
}

// Ensure that invalid settings end the process with status 78, and that systemd does
// not restart it.
func TestExitStatusOfSettingsErrors(t *testing.T) {
	dir := shortDir(t)
	file, none := filepath.Join(dir, "file"), filepath.Join(dir, "none")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]exits{
		"missing settings":             {says: "SLACK_APP_TOKEN is missing"},
		"invalid setting":              {env: serving("MAX_WAITING=many"), says: "MAX_WAITING must be"},
		"port that does not exist":     {env: serving("HTTP_ADDR=127.0.0.1:99999"), says: "HTTP_ADDR must be"},
		"store is a directory":         {env: serving("STORAGE=" + dir), says: "STORAGE is a directory"},
		"store without a directory":    {env: serving("STORAGE=" + filepath.Join(none, "bot.db")), says: "STORAGE is in a directory that"},
		"store below a file":           {env: serving("STORAGE=" + filepath.Join(file, "bot.db")), says: "STORAGE is in a directory that"},
		"checked store is a directory": {env: []string{"STORAGE=" + dir}, args: []string{"check-store"}, says: "STORAGE is a directory"},
		"socket's path is too long":    {env: serving("ADMIN_SOCKET=" + strings.Repeat("x", 200)), says: "ADMIN_SOCKET has a path of 200 bytes"},
		"webhook without a secret":     {env: serving("WEBHOOK_ADDR=127.0.0.1:0"), says: "set TICKET_WEBHOOK_SECRET, too"},
		"validation without a token":   {args: []string{"preview", "-validate"}, says: "SLACK_BOT_TOKEN is missing"},
		"no name of a database":        {env: []string{"STORAGE=postgres://db"}, args: []string{"backup", "b.db"}, says: "STORAGE has no database"},
		"backup without a socket":      {env: []string{"ADMIN_SOCKET=off"}, args: []string{"backup", "b.db"}, says: "ADMIN_SOCKET is off"},
	} {
		test.status = exitSettings
		t.Run(name, test.check)
	}
}

// Ensure that a failure that can pass ends the process with status 1, and that systemd
// restarts it.
func TestExitStatusOfFailures(t *testing.T) {
	dir := shortDir(t)
	store, damaged, locked := filepath.Join(dir, "bot.db"), filepath.Join(dir, "damaged.db"), filepath.Join(dir, "locked.db")
	if err := newStore(t, damaged).Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(damaged, 8<<10); err != nil { // two pages
		t.Fatal(err)
	}
	defer newStore(t, locked).Close()
	port, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer port.Close()
	socket, err := net.Listen("unix", filepath.Join(dir, "live.sock"))
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	for name, test := range map[string]exits{
		"store is damaged":          {env: serving("STORAGE=" + damaged), says: "restore a backup"},
		"store is locked":           {env: serving("STORAGE=" + locked), says: "another enjobridge is using"},
		"port is taken":             {env: serving("STORAGE="+store, "HTTP_ADDR="+port.Addr().String()), says: "HTTP_ADDR"},
		"socket of another process": {env: serving("STORAGE="+store, "ADMIN_SOCKET="+socket.Addr().String()), says: "another process listens there"},
		"backup of a database":      {env: []string{"STORAGE=postgres://db/bot"}, args: []string{"backup", "b.db"}, says: "pg_dump"},
		"backup without a process":  {env: []string{"STORAGE=" + store}, args: []string{"backup", filepath.Join(dir, "b.db")}, says: "no enjobridge listens"},
	} {
		test.status, test.restart = exitFailure, true
		t.Run(name, test.check)
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
				"STORAGE=" + filepath.Join(shortDir(t), "bot.db"), "HTTP_ADDR=off",
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
