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

	"enjobridge/internal/pgtest"
)

// TestMain lets the test binary run as enjobridge, too.
func TestMain(m *testing.M) {
	testscript.Main(suite{m}, map[string]func(){"enjobridge": main, "enjobridge-panic": panicInMain})
}

// panicInMain runs enjobridge with a bug: a goroutine panics.
func panicInMain() {
	go panic("a bug")
	main()
}

// suite runs all tests and then checks for leaked goroutines.
type suite struct{ tests *testing.M }

// Run returns the exit status. It ignores the settings in the environment of the tests.
func (s suite) Run() int {
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "ENJO_") || strings.HasPrefix(name, "SLACK_") {
			if err := os.Unsetenv(name); err != nil {
				panic(err)
			}
		}
	}
	code := pgtest.Run(s.tests)
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// endsAtOnce keeps the race detector from holding up the end of each process for a second.
// https://go.dev/doc/articles/race_detector#Options
const endsAtOnce = "GORACE=atexit_sleep_ms=0"

// Ensure that the command line behaves as in testdata/script.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: filepath.Join("testdata", "script"), Setup: func(e *testscript.Env) error {
		e.Vars = append(e.Vars, endsAtOnce)
		return nil
	}})
}

// command returns a command that runs enjobridge with the environment, and its output.
func command(ctx context.Context, t *testing.T, env []string, args ...string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	cmd := exec.CommandContext(ctx, "enjobridge", args...) // TestMain adds it to the PATH
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), endsAtOnce}, env...)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	return cmd, &output
}

// Ensure that the commands behave as in testdata/running while a bot runs that has answered
// questions of $USER and of another person in $CHANNEL, and refused the message $REFUSED.
func TestScriptsWithABot(t *testing.T) {
	p := practise(t)
	link := p.local.Replace("https://acme.slack.com/archives/C0123ABCD/p1772452800000100")
	testscript.Run(t, testscript.Params{Dir: filepath.Join("testdata", "running"), Setup: func(e *testscript.Env) error {
		e.Vars = append(e.Vars, endsAtOnce, "STORAGE="+p.store, "USER=U0123ABCD", "CHANNEL="+practiceChannel, "REFUSED="+link)
		e.Vars = append(e.Vars, p.env...)
		return nil
	}})
}
