package settings

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Ensure that every secret can be in a file, with spaces and line breaks around it.
func TestSecretFiles(t *testing.T) {
	for _, name := range secrets() {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "secret")
			if err := os.WriteFile(file, []byte(" hunter2\r\n\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			t.Setenv(name, " ") // an empty value does not count
			t.Setenv(name+fileSuffix, file)
			if got := loaded(t, name); got.value != "hunter2" || got.broken {
				t.Errorf("it is %q, broken: %t", got.value, got.broken)
			}
		})
	}
}

// loaded returns a secret of the environment.
func loaded(t *testing.T, name string) secret {
	t.Helper()
	r := reader{}
	env, err := r.load(name)
	if err != nil || r.err() != nil {
		t.Fatal(err, r.err())
	}
	for setting, value := range env.all() {
		if s, ok := value.(*secret); ok && setting.name == name {
			return *s
		}
	}
	t.Fatalf("%s is not a secret", name)
	return secret{}
}

// Ensure that a file that gives no secret is one error, with its path, and without its
// content.
func TestSecretFileProblems(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	empty, large, quoted := write("empty", " \n"), write("large", strings.Repeat("hunter2 ", 10_000)), write("quoted", `"hunter2"`)
	missing := filepath.Join(dir, "none")
	for name, test := range map[string]struct{ value, path, want string }{
		"both":                   {"hunter2", quoted, "ENJO_TOKEN and ENJO_TOKEN_FILE are both set: remove one of them"},
		"missing":                {"", missing, "ENJO_TOKEN_FILE names " + missing + ", which does not exist"},
		"missing, relative":      {"", "secrets/enjo", "ENJO_TOKEN_FILE names secrets/enjo, which does not exist"},
		"directory":              {"", dir, "ENJO_TOKEN_FILE names " + dir + ", which is a directory"},
		"empty":                  {"", empty, "ENJO_TOKEN_FILE names " + empty + ", which is empty"},
		"large":                  {"", large, "ENJO_TOKEN_FILE names " + large + ", which is larger than 64 KiB"},
		"wrong content":          {"", quoted, "ENJO_TOKEN has quotes around its value"},
		"the secret, not a path": {"", "eyJhbGciOi.hunter2", "ENJO_TOKEN_FILE is not the path of a file: for the secret itself, set ENJO_TOKEN"},
		"Slack's token":          {"", "xoxb-hunter2", "ENJO_TOKEN_FILE is not the path of a file"},
		"a random secret":        {"", "hunter2hunter2hunter2", "ENJO_TOKEN_FILE is not the path of a file"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("ENJO_TOKEN", test.value)
			t.Setenv("ENJO_TOKEN_FILE", test.path)
			r := reader{}
			env, err := r.load("ENJO_TOKEN")
			if err != nil {
				t.Fatal(err)
			}
			r.enjoToken("ENJO_TOKEN", env.EnjoToken)
			checkProblem(t, &r, "ENJO_TOKEN", test.want)
		})
	}
}

// Ensure that a file of a secret that is not needed is no problem for a command.
func TestOtherSecretFilesAreIgnored(t *testing.T) {
	t.Setenv("SLACK_BOT_TOKEN", "xoxb-1")
	t.Setenv("ENJO_TOKEN_FILE", filepath.Join(t.TempDir(), "none"))
	if access, err := ReadSlack(); err != nil || access.Token != "xoxb-1" {
		t.Errorf("%v, %v", access, err)
	}
}

// Ensure that ticket updates count as on if their secret cannot be read: the problem is
// the file alone.
func TestBrokenWebhookSecret(t *testing.T) {
	minimal(t)
	t.Setenv("WEBHOOK_ADDR", "127.0.0.1:9091")
	t.Setenv("TICKET_WEBHOOK_SECRET_FILE", t.TempDir())
	_, err := Read()
	if err == nil || strings.Count(err.Error(), "\n") != 1 || !strings.Contains(err.Error(), "which is a directory") {
		t.Errorf("%v", err)
	}
}
