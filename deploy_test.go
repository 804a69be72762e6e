package main

import (
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// directive returns the value of a directive in a systemd unit, the first one if there
// are several.
func directive(t *testing.T, unit, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("deploy", unit))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, name+"="); ok {
			return strings.TrimSpace(value)
		}
	}
	t.Fatalf("%s has no %s", unit, name)
	return ""
}

// restarts reports whether the systemd unit starts enjobridge again after it has
// ended with an exit status.
// https://www.freedesktop.org/software/systemd/man/latest/systemd.service.html#RestartPreventExitStatus=
func restarts(t *testing.T, status int) bool {
	t.Helper()
	if restart := directive(t, "enjobridge.service", "Restart"); restart != "on-failure" {
		t.Fatalf("the unit has Restart=%s", restart)
	}
	return status != 0 && !slices.Contains(strings.Fields(directive(t, "enjobridge.service", "RestartPreventExitStatus")), strconv.Itoa(status))
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

// Ensure that the backup's unit finds the admin socket, and that the bot's unit can
// create it: next to the store, in the directory that is writable.
func TestSystemdBackup(t *testing.T) {
	const unit = "enjobridge.service"
	storage := directive(t, unit, "Environment=STORAGE")
	if got := directive(t, "enjobridge-backup.service", "Environment=STORAGE"); got != storage {
		t.Errorf("the backup's STORAGE is %s, the bot's %s", got, storage)
	}
	if writable := path.Join("/var/lib", directive(t, unit, "StateDirectory")); path.Dir(storage) != writable {
		t.Errorf("STORAGE is %s, but %s is writable", storage, writable)
	}
	for _, name := range []string{unit, "enjobridge-backup.service"} {
		if families := strings.Fields(directive(t, name, "RestrictAddressFamilies")); !slices.Contains(families, "AF_UNIX") {
			t.Errorf("%s allows only %q", name, families)
		}
	}
}

// Ensure that systemd understands the units, and that they confine their processes.
func TestSystemdUnits(t *testing.T) {
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		missing := "systemd-analyze is missing: apt-get install systemd"
		if os.Getenv("ENJOBRIDGE_CI") == "1" {
			t.Fatal(missing)
		}
		t.Skip(missing)
	}
	units, err := filepath.Glob("deploy/*.service")
	if err != nil || len(units) != 2 {
		t.Fatalf("the services are %q, %v", units, err)
	}
	timers, err := filepath.Glob("deploy/*.timer")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	verify := []string{"verify", "--recursive-errors=no"}
	for _, unit := range append(units, timers...) {
		verify = append(verify, installed(t, unit, dir))
	}
	systemdAnalyze(t, verify...)
	for _, unit := range units {
		// 10 is full access. A threshold of 25 means 2.5.
		systemdAnalyze(t, "security", "--offline=true", "--threshold=25", unit)
	}
}

// installed copies a unit to a directory, as if this program were the installed one.
func installed(t *testing.T, unit, dir string) string {
	t.Helper()
	text, err := os.ReadFile(unit)
	if err != nil {
		t.Fatal(err)
	}
	program, err := exec.LookPath("enjobridge") // TestMain adds it to the PATH
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, filepath.Base(unit))
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(text), "/usr/local/bin/enjobridge", program)), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// systemdAnalyze runs systemd-analyze, which prints warnings with status 0, too. It can
// warn of other units of the machine.
func systemdAnalyze(t *testing.T, args ...string) {
	t.Helper()
	cmd := exec.Command("systemd-analyze", args...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if strings.Contains(stderr.String(), "unrecognized option") {
		t.Skip("systemd is older than version 250: ", &stderr)
	}
	if err != nil || strings.Contains(stderr.String(), "enjobridge") {
		t.Errorf("%s: %v\n%s%s", cmd, err, &stderr, out)
	}
}
