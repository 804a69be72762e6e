package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/rs/zerolog"

	"enjobridge/bot"
	"enjobridge/internal/settings"
	enjosandbox "enjobridge/sandbox/enjo"
	slacksandbox "enjobridge/sandbox/slack"
)

// reloadable runs enjobridge as a process with an env file that can change.
type reloadable struct {
	*operated
	file    string
	process *os.Process
	fixed   string // lines of the file that stay
}

// startReloadable starts a process whose Enjo accepts a token, with more lines in its env
// file.
func startReloadable(t *testing.T, enjoToken, lines string) *reloadable {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("there is no SIGHUP")
	}
	dir := shortDir(t)
	r := &reloadable{operated: &operated{t: t, store: filepath.Join(dir, "bot.db"), log: newLines()}, file: filepath.Join(dir, "bot.env")}
	r.slack, r.enjo = openSandboxes(t, slacksandbox.Config{Manifest: manifest, Speed: 60}, enjosandbox.Config{Token: enjoToken})
	r.fixed = strings.Join([]string{
		"SLACK_API_URL=" + r.slack.APIURL(), "SLACK_APP_TOKEN=" + r.slack.AppToken(), "SLACK_BOT_TOKEN=" + r.slack.BotToken(),
		"ENJO_API_URL=" + r.enjo.URL(), "ENJO_BOT_ID=" + r.enjo.BotID(), "STORAGE=" + filepath.ToSlash(r.store), "HTTP_ADDR=127.0.0.1:0",
	}, "\n") + "\n"
	r.write(lines)
	cmd, _ := command(t.Context(), t, nil, "-env-file", r.file)
	cmd.Stdout, cmd.Stderr = r.log, r.log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	r.process, r.url = cmd.Process, r.served("health and metrics")
	r.log.await(t, "socket is open", 2)
	return r
}

// write replaces the lines of the env file that do not stay.
func (r *reloadable) write(lines string) {
	r.t.Helper()
	if err := os.WriteFile(r.file, []byte(r.fixed+lines), 0o600); err != nil {
		r.t.Fatal(err)
	}
}

// reread has the process read the settings again, and waits for the n-th line with a text.
func (r *reloadable) reread(lines, text string, n int) (logged map[string]any) {
	r.t.Helper()
	r.write(lines)
	if err := r.process.Signal(syscall.SIGHUP); err != nil {
		r.t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(r.log.await(r.t, text, n)), &logged); err != nil {
		r.t.Fatal(err)
	}
	return logged
}

// Ensure that SIGHUP has a running bot use other secrets and another log level, that the
// log names what needs a restart, and that invalid settings change nothing.
func TestReload(t *testing.T) {
	const first, second = "first-admin-token", "second-admin-token"
	r := startReloadable(t, "new-token", "LOG_LEVEL=info\nENJO_TOKEN=old-token\nADMIN_TOKEN="+first)
	update := func(secret string) int {
		status, _ := r.send(http.MethodPost, r.url+"/tickets/IT-1", secret)
		return status
	}
	if status := update(first); status != http.StatusNotFound {
		t.Errorf("without their secret, ticket updates have the status %d", status)
	}

	r.reread("LOG_LEVEL=loud\nADMIN_TOKEN="+second, "settings not re-read, the previous ones stay in use", 1)
	if status, _ := r.get("/backup", first); status != http.StatusOK {
		t.Errorf("after invalid settings, the token has the status %d", status)
	}

	lines := "LOG_LEVEL=debug\nENJO_TOKEN=new-token\nTICKET_WEBHOOK_SECRET=" + first + "\nADMIN_TOKEN=" + second + "\nMAX_WAITING=7"
	logged := r.reread(lines, `"main: settings re-read"`, 1)
	changed, err := json.Marshal(logged["changed"])
	if want := `["ENJO_TOKEN","TICKET_WEBHOOK_SECRET","ADMIN_TOKEN","LOG_LEVEL"]`; err != nil || string(changed) != want {
		t.Errorf("the log says that %s have changed, %v; want %s", changed, err, want)
	}
	if line := r.log.await(t, "settings: changed, but needs a restart", 1); !strings.Contains(line, `["MAX_WAITING"]`) {
		t.Errorf("the log says %s", line)
	}
	for token, want := range map[string]int{first: http.StatusUnauthorized, second: http.StatusOK} {
		if status, _ := r.get("/backup", token); status != want {
			t.Errorf("with the token %s, a backup has the status %d, want %d", token, status, want)
		}
	}
	for secret, want := range map[string]int{first: http.StatusBadRequest, second: http.StatusUnauthorized} {
		if status := update(secret); status != want {
			t.Errorf("with the secret %s, a ticket update has the status %d, want %d", secret, status, want)
		}
	}
	r.answered()
	r.log.await(t, `"level":"debug"`, 1)
	if again := r.reread(lines, `"main: settings re-read"`, 2); len(again["changed"].([]any)) > 0 {
		t.Errorf("without a change, the log says that %v have changed", again["changed"])
	}
	if r.log.contains("needs a restart") != 1 || r.log.contains("-token") > 0 {
		t.Error("the log repeats the need for a restart, or shows a token")
	}
}

// Ensure that a running bot gets each secret, and its own.
func TestSecretsOf(t *testing.T) {
	var c settings.Config
	c.Enjo.Token = "EnjoToken"
	from, to := reflect.ValueOf(&c.Bot).Elem(), reflect.TypeFor[bot.Secrets]()
	for field := range to.Fields() {
		if value := from.FieldByName(field.Name); value.IsValid() {
			value.SetString(field.Name)
		}
	}
	for field, value := range reflect.ValueOf(secretsOf(c)).Fields() {
		if value.String() != field.Name {
			t.Errorf("%s is %q", field.Name, value)
		}
	}
}

// Ensure that a level drops the events below it before they are built, and that it can change.
func TestLogLevel(t *testing.T) {
	var out bytes.Buffer
	level := newLogLevel(zerolog.WarnLevel)
	log := newLog(zerolog.TraceLevel, "json", &out).Sample(level)
	derived := log.With().Str("a", "b").Logger()
	if log.Info().Enabled() || derived.Info().Enabled() || !derived.Warn().Enabled() {
		t.Error("warn does not drop info only")
	}
	level.set(zerolog.DebugLevel)
	if !log.Debug().Enabled() || !derived.Debug().Enabled() || derived.Trace().Enabled() {
		t.Error("debug does not take effect")
	}
	derived.Debug().Msg("shown")
	if !strings.Contains(out.String(), `"level":"debug","a":"b"`) {
		t.Errorf("it logs %s", &out)
	}
}
