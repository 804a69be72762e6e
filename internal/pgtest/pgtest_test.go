package pgtest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"
)

// server starts a server, which stops at the end of the test.
func server(t *testing.T) *Server {
	t.Helper()
	Require(t)
	s, err := Start(os.TempDir(), "-c", "fsync=off")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

// exec executes a statement on a new connection.
func (s *Server) exec(t *testing.T, sql string) error {
	conn, err := pgx.Connect(t.Context(), s.URL("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	_, err = conn.Exec(t.Context(), sql)
	return err
}

// Ensure that each test gets a database that no other test uses.
func TestDatabase(t *testing.T) {
	a, b := Database(t), Database(t)
	if a == b {
		t.Errorf("both databases are %s", a)
	}
}

// Ensure that a server that was killed or stopped keeps its data, starts again at the same
// port, and leaves nothing behind.
func TestServer(t *testing.T) {
	before := goleak.IgnoreCurrent()
	s := server(t)
	if err := s.exec(t, `CREATE TABLE kept ()`); err != nil {
		t.Fatal(err)
	}
	port := s.Port
	s.Kill()
	if err := s.exec(t, `TABLE kept`); err == nil {
		t.Error("the server answers after it was killed")
	}
	for _, how := range []string{"after it was killed", "while it runs"} {
		if err := s.Restart(); err != nil {
			t.Fatalf("restart %s: %v", how, err)
		}
		if err := s.exec(t, `TABLE kept`); err != nil || s.Port != port {
			t.Errorf("after a restart %s: %v, port %d, want %d", how, err, s.Port, port)
		}
	}
	s.Kill()
	s.Stop()
	if _, err := os.Stat(s.dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the directory is left: %v", err)
	}
	goleak.VerifyNone(t, before)
}

// Ensure that the end of the thread that started a server does not end the server.
func TestServer_OutlivesThread(t *testing.T) {
	Require(t)
	started := make(chan *Server)
	go func() {
		defer close(started)
		runtime.LockOSThread() // the thread ends with the goroutine
		s, err := Start(os.TempDir(), "-c", "fsync=off")
		if err != nil {
			t.Error(err)
			return
		}
		started <- s
	}()
	s, ok := <-started
	if !ok {
		return
	}
	t.Cleanup(s.Stop)
	<-started
	for range 10 {
		if err := s.exec(t, `SELECT pg_sleep(0.02)`); err != nil {
			t.Fatal(err)
		}
	}
}

// Ensure that a server whose port is taken while it is down says so, and that it does not
// mistake another one for itself.
func TestServer_PortTaken(t *testing.T) {
	s := server(t)
	s.Kill()
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", s.Port))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Restart(); !failedBy(err, "could not create any TCP/IP sockets") {
		t.Errorf("restart with a taken port: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Restart(); err != nil {
		t.Error(err)
	}
}

// leave starts a server, says where, and waits to be killed.
func leave(dir string) int {
	s, err := Start(dir, "-c", "fsync=off")
	if err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println(s.Port, s.dir)
	_, _ = io.Copy(io.Discard, os.Stdin)
	return 0
}

// Ensure that a server ends, and its directory is deleted, when its process is killed.
func TestServer_EndsWithProcess(t *testing.T) {
	Require(t)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "PGTEST_LEAVE="+os.TempDir())
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	port, dir, _ := strings.Cut(strings.TrimSpace(line), " ")
	if _, err := os.Stat(dir); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	gone := func() bool {
		_, statErr := os.Stat(dir)
		conn, dialErr := net.Dial("tcp", "127.0.0.1:"+port)
		if dialErr == nil {
			_ = conn.Close()
		}
		return errors.Is(statErr, os.ErrNotExist) && dialErr != nil
	}
	if !eventually(gone) {
		t.Errorf("the server or its directory %s is left", dir)
	}
}

// eventually waits until a condition holds, at most ten seconds.
func eventually(holds func() bool) bool {
	deadline := time.After(10 * time.Second)
	for !holds() {
		select {
		case <-time.After(10 * time.Millisecond):
		case <-deadline:
			return false
		}
	}
	return true
}

// Ensure that pgbouncer pools transactions: the session of one is not that of the next.
func TestBouncer(t *testing.T) {
	pooled := Bouncer(t, Database(t))
	var a, b *pgx.Conn
	for _, conn := range []**pgx.Conn{&a, &b} {
		config, err := pgx.ParseConfig(pooled)
		if err != nil {
			t.Fatal(err)
		}
		config.DefaultQueryExecMode = pgx.QueryExecModeExec
		if *conn, err = pgx.ConnectConfig(t.Context(), config); err != nil {
			t.Fatal(err)
		}
		defer (*conn).Close(context.WithoutCancel(t.Context()))
	}
	pids := make(map[int]bool)
	for _, conn := range []*pgx.Conn{a, b} {
		var pid int
		if err := conn.QueryRow(t.Context(), `SELECT pg_backend_pid()`).Scan(&pid); err != nil {
			t.Fatal(err)
		}
		pids[pid] = true
	}
	if len(pids) != 1 {
		t.Errorf("two connections use %d sessions, want 1", len(pids))
	}
}

// Ensure that another test gets a database again, empty and under another name, so that what the
// first one has left behind cannot use it.
func TestDatabase_IsEmptyAgain(t *testing.T) {
	exec := func(url, sql string, result any) error {
		conn, err := pgx.Connect(context.Background(), url)
		if err != nil {
			return err
		}
		defer conn.Close(context.Background())
		return conn.QueryRow(context.Background(), sql).Scan(result)
	}
	var first string
	var made int
	t.Run("first", func(t *testing.T) {
		first = Database(t)
		if err := exec(first, `SELECT oid::int FROM pg_database WHERE datname = current_database()`, &made); err != nil {
			t.Fatal(err)
		}
		for _, sql := range []string{`CREATE SCHEMA enjobridge`, `CREATE TABLE enjobridge.records (id text)`, `CREATE TABLE public.records (id text)`} {
			if err := exec(first, sql, nil); !errors.Is(err, pgx.ErrNoRows) {
				t.Fatal(err)
			}
		}
	})
	t.Run("second", func(t *testing.T) {
		second := Database(t)
		if err := exec(first, `SELECT 1`, new(int)); err == nil {
			t.Error("the first test can use the database again")
		}
		var tables, id int
		if err := exec(second, `SELECT oid::int FROM pg_database WHERE datname = current_database()`, &id); err != nil || id != made {
			t.Errorf("the database is %d, %v; want %d again", id, err, made)
		}
		if err := exec(second, `SELECT count(*) FROM pg_tables WHERE schemaname IN ('enjobridge', 'public')`, &tables); err != nil || tables != 0 {
			t.Errorf("%d tables, %v", tables, err)
		}
	})
}
