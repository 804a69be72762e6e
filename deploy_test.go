package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// directive returns the value of a directive in the systemd unit.
func directive(t *testing.T, name string) string {
	t.Helper()
	unit, err := os.ReadFile(filepath.Join("deploy", "enjobridge.service"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(unit)) {
		if value, ok := strings.CutPrefix(line, name+"="); ok {
			return strings.TrimSpace(value)
		}
	}
	t.Fatalf("the unit has no %s", name)
	return ""
}

// restarts reports whether the systemd unit starts enjobridge again after it has
// ended with an exit status.
// https://www.freedesktop.org/software/systemd/man/latest/systemd.service.html#RestartPreventExitStatus=
func restarts(t *testing.T, status int) bool {
	t.Helper()
	if restart := directive(t, "Restart"); restart != "on-failure" {
		t.Fatalf("the unit has Restart=%s", restart)
	}
	return status != 0 && !slices.Contains(strings.Fields(directive(t, "RestartPreventExitStatus")), strconv.Itoa(status))
}

// Ensure that systemd starts enjobridge again after a crash: Go ends a process that
// panics with status 2.
func TestSystemdRestartsAfterPanic(t *testing.T) {
	cmd, output := command(t.Context(), t, nil, "demo")
	crash, err := exec.LookPath("enjobridge-panic")
	if err != nil {
		t.Fatal(err)
	}
	cmd.Path, cmd.Args[0] = crash, crash
	status := exitStatus(t, cmd)
	if !strings.Contains(output.String(), "panic: a bug") {
		t.Fatalf("it did not panic:\n%s", output)
	}
	if status != 2 || !restarts(t, status) {
		t.Errorf("it ended with status %d, restarted: %t", status, restarts(t, status))
	}
}
