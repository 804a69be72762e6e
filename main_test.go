package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"
)

// TestMain makes the test binary able to be enjobridge itself.
func TestMain(m *testing.M) {
	testscript.Main(suite{m}, map[string]func(){"enjobridge": main})
}

// suite is all tests, after which nothing may run any more.
type suite struct{ tests *testing.M }

// Run runs the tests.
func (s suite) Run() int {
	code := s.tests.Run()
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
