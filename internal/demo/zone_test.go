package demo

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Ensure that the machine's zone has a name that Slack knows.
func TestMachineZone(t *testing.T) {
	t.Setenv("TZ", "Asia/Kolkata")
	if got := machineZone(); got != "Asia/Kolkata" {
		t.Errorf("the zone is %q", got)
	}
	if _, err := filepath.EvalSymlinks("/etc/localtime"); err != nil {
		t.Skip("this machine has no /etc/localtime")
	}
	if err := os.Unsetenv("TZ"); err != nil { // t.Setenv restores it
		t.Fatal(err)
	}
	if _, err := time.LoadLocation(machineZone()); err != nil {
		t.Error(err)
	}
}

// Ensure that a zone without a name is named by its offset from UTC.
func TestFixedZone(t *testing.T) {
	for offset, want := range map[int]string{0: "Etc/UTC", 7200: "Etc/GMT-2", -18000: "Etc/GMT+5", 19800: "Etc/UTC", 99 * 3600: "Etc/UTC"} {
		got := fixedZone(offset)
		zone, err := time.LoadLocation(got)
		if err != nil {
			t.Fatal(err)
		}
		if _, is := time.Unix(0, 0).In(zone).Zone(); got != want || want != "Etc/UTC" && is != offset {
			t.Errorf("%d is %s, want %s, ahead by %d", offset, got, want, is)
		}
	}
}
