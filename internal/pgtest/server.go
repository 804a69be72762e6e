package pgtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// programs returns the directory of the server's programs.
// https://www.postgresql.org/docs/15/app-pgconfig.html
func programs() (string, error) {
	var dirs []string
	if path, err := exec.LookPath("initdb"); err == nil {
		dirs = append(dirs, filepath.Dir(path))
	}
	if out, err := exec.Command("pg_config", "--bindir").Output(); err == nil {
		dirs = append(dirs, strings.TrimSpace(string(out)))
	}
	// Debian's programs are not in the PATH.
	installed, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	slices.Reverse(installed)
	for _, dir := range append(dirs, installed...) {
		if _, err := os.Stat(filepath.Join(dir, "postgres")); err == nil {
			return dir, nil
		}
	}
	return "", errors.New(missing)
}

// Server is a PostgreSQL server on this machine, with its data in a directory.
type Server struct {
	Port int
	*place
	programs string
	args     []string
}

// Start creates a server with its data below a directory, and starts it with more arguments.
// It ends, at the latest, with this process.
func Start(parent string, args ...string) (*Server, error) {
	dir, err := programs()
	if err != nil {
		return nil, err
	}
	p, err := newPlace(parent, "enjobridge-postgres")
	if err != nil {
		return nil, err
	}
	s := &Server{place: p, programs: dir, args: args}
	if err := s.create(); err != nil {
		s.remove()
		return nil, err
	}
	return s, nil
}

// create creates the data directory, and starts the server at a free port.
func (s *Server) create() error {
	err := s.run(s.program("initdb"), "-D", s.data(), "-U", "enjobridge", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	if err != nil {
		return err
	}
	for {
		if s.Port, err = freePort(); err != nil {
			return err
		}
		if err = s.launch(); !failedBy(err, "could not create any TCP/IP sockets") {
			return err
		}
	}
}

// failedBy reports whether a server could not start for a reason that its log names.
func failedBy(err error, reason string) bool {
	return errors.Is(err, errEnded) && strings.Contains(err.Error(), reason)
}

func (s *Server) program(name string) string { return filepath.Join(s.programs, name) }

func (s *Server) data() string { return s.path("data") }

// Configure writes files into the data directory, adds arguments, and restarts the server.
func (s *Server) Configure(files map[string][]byte, args ...string) error {
	for name, content := range files {
		path := filepath.Join(s.data(), name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			return err
		}
		if err := own(path); err != nil {
			return err
		}
	}
	s.args = append(slices.Clip(s.args), args...)
	return s.Restart()
}

// Restart starts the server, which runs, has stopped or was killed, and waits until it answers.
func (s *Server) Restart() error {
	s.end(os.Interrupt)
	for began := time.Now(); ; {
		err := s.launch()
		// The processes of a server that was killed end a little later.
		if !failedBy(err, "shared memory block") || time.Since(began) > 10*time.Second {
			return err
		}
	}
}

// launch starts the server, and waits until it answers.
func (s *Server) launch() error {
	args := append([]string{
		"-D", s.data(), "-p", strconv.Itoa(s.Port), "-c", "listen_addresses=127.0.0.1",
		"-c", "unix_socket_directories=", "-c", "max_connections=300",
	}, s.args...)
	return s.start(s.isReady, s.program("postgres"), args...)
}

// isReady reports whether the server accepts connections. Its file says so, and a connection
// could be answered by the server of another test.
// https://www.postgresql.org/docs/15/storage-file-layout.html
func (s *Server) isReady() bool {
	status, err := os.ReadFile(filepath.Join(s.data(), "postmaster.pid"))
	lines := strings.Split(string(status), "\n")
	return err == nil && len(lines) > 7 && lines[0] == strconv.Itoa(s.cmd.Process.Pid) && strings.TrimSpace(lines[7]) == "ready"
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

// Log returns what the server has logged since it was started.
func (s *Server) Log() string {
	text, err := os.ReadFile(s.path("log"))
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// Kill kills the server, as if its machine had failed.
func (s *Server) Kill() { s.end(os.Kill) }

// Stop stops the server and deletes its data.
func (s *Server) Stop() { s.remove() }
