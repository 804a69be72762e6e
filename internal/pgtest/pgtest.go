// Package pgtest starts a PostgreSQL server for tests.
package pgtest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// missing says what to install where the tests have no server.
const missing = "PostgreSQL is not installed: install it with apt-get install postgresql or brew install postgresql"

var (
	start   = sync.OnceValues(func() (*Server, error) { return Start(os.TempDir(), "-c", "fsync=off") })
	started atomic.Bool
	number  atomic.Int64
)

// Run runs the tests of a package, and then stops the server that they have started. Call it
// in TestMain.
func Run(m *testing.M) int {
	defer func() {
		if started.Load() {
			if server, err := start(); err == nil {
				server.Stop()
			}
		}
	}()
	return m.Run()
}

// Database returns the URL of a new, empty database, on the server of this process. Without
// PostgreSQL, the test is skipped, or fails in CI.
func Database(t testing.TB) string {
	t.Helper()
	Require(t)
	started.Store(true)
	server, err := start()
	if err != nil {
		t.Fatal(err)
	}
	url, err := server.CreateDatabase(fmt.Sprintf("test%d", number.Add(1)))
	if err != nil {
		t.Fatal(err)
	}
	return url
}

// Require skips the test without PostgreSQL, or fails it in CI.
func Require(t testing.TB) {
	t.Helper()
	if _, err := binaries(); err == nil {
		return
	}
	if os.Getenv("ENJOBRIDGE_CI") != "" {
		t.Fatal(missing)
	}
	t.Skip(missing)
}

// binaries returns the directory of the server's programs.
// https://www.postgresql.org/docs/15/app-pgconfig.html
func binaries() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path), nil
	}
	out, err := exec.Command("pg_config", "--bindir").Output()
	if err != nil {
		return "", err
	}
	dir := strings.TrimSpace(string(out))
	_, err = os.Stat(filepath.Join(dir, "initdb"))
	return dir, err
}

// Server is a PostgreSQL server on this machine, with its data in a directory.
type Server struct {
	Port int
	dir  string
	bin  string
	args []string
	cmd  *exec.Cmd
}

// Start creates a server with its data below a directory, and starts it with more arguments.
// It ends, at the latest, with this process.
func Start(parent string, args ...string) (*Server, error) {
	bin, err := binaries()
	if err != nil {
		return nil, errors.New(missing)
	}
	dir, err := os.MkdirTemp(parent, "enjobridge-postgres")
	if err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	s := &Server{Port: port, dir: dir, bin: bin, args: args}
	if err := s.own(dir); err != nil {
		return nil, err
	}
	if err := s.create(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err := s.Restart(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return s, nil
}

// freePort returns a port that was free just now.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// create creates the data directory.
func (s *Server) create() error {
	initdb := s.command("initdb", "-D", s.data(), "-U", "enjobridge", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("create a PostgreSQL server: %w: %s", err, out)
	}
	return nil
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// Restart starts the server, which has stopped or was killed, and waits until it answers.
func (s *Server) Restart() error {
	args := append([]string{"-D", s.data(), "-p", strconv.Itoa(s.Port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="}, s.args...)
	s.cmd = s.command("postgres", args...)
	log, err := os.OpenFile(filepath.Join(s.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	s.cmd.Stdout, s.cmd.Stderr = log, log
	if err := s.cmd.Start(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, s.URL("postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		if ctx.Err() != nil {
			text, _ := os.ReadFile(log.Name())
			return fmt.Errorf("start PostgreSQL: %w: %s", err, text)
		}
		time.Sleep(20 * time.Millisecond) // the server says nothing when it is ready
	}
}

// URL returns the URL of a database.
func (s *Server) URL(database string) string {
	return fmt.Sprintf("postgres://enjobridge@127.0.0.1:%d/%s?sslmode=disable", s.Port, database)
}

// CreateDatabase creates a database, and returns its URL.
func (s *Server) CreateDatabase(name string) (string, error) {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, s.URL("postgres"))
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, `CREATE DATABASE `+pgx.Identifier{name}.Sanitize()); err != nil {
		return "", err
	}
	return s.URL(name), nil
}

// Kill kills the server, as if its machine had failed.
func (s *Server) Kill() { s.signal(os.Kill) }

// Stop stops the server and deletes its data.
func (s *Server) Stop() {
	s.signal(os.Interrupt)
	_ = os.RemoveAll(s.dir)
}

// signal sends a signal to the server, and waits until it has ended.
func (s *Server) signal(signal os.Signal) {
	_ = s.cmd.Process.Signal(signal)
	_ = s.cmd.Wait()
}
