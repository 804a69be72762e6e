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
	withMutants     = flag.Bool("sim.mutants", false, "put faults into the program, one at a time, and see whether the simulation finds them")
	mutantNamed     = flag.String("sim.mutant", "", "put in only the faults whose names contain this text")
	mutantsJudges   = flag.String("sim.mutants.run", judges, "the tests that have to find the faults")
	mutantsParallel = flag.Int("sim.mutants.parallel", 1, "how many faults are judged at once")
)

const (
	// judges are the tests that have to find the faults.
	judges = "^(TestPromises|TestCrashOnce|TestWriteFailsOnce|TestReadFailsOnce|TestCrashAgainAndAgain|TestSimulation|TestQuietDay|TestOneSeedTellsOneStory)$"
	// withoutDeaths is the flag with which the stories are played alive only. That takes
	// a tenth of the time, and most faults show.
	withoutCrashes = "-sim.point=no point contains this"
	// mutantWithin is how long the tests may take. A fault that makes them take
	// longer is found.
	mutantWithin = 5 * time.Minute
	// leastMutants is how many faults there are at least.
	leastMutants = 40
	// leastCaught is the part of the faults that has to be found.
	leastCaught = 0.95
)

// Ensure that each mutant changes the program, in one place.
func TestMutantsApply(t *testing.T) {
	t.Parallel()
	if len(mutants) < leastMutants {
		t.Errorf("there are %d mutants, which is less than %d", len(mutants), leastMutants)
	}
	names := make(map[string]bool)
	for _, m := range mutants {
		if m.name == "" || m.breaks == "" || names[m.name] {
			t.Errorf("%q has no name or no promise, or another mutant has its name", m.name)
		}
		names[m.name] = true
		if _, err := m.apply(); err != nil {
			t.Errorf("%s: %v", m.name, err)
		}
	}
}

// Ensure that the simulation finds faults in the program.
func TestMutants(t *testing.T) {
	if !*withMutants {
		t.Skip("go test ./sim -run '^TestMutants$' -sim.mutants -timeout 0 -v runs it; -sim.mutant=NAME picks some")
	}
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	// A simulation that finds faults where there are none judges nothing.
	asItIs := mutant{name: "the program as it is"}.judge(t, root)
	if t.Logf("%v", asItIs); asItIs.err != nil || asItIs.caught {
		t.Fatalf("the program as it is fails, so nothing can be judged:\n%s", asItIs.output)
	}
	var chosen []mutant
	for _, m := range mutants {
		if strings.Contains(m.name, *mutantNamed) {
			chosen = append(chosen, m)
		}
	}
	report(t, judgeMutants(t, root, chosen))
}

// judgeMutants judges mutants, a few at a time.
func judgeMutants(t *testing.T, root string, chosen []mutant) []judgement {
	judged := make([]judgement, len(chosen))
	places := make(chan struct{}, max(1, *mutantsParallel))
	var judging sync.WaitGroup
	for n, m := range chosen {
		places <- struct{}{}
		judging.Go(func() {
			defer func() { <-places }()
			judged[n] = m.judge(t, root)
			t.Logf("%v", judged[n])
		})
	}
	judging.Wait()
	return judged
}

// report tells which mutants survive, and fails if there are too many of them.
func report(t *testing.T, judged []judgement) {
	t.Helper()
	caught, due := 0, 0
	for _, j := range judged {
		m := j.mutant
		switch {
		case j.err != nil:
			t.Errorf("%s cannot be judged: %v\n%s", m.name, j.err, j.output)
		case m.survives != "" && j.caught:
			t.Logf("%s is found, although it was not to be, because %s", m.name, m.survives)
			continue
		case m.survives != "":
			t.Logf("%s survives, as it has to, because %s", m.name, m.survives)
			continue
		case j.caught:
			caught++
		default:
			t.Logf("SURVIVES: %s, in %s, breaks the promise that %s", m.name, m.file, m.breaks)
		}
		due++
	}
	t.Logf("%d of %d mutants are caught", caught, due)
	if float64(caught) < leastCaught*float64(due) {
		t.Errorf("%d of %d mutants are caught, which is less than %.0f %%", caught, due, 100*leastCaught)
	}
}

// judgement is what became of a mutant.
type judgement struct {
	mutant  mutant
	err     error // it could not be judged
	caught  bool
	finding string // the first one
	output  string // of what failed
	took    time.Duration
}

// String tells it in one line.
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

// apply returns the mutant's file with the fault in it.
func (m mutant) apply() ([]byte, error) {
	text, err := os.ReadFile(filepath.Join("..", filepath.FromSlash(m.file)))
	if err != nil {
		return nil, err
	}
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")) // as a checkout may have it
	switch n := bytes.Count(text, []byte(m.old)); {
	case m.old == m.new:
		return nil, errors.New("it changes nothing")
	case n != 1:
		return nil, fmt.Errorf("what it changes occurs %d times in %s", n, m.file)
	}
	return bytes.Replace(text, []byte(m.old), []byte(m.new), 1), nil
}

// judge builds the simulation with the fault in the program, and runs it. A mutant
// without a file is the program as it is.
func (m mutant) judge(t *testing.T, root string) judgement {
	j, begin := judgement{mutant: m}, time.Now()
	dir := t.TempDir()
	program := filepath.Join(dir, "simulation.test.exe")
	if j.output, j.err = m.build(t.Context(), root, dir, program); j.err == nil {
		if j.run(t.Context(), root, dir, program, withoutCrashes); !j.caught && j.err == nil {
			j.run(t.Context(), root, dir, program)
		}
	}
	j.took = time.Since(begin)
	return j
}

// build builds the simulation with the fault in the program, and returns what the
// go command said.
func (m mutant) build(ctx context.Context, root, dir, program string) (string, error) {
	overlay := filepath.Join(dir, "overlay.json")
	if err := m.writeOverlay(root, dir, overlay); err != nil {
		return "", err
	}
	build := exec.CommandContext(ctx, "go", "test", "-c", "-ldflags=-s -w", "-overlay", overlay, "-o", program, "./sim")
	build.Dir = root
	output, err := build.CombinedOutput()
	if err != nil {
		return string(output), fmt.Errorf("building it: %w", err)
	}
	return "", nil
}

// writeOverlay writes what makes the go command take the changed file for the
// mutant's. https://pkg.go.dev/cmd/go#hdr-Compile_packages_and_dependencies
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

// run runs a simulation, which catches the mutant if it fails.
func (j *judgement) run(ctx context.Context, root, dir, program string, flags ...string) {
	// A mutant may hang where the time-out of its own tests does not reach it.
	within, cancel := context.WithTimeout(ctx, mutantWithin+time.Minute)
	defer cancel()
	flags = append([]string{"-test.run", *mutantsJudges, "-test.failfast", "-test.timeout", mutantWithin.String()}, flags...)
	simulation := exec.CommandContext(within, program, flags...)
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

// findings are the lines of a test's output that tell what is wrong.
var findings = regexp.MustCompile(`(?m)^\s*(?:\w+_test\.go:\d+: (?:seed \d+: |the stories differ|\d+ questions made).*|panic: .*|fatal error: .*)$`)

// firstFinding returns what a simulation found first.
func firstFinding(output string) string {
	found := findings.FindString(output)
	if found == "" {
		found = output
	}
	return fmt.Sprintf("%.200s", strings.TrimSpace(found))
}
