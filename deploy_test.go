package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Ensure that the systemd unit lists the exit statuses that a restart cannot fix.
func TestSystemdUnit(t *testing.T) {
	unit, err := os.ReadFile(filepath.Join("deploy", "enjobridge.service"))
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("\nRestartPreventExitStatus=%d %d\n", exitUsage, exitSetup); !strings.Contains(string(unit), want) {
		t.Errorf("the unit lacks %q", want)
	}
}
