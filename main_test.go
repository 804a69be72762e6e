package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"
)

// TestMain makes the test binary able to be enjobridge itself.
func TestMain(m *testing.M) {
	testscript.Main(suite{m}, map[string]func(){"enjobridge": main})
}

// suite is all tests, after which the browser is closed and nothing may run any more.
type suite struct{ tests *testing.M }

// Run runs the tests.
func (s suite) Run() int {
	code := s.tests.Run()
	chromium.Close()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// Ensure that the command line is as testdata/script shows it.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: filepath.Join("testdata", "script")})
}

// Ensure that a secret shows itself nowhere.
func TestSecretIsRedacted(t *testing.T) {
	var s secret
	if err := s.Decode("xoxb-hush"); err != nil {
		t.Fatal(err)
	}
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		if shown := fmt.Sprintf(format+format+format, s, &s, struct{ S secret }{s}); strings.Contains(shown, "hush") {
			t.Errorf("%s shows %s", format, shown)
		}
	}
	if s.reveal() != "xoxb-hush" {
		t.Error("the secret cannot be used")
	}
}

// Ensure that docs/configuration.md has every setting, with its default.
func TestConfigurationIsDocumented(t *testing.T) {
	doc, err := os.ReadFile(filepath.Join("docs", "configuration.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range settings() {
		row := "| `" + s.name + "` |"
		_, rest, ok := strings.Cut(string(doc), row)
		line, _, _ := strings.Cut(rest, "\n")
		switch {
		case !ok:
			t.Errorf("docs/configuration.md has no row for %s", s.name)
		case s.preset != "" && !strings.Contains(line, "`"+s.preset+"`"):
			t.Errorf("docs/configuration.md does not say that %s is %s by default", s.name, s.preset)
		}
	}
}

// command is enjobridge as a process of its own, with an environment of its own.
func command(ctx context.Context, t *testing.T, env []string, args ...string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// testscript.Main runs the command that the binary's name says.
	link := filepath.Join(t.TempDir(), "enjobridge")
	if err := os.Symlink(self, link); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, link, args...)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}, env...)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	return cmd, &output
}
