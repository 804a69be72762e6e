package settings

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// useFile uses an env file with a content until the test ends, and returns its path.
func useFile(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bot.env")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = UseEnvFile("") })
	if err := UseEnvFile(path); err != nil {
		t.Fatal(err)
	}
	return path
}

// Ensure that an env file sets what the environment does not, for every way to read
// settings, and that its variables go when another file takes its place.
func TestUseEnvFile(t *testing.T) {
	t.Setenv("LOG_LEVEL", "warn")
	t.Setenv("MAX_WAITING", "") // counts as not set
	useFile(t, "SLACK_APP_TOKEN=xapp-1\nSLACK_BOT_TOKEN='xoxb-1'\nENJO_TOKEN=token\nENJO_BOT_ID=bot\nexport LOG_LEVEL=debug\nMAX_WAITING=7\nSTORAGE=bot.db\nWELCOME=")
	c, err := Read()
	if err != nil {
		t.Fatal(err)
	}
	if c.Bot.SlackBotToken != "xoxb-1" || c.LogLevel.String() != "warn" || c.Bot.MaxWaiting != 7 || !c.Bot.Welcome {
		t.Errorf("it reads %+v", c)
	}
	if socket, err := AdminSocket(); err != nil || socket != "bot.db.sock" {
		t.Errorf("the admin socket is %s, %v", socket, err)
	}
	if access, err := ReadSlack(); err != nil || access.Token != "xoxb-1" {
		t.Errorf("the access to Slack is %v, %v", access, err)
	}
	useFile(t, "STORAGE=other.db")
	if store, err := ReadStorage(); err != nil || store.File != "other.db" {
		t.Errorf("with another file, the store is %s, %v", store, err)
	}
	if err := UseEnvFile(""); err != nil {
		t.Fatal(err)
	}
	if os.Getenv("SLACK_BOT_TOKEN") != "" || os.Getenv("STORAGE") != "" || os.Getenv("LOG_LEVEL") != "warn" {
		t.Error("without a file, its variables are still set")
	}
}

// Ensure that a secret in the environment takes precedence over the file's variable for the
// path of the same secret, and the other way around.
func TestEnvironmentTakesPrecedenceForSecrets(t *testing.T) {
	secretFile := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(secretFile, []byte("from-a-file"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("ENJO_TOKEN", "from-the-environment")
	t.Setenv("ADMIN_TOKEN_FILE", secretFile)
	useFile(t, "ENJO_TOKEN_FILE="+filepath.ToSlash(secretFile)+"\nADMIN_TOKEN=in-the-env-file")
	if got := loaded(t, "ENJO_TOKEN").reveal(); got != "from-the-environment" {
		t.Errorf("ENJO_TOKEN is %s", got)
	}
	if got := loaded(t, "ADMIN_TOKEN").reveal(); got != "from-a-file" {
		t.Errorf("ADMIN_TOKEN is %s", got)
	}
}

// Ensure that variables for other programs in an env file change nothing, but that those
// for connections do.
func TestOtherVariablesOfEnvFile(t *testing.T) {
	t.Setenv("HTTPS_PROXY", "")
	t.Setenv("PATH", os.Getenv("PATH"))
	before := os.Getenv("PATH")
	useFile(t, "PATH=/nowhere\nENJOBRIDGE_TEST=1\nHTTPS_PROXY=http://proxy.example.com:3128")
	if os.Getenv("PATH") != before || os.Getenv("ENJOBRIDGE_TEST") != "" {
		t.Error("variables for other programs are set")
	}
	if os.Getenv("HTTPS_PROXY") != "http://proxy.example.com:3128" {
		t.Error("HTTPS_PROXY is not set")
	}
}

// Ensure that an invalid env file is an error with all of its problems, and that the file
// in use stays.
func TestInvalidEnvFile(t *testing.T) {
	t.Setenv("STORAGE", "")
	useFile(t, "STORAGE=bot.db")
	dir := t.TempDir()
	bad := filepath.Join(dir, "bad.env")
	if err := os.WriteFile(bad, []byte("STORAGE=x.db\nxoxb-hunter2\n\nENJO_TOKEN='hunter2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string][]string{
		bad:                        {bad + ":2 has no =", bad + ":4 sets ENJO_TOKEN, but the quotes are not closed"},
		dir:                        {"the env file " + dir + " is a directory"},
		filepath.Join(dir, "none"): {"the env file " + filepath.Join(dir, "none") + " does not exist"},
	} {
		err := UseEnvFile(path)
		if _, ok := err.(*Error); !ok || strings.Contains(err.Error(), "hunter2") {
			t.Fatalf("the error is %v", err)
		}
		for _, text := range want {
			if !strings.Contains(err.Error(), text) {
				t.Errorf("the error is %v, want %q", err, text)
			}
		}
	}
	if store, err := ReadStorage(); err != nil || store.File != "bot.db" {
		t.Errorf("afterwards the store is %s, %v", store, err)
	}
}
