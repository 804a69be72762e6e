package main

import (
	"path/filepath"
	"strings"
	"testing"

	"enjobridge/internal/pgtest"
	"enjobridge/storage"
)

// Ensure that a store is copied to a database and back by commands that say what they would do,
// and what they have done, and that both are checked.
func TestMigrate(t *testing.T) {
	url := strings.Replace(pgtest.Database(t), "enjobridge@", "enjobridge:hunter2@", 1)
	dir := t.TempDir()
	file, back := filepath.Join(dir, "bot.db"), filepath.Join(dir, "back.db")
	store := newStore(t, file)
	if err := store.SetPreferences(t.Context(), storage.Preferences{User: "U0123ABCD", TicketNews: true}); err != nil {
		t.Fatal(err)
	}
	inUse := func(args ...string) {
		t.Helper()
		cmd, output := command(t.Context(), t, []string{"STORAGE=" + url}, args...)
		if status := exitStatus(t, cmd); status != exitFailure || !strings.Contains(output.String(), "another enjobridge is using "+file) {
			t.Errorf("%v ended with status %d:\n%s", args, status, output)
		}
	}
	inUse("migrate", "-from", file)
	inUse("migrate", "-from", file, "-dry-run")
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	says := func(want string, args ...string) {
		t.Helper()
		cmd, output := command(t.Context(), t, []string{"STORAGE=" + url}, args...)
		if err := cmd.Run(); err != nil || !strings.Contains(output.String(), want) || strings.Contains(output.String(), "hunter2") {
			t.Errorf("%v does not say %q: %v\n%s", args, want, err, output)
		}
	}
	says("nothing was written: migrate would copy 1 record from "+file+" to postgres://127.0.0.1", "migrate", "-from", file, "-dry-run")
	says("copied and verified 1 record from "+file+" to postgres://127.0.0.1", "migrate", "-from", file)
	says("no problems", "check-store")
	says("nothing was written: migrate would copy 1 record from postgres://127.0.0.1", "migrate", "-to", back, "-dry-run")
	says("copied and verified 1 record from postgres://127.0.0.1", "migrate", "-to", back)
	says("no problems", "check-store", back)
}
