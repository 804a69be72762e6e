package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Ensure that the unit for systemd knows the settings and the exit statuses.
func TestSystemdUnit(t *testing.T) {
	unit, err := os.ReadFile(filepath.Join("deploy", "enjobridge.service"))
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("\nRestartPreventExitStatus=%d %d\n", exitUsage, exitSetup); !strings.Contains(string(unit), want) {
		t.Errorf("the unit lacks %q", want)
	}
	known := make(map[string]bool)
	for _, s := range settings() {
		known[s.name] = true
	}
	for line := range strings.Lines(string(unit)) {
		setting, ok := strings.CutPrefix(line, "Environment=")
		if name, _, _ := strings.Cut(setting, "="); ok && !known[name] {
			t.Errorf("the unit sets %s, which is no setting", name)
		}
	}
}
