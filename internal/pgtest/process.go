package pgtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// place is a directory in which servers run, one at a time. A watcher, which is a shell,
// kills the server and deletes the directory when this process ends, however it ends:
// PR_SET_PDEATHSIG would depend on a thread, and exists only on Linux.
type place struct {
	dir     string
	watcher *exec.Cmd
	alive   io.Closer // the watcher reads from it until this process ends
	cmd     *exec.Cmd // nil for none
	ended   *os.File  // ends with the last process of the server
}

// watch waits until its standard input ends.
const watch = `cat >/dev/null
[ ! -f "$0/pid" ] || kill -KILL "$(cat "$0/pid")"
n=0; until rm -rf "$0" 2>/dev/null || [ $n = 20 ]; do n=$((n+1)); sleep 0.1; done`

// newPlace creates a directory below another one.
func newPlace(parent, name string) (_ *place, err error) {
	dir, err := os.MkdirTemp(parent, name)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}()
	if err := own(dir); err != nil {
		return nil, err
	}
	p := &place{dir: dir, watcher: exec.Command("sh", "-c", watch, dir)}
	adopt(p.watcher)
	if p.alive, err = p.watcher.StdinPipe(); err != nil {
		return nil, err
	}
	return p, p.watcher.Start()
}

// command returns a command that leaves its process ID to the watcher.
func (p *place) command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command("sh", append([]string{"-c", `echo $$ >"$0" && exec "$@"`, p.path("pid"), program}, args...)...)
	cmd.Dir = p.dir
	adopt(cmd)
	return cmd
}

func (p *place) path(name string) string { return filepath.Join(p.dir, name) }

// run runs a program, and returns its output as an error if it fails.
func (p *place) run(program string, args ...string) error {
	defer p.forget()
	if out, err := p.command(program, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", filepath.Base(program), err, out)
	}
	return nil
}

// errEnded means that a server has ended while it was started.
var errEnded = errors.New("it has ended")

// start starts a server, and waits until it is ready.
func (p *place) start(ready func() bool, program string, args ...string) error {
	log, err := os.OpenFile(p.path("log"), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	ended, inherited, err := os.Pipe()
	if err != nil {
		return err
	}
	cmd := p.command(program, args...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.ExtraFiles = []*os.File{inherited}
	err = cmd.Start()
	_ = inherited.Close()
	if err != nil {
		return errors.Join(err, ended.Close())
	}
	p.cmd, p.ended = cmd, ended
	if err := waitUntil(ready, ended); err != nil {
		p.end(os.Kill)
		text, _ := os.ReadFile(log.Name())
		return fmt.Errorf("start %s: %w: %s", filepath.Base(program), err, text)
	}
	return nil
}

// waitUntil waits until a server is ready. The pipe ends with the server.
func waitUntil(ready func() bool, ended *os.File) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for !ready() {
		if ctx.Err() != nil {
			return errors.New("it is not ready within a minute")
		}
		// A server does not say when it is ready.
		_ = ended.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
		if _, err := ended.Read(make([]byte, 1)); errors.Is(err, io.EOF) {
			return errEnded
		}
	}
	return nil
}

// end sends a signal to the server, if it runs, and waits until it has ended, with the processes
// that it has started: those of PostgreSQL notice a little later that it was killed.
func (p *place) end(signal os.Signal) {
	if p.cmd == nil {
		return
	}
	_ = p.cmd.Process.Signal(signal)
	_ = p.cmd.Wait()
	_ = p.ended.SetReadDeadline(time.Now().Add(time.Minute))
	_, _ = p.ended.Read(make([]byte, 1))
	_ = p.ended.Close()
	p.cmd, p.ended = nil, nil
	p.forget()
}

// forget keeps the watcher from killing another process with the ID of one that has ended.
func (p *place) forget() { _ = os.Remove(p.path("pid")) }

// remove ends the server and the watcher, and deletes the directory.
func (p *place) remove() {
	p.end(os.Interrupt)
	_ = p.alive.Close()
	_ = p.watcher.Wait()
	_ = os.RemoveAll(p.dir)
}

// freePort returns a port that was free just now. It is not one of those that the system
// chooses for connections: a server that is down for a while must find its port free.
// https://www.kernel.org/doc/html/latest/networking/ip-sysctl.html
func freePort() (int, error) {
	for {
		port := 20000 + rand.IntN(12000)
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			return port, l.Close()
		}
		if errors.Is(err, os.ErrPermission) {
			return 0, err
		}
	}
}
