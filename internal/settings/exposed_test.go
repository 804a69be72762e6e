package settings

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// Ensure that there is a warning about an env file that every user can read.
func TestWarnings(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes do not say who can read a file")
	}
	path := useFile(t, "STORAGE=bot.db")
	for mode, want := range map[os.FileMode]int{0o600: 0, 0o640: 0, 0o644: 1, 0o666: 1} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if err := UseEnvFile(path); err != nil {
			t.Fatal(err)
		}
		if got := Warnings(); len(got) != want || want == 1 && !strings.Contains(got[0], "chmod 600 "+path) {
			t.Errorf("with mode %o the warnings are %q", mode, got)
		}
	}
}

// Ensure that there is a warning about each file of a secret that every user can read or change.
func TestWarnings_Secrets(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes do not say who can read a file")
	}
	dir := t.TempDir()
	for name, mode := range map[string]os.FileMode{"ENJO_TOKEN": 0o644, "SLACK_BOT_TOKEN": 0o600, "SLACK_APP_TOKEN": 0o640, "ADMIN_TOKEN": 0o604} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("hunter2"), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		t.Setenv(name+fileSuffix, path)
	}
	t.Setenv("TICKET_WEBHOOK_SECRET"+fileSuffix, filepath.Join(dir, "none"))
	got := Warnings()
	slices.Sort(got)
	want := []string{filepath.Join(dir, "ADMIN_TOKEN"), filepath.Join(dir, "ENJO_TOKEN")}
	if !slices.EqualFunc(got, want, func(warning, path string) bool {
		return strings.HasSuffix(warning, "can read or change the secret in "+path+": run chmod 600 "+path)
	}) {
		t.Errorf("it warns %q of %q", got, want)
	}
}
