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
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"enjobridge/bot"
	"enjobridge/enjo"
	"enjobridge/storage"
)

// processEnv holds the settings of a bot that is a process of its own, as JSON.
const processEnv = "ENJOBRIDGE_TEST_PROCESS"

// The exit statuses of such a process.
const (
	exitFailed = 1 // the bot ended with an error
	exitLeak   = 4 // it left goroutines behind
)

// settings are what a process of the bot is started with.
type settings struct {
	Bot   bot.Config
	Agent enjo.Config
	Store string
	// Steps are when the clock is set.
	Steps []step
	// Watch is how often the process tells what it uses; 0 means never.
	Watch time.Duration
}

// asProcess makes the test binary a bot, if it was started as one.
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
	store, err := storage.OpenBolt(s.Store, storage.BoltOptions{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	agent, err := enjo.New(s.Agent)
	if err != nil {
		return err
	}
	defer agent.Close()
	bridge, err := bot.New(s.Bot, steppedStore{store, s.Steps}, agent, zerolog.New(os.Stderr).Level(zerolog.InfoLevel).With().Timestamp().Logger())
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

// usage is what a process uses at a moment.
type usage struct {
	Second     int
	Goroutines int
	HeapMiB    float64 // in use after the latest collection
	RSSMiB     float64 // resident memory of the process's own
	MappedMiB  float64 // resident memory that is a copy of files: the store, and the program
}

// watch tells what the process uses, one line of JSON a time, until ctx ends.
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
		own, mapped := resident()
		line, err := json.Marshal(usage{
			Second: int(time.Since(begin).Seconds()), Goroutines: runtime.NumGoroutine(),
			HeapMiB: float64(stats.HeapAlloc) / (1 << 20), RSSMiB: own, MappedMiB: mapped,
		})
		if err == nil {
			fmt.Println(string(line))
		}
	}
}

// resident returns the resident memory of this process, its own and what is mapped
// from files, in MiB; 0 if it is not known.
func resident() (own, mapped float64) {
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
	ended    chan error // what Wait returned
}

// start starts the process. It does not wait until the bot listens.
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

// kill ends the process as a power cut would.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended by itself, which end tells
	<-p.ended
}

// end asks the process to end, and returns what was wrong with the way it did.
func (p *process) end(within time.Duration) error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("it had ended by itself: %w", errors.Join(err, <-p.ended))
	}
	select {
	case err := <-p.ended:
		if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.Sys().(syscall.WaitStatus).Signaled() {
			return nil // it had not come so far as to listen for signals
		}
		return err
	case <-time.After(within):
		p.kill()
		return fmt.Errorf("it went on for %v after SIGTERM", within)
	}
}
