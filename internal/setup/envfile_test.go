package setup

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"enjobridge/internal/settings"
)

// wantNoFile checks that the directory is empty.
func (w *world) wantNoFile() {
	w.t.Helper()
	if files, err := os.ReadDir("."); err != nil || len(files) != 0 {
		w.t.Errorf("the directory has %v, error %v", files, err)
	}
}

// Ensure that the bot reads from the file what was entered, with the addresses that are not
// the default ones, and that no other program needs to know quotes.
func TestEnvFile(t *testing.T) {
	t.Chdir(t.TempDir())
	s := session{
		Options: Options{File: "enjobridge.env", Settings: settings.Setup{Kept: map[string]string{"ENJO_API_URL": "https://enjo.example.com/x"}}},
		values: map[string]string{
			"SLACK_BOT_TOKEN": "xoxb-1-2-abcDEF", "SLACK_APP_TOKEN": "xapp-1-A1-2-abc", "ENJO_TOKEN": "eyJ0.a+b/c_d-e=.~!*%&", "ENJO_BOT_ID": "b-1",
		},
	}
	if err := s.save(); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(s.File)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("ENJO_API_URL", "") // the environment would take precedence
	for name, value := range s.values {
		t.Setenv(name, "")
		if problem := settings.Problem(name, value); problem != "" {
			t.Errorf("%s %s", name, problem)
		}
		if !strings.Contains(string(content), "\n"+name+"="+value+"\n") {
			t.Errorf("the file does not have %s as it is:\n%s", name, content)
		}
	}
	t.Cleanup(func() {
		if err := settings.UseEnvFile(""); err != nil {
			t.Error(err)
		}
	})
	if err := settings.UseEnvFile(s.File); err != nil {
		t.Fatal(err)
	}
	config, err := settings.Read()
	if err != nil {
		t.Fatal(err)
	}
	if config.Bot.SlackBotToken != s.values["SLACK_BOT_TOKEN"] || config.Bot.SlackAppToken != s.values["SLACK_APP_TOKEN"] ||
		config.Enjo.Token != s.values["ENJO_TOKEN"] || config.Bot.Agents[0].BotID != s.values["ENJO_BOT_ID"] || config.Enjo.BaseURL != "https://enjo.example.com/x" {
		t.Errorf("the bot reads %+v", config)
	}
	if len(settings.Warnings()) > 0 {
		t.Errorf("the file is not safe: %v", settings.Warnings())
	}
}

// Ensure that a file that appears while the questions are asked is not replaced, unless
// that is wanted, and that no part of the new one is left.
func TestSave_Exists(t *testing.T) {
	for _, force := range []bool{false, true} {
		dir := t.TempDir()
		s := session{Options: Options{File: filepath.Join(dir, "enjobridge.env"), Force: force}, values: map[string]string{"ENJO_BOT_ID": "new"}}
		if err := os.WriteFile(s.File, []byte("old"), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := s.save(); (err == nil) != force {
			t.Errorf("with force %v the error is %v", force, err)
		}
		content, err := os.ReadFile(s.File)
		if err != nil || (string(content) != "old") != force {
			t.Errorf("with force %v the file has %q, error %v", force, content, err)
		}
		info, err := os.Stat(s.File)
		if err != nil || force && info.Mode() != 0o600 {
			t.Errorf("with force %v the file is %v, error %v", force, info, err)
		}
		if files, err := os.ReadDir(dir); err != nil || len(files) != 1 {
			t.Errorf("with force %v the directory has %v, error %v", force, files, err)
		}
	}
}

// Ensure that the command works in a shell, whatever the file's name is.
func TestQuoted(t *testing.T) {
	for word, want := range map[string]string{
		"enjobridge.env": "enjobridge.env", "/etc/enjobridge/bot-1.env": "/etc/enjobridge/bot-1.env",
		"": "''", "my bot.env": "'my bot.env'", "it's.env": `'it'\''s.env'`, "a;b": "'a;b'", "ä.env": "'ä.env'",
	} {
		if got := quoted(word); got != want {
			t.Errorf("quoted(%q) = %s, want %s", word, got, want)
		}
	}
}
