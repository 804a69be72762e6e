package sim_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"enjobridge/bot"
	"enjobridge/enjo"
	"enjobridge/storage"
	"enjobridge/storage/postgres"
)

// processEnv is the environment variable with the settings of a bot process, as JSON.
const processEnv = "ENJOBRIDGE_TEST_PROCESS"

// The exit statuses of a bot process.
const (
	exitFailed = 1 // the bot ended with an error
	exitLeak   = 4 // it left goroutines behind
)

// settings are the settings of a bot process.
type settings struct {
	Bot   bot.Config
	Agent enjo.Config
	// Store is a file, or the address of a database.
	Store string
	// Replica is the name of one of several processes over a database.
	Replica string
	// Steps are the changes of the clock.
	Steps []step
	// Watch is the interval in which the process prints its usage; 0 means never.
	Watch time.Duration
}

// runAsProcess runs the bot and exits if the test binary was started as a bot process.
func runAsProcess() {
	given, ok := os.LookupEnv(processEnv)
	if !ok {
		return
	}
	var s settings
	err := json.Unmarshal([]byte(given), &s)
	if err == nil {
		err = s.run()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "the bot ended:", err)
		os.Exit(exitFailed)
	}
	if err := goleak.Find(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(exitLeak)
	}
	os.Exit(0)
}

// run runs the bot until the process gets SIGTERM.
func (s settings) run() (err error) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	store, err := s.open(ctx)
	if ctx.Err() != nil && err != nil {
		return nil // it was stopped while it waited for the database
	} else if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	agent, err := enjo.New(s.Agent)
	if err != nil {
		return err
	}
	defer agent.Close()
	log := zerolog.New(os.Stderr).Level(zerolog.InfoLevel).With().Timestamp()
	if s.Replica != "" {
		log = log.Str("process", s.Replica)
	}
	bridge, err := bot.New(s.Bot, store, agent, log.Logger())
	if err != nil {
		return err
	}
	watching := make(chan struct{})
	go func() {
		defer close(watching)
		s.watch(ctx)
	}()
	defer func() { <-watching }()
	return bridge.Run(ctx)
}

// open opens the store. A database that is down is tried again.
func (s settings) open(ctx context.Context) (storage.Store, error) {
	if !strings.HasPrefix(s.Store, "postgres:") {
		store, err := storage.OpenBolt(s.Store, storage.BoltOptions{})
		return steppedStore{store, s.Steps}, err
	}
	for {
		store, err := postgres.Open(ctx, s.Store, postgres.Options{})
		if err == nil || ctx.Err() != nil {
			return steppedReplica{store, s.Steps}, err
		}
		select {
		case <-ctx.Done():
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// usage is the resource usage of a process at a moment.
type usage struct {
	Second     int
	Goroutines int
	HeapMiB    float64 // in use after the latest garbage collection
	RSSMiB     float64 // resident memory that is not mapped from files
	MappedMiB  float64 // resident memory that is mapped from files: the store and the program
}

// watch periodically prints the usage as a line of JSON, until ctx ends.
func (s settings) watch(ctx context.Context) {
	if s.Watch == 0 {
		return
	}
	ticker := time.NewTicker(s.Watch)
	defer ticker.Stop()
	for begin := time.Now(); ; {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		var stats runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&stats)
		anonymous, mapped := resident()
		line, err := json.Marshal(usage{
			Second: int(time.Since(begin).Seconds()), Goroutines: runtime.NumGoroutine(),
			HeapMiB: float64(stats.HeapAlloc) / (1 << 20), RSSMiB: anonymous, MappedMiB: mapped,
		})
		if err == nil {
			fmt.Println(string(line))
		}
	}
}

// resident returns the resident memory of this process in MiB: anonymous memory, and
// memory mapped from files. Both are 0 if unknown.
func resident() (anonymous, mapped float64) {
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, 0
	}
	var size, pages, shared int
	if _, err := fmt.Sscan(string(statm), &size, &pages, &shared); err != nil {
		return 0, 0
	}
	page := float64(os.Getpagesize()) / (1 << 20)
	return float64(pages-shared) * page, float64(shared) * page
}

// process is a bot that can be killed.
type process struct {
	t        testing.TB
	settings settings
	log      *os.File
	cmd      *exec.Cmd
	ended    chan error // the result of Wait
}

// start starts the process. It does not wait until the bot is connected.
func (p *process) start() {
	p.t.Helper()
	self, err := os.Executable()
	if err != nil {
		p.t.Fatal(err)
	}
	given, err := json.Marshal(p.settings)
	if err != nil {
		p.t.Fatal(err)
	}
	p.cmd = exec.Command(self)
	p.cmd.Env = append(os.Environ(), processEnv+"="+string(given))
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.ended = make(chan error, 1)
	go func() { p.ended <- p.cmd.Wait() }()
}

// kill kills the process.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have exited, which end reports
	<-p.ended
}

// end asks the process to exit, and returns an error unless it exits cleanly in time.
func (p *process) end(within time.Duration) error {
	err := p.exit(within)
	if err != nil {
		err = fmt.Errorf("%w; its log ends with: %s", err, p.lastLine())
	}
	return err
}

// lastLine returns the last line of the log of the process.
func (p *process) lastLine() string {
	text, err := os.ReadFile(p.log.Name())
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return lines[len(lines)-1]
}

// exit does what end does.
func (p *process) exit(within time.Duration) error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("it had exited: %w", errors.Join(err, <-p.ended))
	}
	select {
	case err := <-p.ended:
		if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.Sys().(syscall.WaitStatus).Signaled() {
			return nil // it had not installed its signal handler yet
		}
		return err
	case <-time.After(within):
		p.kill()
		return fmt.Errorf("it had not exited %v after SIGTERM", within)
	}
}
