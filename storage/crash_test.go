package storage_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"go.uber.org/goleak"

	"enjobridge/storage"
)

// Some tests run this program again as a child process that is killed or has a full disk.
// These variables tell the child what to do.
const (
	childTask  = "STORAGE_TEST_TASK"
	childStore = "STORAGE_TEST_STORE"
	childFirst = "STORAGE_TEST_FIRST" // the number of the first question
	childStep  = "STORAGE_TEST_STEP"  // the step of a migration
)

func TestMain(m *testing.M) {
	switch os.Getenv(childTask) {
	case "write":
		writeForever()
	case "fill":
		fillDisk()
	case "migrate":
		migrateChild()
	default:
		goleak.VerifyTestMain(m)
	}
}

// child returns the command that runs this program again.
func child(t *testing.T, task, path string, first int) *exec.Cmd {
	t.Helper()
	program, err := os.Executable()
	must(t, err)
	command := exec.CommandContext(t.Context(), program)
	command.Env = append(os.Environ(),
		childTask+"="+task, childStore+"="+path, fmt.Sprintf("%s=%d", childFirst, first))
	command.Stderr = os.Stderr
	return command
}

// steps are the states of a question whose transitions the child acknowledges.
var steps = []storage.State{"", storage.Queued, storage.Asking, storage.Answered, storage.Delivered}

// Ensure that all acknowledged writes survive a SIGKILL.
func TestBolt_Killed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "enjobridge.db")
	acknowledged := make(map[int]int) // the steps by the number of the question
	for round, lines := range []int{1, 40, 400} {
		command := child(t, "write", path, 1_000_000*round)
		output, err := command.StdoutPipe()
		must(t, err)
		must(t, command.Start())
		readAcknowledged(t, output, acknowledged, func(read int) {
			if read == lines {
				must(t, command.Process.Kill())
			}
		})
		if err := command.Wait(); err == nil {
			t.Fatal("the child ended before it was killed")
		}
		checkAcknowledged(t, path, acknowledged)
	}
}

// readAcknowledged reads the acknowledged steps of a child until it ends.
func readAcknowledged(t *testing.T, output io.Reader, acknowledged map[int]int, after func(read int)) {
	t.Helper()
	lines := bufio.NewScanner(output)
	for read := 1; lines.Scan(); read++ {
		var number, step int
		if _, err := fmt.Sscanf(lines.Text(), "%d %d.", &number, &step); err != nil {
			t.Fatalf("the child printed %q: %v", lines.Text(), err)
		}
		acknowledged[number] = max(acknowledged[number], step)
		after(read)
	}
	must(t, lines.Err())
}

// checkAcknowledged compares a store with the acknowledged steps. A question may be one
// step further, because the child was killed before it printed the step.
func checkAcknowledged(t *testing.T, path string, acknowledged map[int]int) {
	t.Helper()
	s := open(t, path, storage.BoltOptions{})
	defer closeStore(t, s)
	_, err := s.Unfinished(t.Context())
	must(t, err)
	for number, step := range acknowledged {
		q, err := s.Question(t.Context(), ask(number).ID)
		must(t, err)
		if q.State != steps[step] && (step+1 == len(steps) || q.State != steps[step+1]) {
			t.Errorf("question %d is %s, but was acknowledged as %s", number, q.State, steps[step])
		}
		thread, err := s.Thread(t.Context(), q.Thread)
		must(t, err)
		tickets, err := s.Tickets(t.Context(), q.Thread)
		must(t, err)
		if answered := q.Outcome != nil; (thread.Conversation != "") != answered || (len(tickets) == 1) != answered {
			t.Errorf("question %d is %s, but its thread is %+v with %d tickets", number, q.State, thread, len(tickets))
		}
	}
}

// writeForever is a child's task: goroutines write concurrently and print each step.
func writeForever() {
	s, first := openChild()
	var all sync.WaitGroup
	for writer := range 8 {
		all.Go(func() {
			for number := first + writer; ; number += 8 {
				writeOne(s, number)
			}
		})
	}
	all.Wait()
}

// openChild opens the child's store and returns it with the number of the first question.
func openChild() (s *storage.Bolt, first int) {
	s, err := storage.OpenBolt(os.Getenv(childStore), storage.BoltOptions{})
	if err != nil {
		panic(err)
	}
	if _, err := fmt.Sscan(os.Getenv(childFirst), &first); err != nil {
		panic(err)
	}
	return s, first
}

// writeOne takes a question through all its states and prints each step.
func writeOne(s *storage.Bolt, number int) {
	ctx, q := background, ask(number)
	for i, step := range []func() error{
		func() error { _, err := s.Accept(ctx, q, threadOf(q)); return err },
		func() error { _, err := s.Claim(ctx, q.ID, nil, epoch); return err },
		func() error { return s.SetOutcome(ctx, q.ID, answer(number), epoch) },
		func() error { return s.End(ctx, q.ID, storage.Delivered, []string{q.ID.TS}, epoch) },
	} {
		if err := step(); err != nil {
			panic(err)
		}
		fmt.Printf("%d %d.\n", number, i+1)
	}
}

// Ensure that writes fail on a full disk, that stored data is not lost, and that writes
// succeed again after space is freed.
func TestBolt_DiskFull(t *testing.T) {
	if !filesHaveLimits {
		t.Skip("only Linux and macOS can limit the size of a file")
	}
	path := filepath.Join(t.TempDir(), "enjobridge.db")
	output, err := child(t, "fill", path, 0).Output()
	must(t, err)
	acknowledged := make(map[int]int)
	readAcknowledged(t, strings.NewReader(string(output)), acknowledged, func(int) {})
	if len(acknowledged) < 10 {
		t.Fatalf("the child accepted %d questions; want more", len(acknowledged))
	}
	checkAcknowledged(t, path, acknowledged)
}

// fillDisk is a child's task: it writes until the disk is full, and again after space is
// freed. A limit on the file size simulates the full disk.
func fillDisk() {
	s, number := openChild()
	limitFiles(256 << 10)
	var err error
	for {
		if _, err = s.Accept(background, ask(number), threadOf(ask(number))); err != nil {
			break
		}
		fmt.Printf("%d 1.\n", number)
		number++
	}
	if !errors.Is(err, syscall.EFBIG) {
		panic(err)
	}
	if _, err := s.Question(background, ask(number).ID); !errors.Is(err, storage.ErrNotFound) {
		panic(err)
	}
	limitFiles(1 << 30)
	for range 10 {
		if fresh, err := s.Accept(background, ask(number), threadOf(ask(number))); err != nil || !fresh {
			panic(fmt.Sprint("after space was freed: ", fresh, err))
		}
		fmt.Printf("%d 1.\n", number)
		number++
	}
}
