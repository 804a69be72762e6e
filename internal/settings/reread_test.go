package settings

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// rewrite replaces the content of a file.
func rewrite(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Ensure that the env file and the files of secrets are read again, and that the changes
// are named: those that a running bot can use, and those that it cannot.
func TestReread(t *testing.T) {
	const required = "SLACK_APP_TOKEN=xapp-1\nSLACK_BOT_TOKEN=xoxb-1\nENJO_BOT_ID=bot\n"
	token := filepath.Join(t.TempDir(), "token")
	rewrite(t, token, "first")
	t.Setenv("ENJO_TOKEN_FILE", token)
	t.Setenv("MAX_WAITING", "7")
	path := useFile(t, required+"LOG_LEVEL=debug\nMAX_WAITING=8\nRETENTION=30d\nWELCOME=false")
	config, err := Read()
	if err != nil {
		t.Fatal(err)
	}
	reread := func(want Changes) {
		t.Helper()
		var got Changes
		if config, got, err = Reread(config); err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("the changes are %+v, %v; want %+v", got, err, want)
		}
	}
	reread(Changes{})
	rewrite(t, token, "second\n")
	rewrite(t, path, required+"LOG_LEVEL=WARN\nMAX_WAITING=9\nRETENTION=20d\nADMIN_TOKEN=sixteen-or-more-letters")
	reread(Changes{Live: []string{"ENJO_TOKEN", "ADMIN_TOKEN", "LOG_LEVEL"}, Restart: []string{"WELCOME", "RETENTION"}})
	if config.Enjo.Token != "second" || config.LogLevel.String() != "warn" || config.Bot.MaxWaiting != 7 || !config.Bot.Welcome {
		t.Errorf("it reads %+v", config)
	}
	reread(Changes{})
}

// Ensure that invalid settings are an error and that the env file before them is used
// again, also if the file itself is invalid or gone.
func TestRereadInvalid(t *testing.T) {
	const valid = "SLACK_APP_TOKEN=xapp-1\nSLACK_BOT_TOKEN=xoxb-1\nENJO_TOKEN=token\nENJO_BOT_ID=bot\nSTORAGE=first.db\n"
	path := useFile(t, valid)
	config, err := Read()
	if err != nil {
		t.Fatal(err)
	}
	for content, want := range map[string]string{
		"STORAGE=second.db":               "SLACK_APP_TOKEN is missing",
		valid + "LOG_LEVEL=loud":          "LOG_LEVEL must be",
		"STORAGE=second.db\nxoxb-hunter2": path + ":2 has no =",
		valid + "ALLOWED_CHANNEL=C1":      "rename it to ALLOWED_CHANNELS",
	} {
		rewrite(t, path, content)
		if _, _, err := Reread(config); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, want %q", err, want)
		}
		if store, err := ReadStorage(); err != nil || store.File != "first.db" {
			t.Errorf("afterwards STORAGE is %s, %v", store, err)
		}
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Reread(config); err == nil || !strings.Contains(err.Error(), "does not exist") {
		t.Errorf("without the file, the error is %v", err)
	}
	rewrite(t, path, valid+"STALE_AFTER=1h")
	if _, changes, err := Reread(config); err != nil || !reflect.DeepEqual(changes, Changes{Restart: []string{"STALE_AFTER"}}) {
		t.Errorf("once it is valid again, the changes are %+v, %v", changes, err)
	}
}
