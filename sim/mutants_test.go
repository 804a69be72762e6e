package sim_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

var (
	withMutants     = flag.Bool("sim.mutants", false, "apply the mutants one at a time, and check whether the simulation detects them")
	mutantNamed     = flag.String("sim.mutant", "", "apply only the mutants whose names contain this text")
	mutantsJudges   = flag.String("sim.mutants.run", judges, "the tests that must detect the mutants")
	mutantsParallel = flag.Int("sim.mutants.parallel", 1, "how many mutants are tested concurrently")
)

const (
	// judges are the tests that must detect the mutants.
	judges = "^(TestPromises|TestCrashOnce|TestWriteFailsOnce|TestReadFailsOnce|TestCrashAgainAndAgain|TestSimulation|TestQuietDay|TestOneSeedTellsOneStory)$"
	// withoutCrashes is the flag that plays the stories without crashes. That takes a tenth
	// of the time and detects most mutants.
	withoutCrashes = "-sim.point=no point contains this"
	// mutantWithin is the time limit of the tests. A mutant that exceeds it is detected. On a
	// busy machine the limit is mutantSlower times what the unchanged program takes, which
	// has unchangedWithin.
	mutantWithin    = 5 * time.Minute
	mutantSlower    = 3
	unchangedWithin = 30 * time.Minute
	// leastMutants is the minimum number of mutants.
	leastMutants = 40
	// leastCaught is the minimum share of the mutants that must be detected.
	leastCaught = 0.95
)

// Ensure that each mutant changes exactly one place of the program.
func TestMutantsApply(t *testing.T) {
	t.Parallel()
	if len(allMutants) < leastMutants {
		t.Errorf("there are %d mutants, which is less than %d", len(allMutants), leastMutants)
	}
	names := make(map[string]bool)
	for _, m := range allMutants {
		if m.name == "" || m.breaks == "" || names[m.name] {
			t.Errorf("%q has no name or no promise, or another mutant has its name", m.name)
		}
		names[m.name] = true
		if _, err := m.apply(); err != nil {
			t.Errorf("%s: %v", m.name, err)
		}
	}
}

// Ensure that the simulation detects bugs in the program.
func TestMutants(t *testing.T) {
	if !*withMutants {
		t.Skip("go test ./sim -run '^TestMutants$' -sim.mutants -timeout 0 -v runs it; -sim.mutant=NAME picks some")
	}
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	// If the simulation fails without a mutant, its results mean nothing.
	unchanged := mutant{name: "the unchanged program"}.judge(t, root, unchangedWithin)
	if t.Logf("%v", unchanged); unchanged.err != nil || unchanged.caught {
		t.Fatalf("the unchanged program fails, so mutants cannot be tested:\n%s", unchanged.output)
	}
	var chosen []mutant
	for _, m := range allMutants {
		if strings.Contains(m.name, *mutantNamed) {
			chosen = append(chosen, m)
		}
	}
	report(t, judgeMutants(t, root, chosen, max(mutantWithin, mutantSlower*unchanged.took)))
}

// judgeMutants tests mutants with a time limit for each, a few concurrently.
func judgeMutants(t *testing.T, root string, chosen []mutant, within time.Duration) []judgement {
	judged := make([]judgement, len(chosen))
	slots := make(chan struct{}, max(1, *mutantsParallel))
	var judging sync.WaitGroup
	for n, m := range chosen {
		slots <- struct{}{}
		judging.Go(func() {
			defer func() { <-slots }()
			judged[n] = m.judge(t, root, within)
			t.Logf("%v", judged[n])
		})
	}
	judging.Wait()
	return judged
}

// report logs the surviving mutants, and fails if there are too many.
func report(t *testing.T, judged []judgement) {
	t.Helper()
	caught, total := 0, 0
	for _, j := range judged {
		m := j.mutant
		switch {
		case j.err != nil:
			t.Errorf("%s cannot be tested: %v\n%s", m.name, j.err, j.output)
		case m.survives != "" && j.caught:
			t.Logf("%s is detected, although it was expected to survive, because %s", m.name, m.survives)
			continue
		case m.survives != "":
			t.Logf("%s survives as expected, because %s", m.name, m.survives)
			continue
		case j.caught:
			caught++
		default:
			t.Logf("SURVIVES: %s, in %s, should break this promise: %s", m.name, m.file, m.breaks)
		}
		total++
	}
	t.Logf("%d of %d mutants are caught", caught, total)
	if float64(caught) < leastCaught*float64(total) {
		t.Errorf("%d of %d mutants are caught, which is less than %.0f %%", caught, total, 100*leastCaught)
	}
}

// judgement is the result of testing a mutant.
type judgement struct {
	mutant  mutant
	err     error // it could not be tested
	caught  bool
	finding string // the first failure
	output  string // of the failed command
	took    time.Duration
}

// String returns the judgement as one line.
func (j judgement) String() string {
	what := "survives"
	switch {
	case j.err != nil:
		what = "ERROR"
	case j.caught:
		what = "caught"
	}
	return fmt.Sprintf("%-8s %4.0f s  %-55s %s", what, j.took.Seconds(), j.mutant.name, j.finding)
}

// apply returns the content of the mutant's file after the change.
func (m mutant) apply() ([]byte, error) {
	text, err := os.ReadFile(filepath.Join("..", filepath.FromSlash(m.file)))
	if err != nil {
		return nil, err
	}
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")) // a checkout on Windows may have these
	switch n := bytes.Count(text, []byte(m.old)); {
	case m.old == m.new:
		return nil, errors.New("the mutant changes nothing")
	case n != 1:
		return nil, fmt.Errorf("the old text occurs %d times in %s", n, m.file)
	}
	return bytes.Replace(text, []byte(m.old), []byte(m.new), 1), nil
}

// judge builds the simulation with the mutated program, and runs it with a time limit. A
// mutant without a file does not change the program.
func (m mutant) judge(t *testing.T, root string, within time.Duration) judgement {
	j, begin := judgement{mutant: m}, time.Now()
	dir := t.TempDir()
	program := filepath.Join(dir, "simulation.test.exe")
	if j.output, j.err = m.build(t.Context(), root, dir, program); j.err == nil {
		if j.run(t.Context(), root, dir, program, within, withoutCrashes); !j.caught && j.err == nil {
			j.run(t.Context(), root, dir, program, within)
		}
	}
	j.took = time.Since(begin)
	return j
}

// build builds the simulation with the mutated program, and returns the output of the go
// command.
func (m mutant) build(ctx context.Context, root, dir, program string) (string, error) {
	overlay := filepath.Join(dir, "overlay.json")
	if err := m.writeOverlay(root, dir, overlay); err != nil {
		return "", err
	}
	build := exec.CommandContext(ctx, "go", "test", "-c", "-ldflags=-s -w", "-overlay", overlay, "-o", program, "./sim")
	build.Dir = root
	output, err := build.CombinedOutput()
	if err != nil {
		return string(output), fmt.Errorf("build the mutant: %w", err)
	}
	return "", nil
}

// writeOverlay writes the overlay that replaces the mutant's file with the changed one.
// https://pkg.go.dev/cmd/go#hdr-Compile_packages_and_dependencies
func (m mutant) writeOverlay(root, dir, overlay string) error {
	replaced := make(map[string]string)
	if m.file != "" {
		text, err := m.apply()
		if err != nil {
			return err
		}
		changed := filepath.Join(dir, "changed.go")
		if err := os.WriteFile(changed, text, 0o600); err != nil {
			return err
		}
		replaced[filepath.Join(root, filepath.FromSlash(m.file))] = changed
	}
	text, err := json.Marshal(map[string]any{"Replace": replaced})
	if err != nil {
		return err
	}
	return os.WriteFile(overlay, text, 0o600)
}

// run runs a simulation with a time limit. If it fails, the mutant is caught.
func (j *judgement) run(ctx context.Context, root, dir, program string, within time.Duration, flags ...string) {
	// A mutant may hang in a way that the timeout of its tests does not end.
	limited, cancel := context.WithTimeout(ctx, within+time.Minute)
	defer cancel()
	flags = append([]string{"-test.run", *mutantsJudges, "-test.failfast", "-test.timeout", within.String()}, flags...)
	simulation := exec.CommandContext(limited, program, flags...)
	simulation.Dir = filepath.Join(root, "sim")
	simulation.Env = append(os.Environ(), "TMPDIR="+dir, "TMP="+dir)
	output, err := simulation.CombinedOutput()
	_, failed := errors.AsType[*exec.ExitError](err)
	switch {
	case ctx.Err() != nil:
		j.err = context.Cause(ctx)
	case failed:
		j.caught, j.output = true, string(output)
		j.finding = firstFinding(j.output)
	default:
		j.err = err
	}
}

// findings matches the lines of a test's output that describe a failure.
var findings = regexp.MustCompile(`(?m)^\s*(?:\w+_test\.go:\d+: (?:seed \d+: |the stories differ|\d+ questions made).*|panic: .*|fatal error: .*)$`)

// firstFinding returns the first failure in the output of a simulation.
func firstFinding(output string) string {
	found := findings.FindString(output)
	if found == "" {
		found = output
	}
	return fmt.Sprintf("%.200s", strings.TrimSpace(found))
}
