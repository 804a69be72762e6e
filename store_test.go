package main

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/internal/pgtest"
	"enjobridge/internal/settings"
	"enjobridge/storage/postgres"
)

// Ensure that the store is in the database that STORAGE names, and that the log says which
// version its schema has, without the password.
func TestOpenStore_Database(t *testing.T) {
	url := strings.Replace(pgtest.Database(t), "enjobridge@", "enjobridge:hunter2@", 1)
	var log bytes.Buffer
	store, err := openStore(t.Context(), settings.Database(url), alone, zerolog.New(&log))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if copied(store) != nil {
		t.Error("a database can be backed up as a file")
	}
	if !strings.Contains(log.String(), `"to":1,"store":"`+postgres.Redacted(url)+`"`) || strings.Contains(log.String(), "hunter2") {
		t.Errorf("the log says %s", log.String())
	}
}

// Ensure that the start waits for a database that is down, with a hint in the log, until it is
// there.
func TestOpenStore_Down(t *testing.T) {
	url := pgtest.Database(t)
	server := strings.TrimPrefix(postgres.Redacted(url), "postgres://")
	server, database, _ := strings.Cut(server, "/")
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	free.Close()

	log := newLines()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	opened := make(chan error, 1)
	go func() {
		store, err := openStore(ctx, settings.Database("postgres://enjobridge:hunter2@"+address+"/"+database+"?sslmode=disable"), alone, zerolog.New(log))
		if err == nil {
			err = store.Close()
		}
		opened <- err
	}()
	if line := log.await(t, "no connection to the database, trying again", 1); !strings.Contains(line, "check that the server runs") || strings.Contains(line, "hunter2") {
		t.Errorf("the log says %s", line)
	}
	forward(t, address, server)
	if err := <-opened; err != nil {
		t.Error(err)
	}
}

// alone serves nothing while a start waits.
func alone(string) error { return nil }

// forward forwards connections until the test ends.
func forward(t *testing.T, from, to string) {
	t.Helper()
	listener, err := net.Listen("tcp", from)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(func() { cancel(); listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go relay(ctx, conn, to)
		}
	}()
}

// relay copies what arrives at a connection to another one, and back.
func relay(ctx context.Context, conn net.Conn, to string) {
	defer conn.Close()
	other, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	defer other.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close(); other.Close() })
	defer stop()
	go func() { _, _ = other.(*net.TCPConn).ReadFrom(conn); _ = other.(*net.TCPConn).CloseWrite() }()
	_, _ = conn.(*net.TCPConn).ReadFrom(other)
}

// Ensure that the start ends when it is stopped while it waits for a database.
func TestOpenStore_Stopped(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	log, stopped := newLines(), errors.New("stopped")
	opened := make(chan error, 1)
	go func() {
		_, err := openStore(ctx, settings.Database("postgres://bot@127.0.0.1:1/bot"), alone, zerolog.New(log))
		opened <- err
	}()
	log.await(t, "trying again", 1)
	cancel(stopped)
	if err := <-opened; !errors.Is(err, stopped) {
		t.Errorf("error %v", err)
	}
}

// Ensure that what an administrator must fix ends the start with status 78 and a hint.
func TestExitStatusOfARefusingDatabase(t *testing.T) {
	url := pgtest.Database(t)
	socket := "ADMIN_SOCKET=" + filepath.Join(shortDir(t), "s")
	for name, test := range map[string]exits{
		"no such user": {env: serving("STORAGE="+strings.Replace(url, "enjobridge@", "nobody:hunter2@", 1), socket), says: "hint: check the user"},
		"no TLS":       {env: serving("STORAGE="+strings.Replace(url, "disable", "require", 1), socket), says: "hint: check sslmode"},
	} {
		test.status = exitSettings
		t.Run(name, test.check)
	}
}

// Ensure that check-store and doctor check a database.
func TestCommandsWithADatabase(t *testing.T) {
	url := pgtest.Database(t)
	env := []string{"STORAGE_FILE=" + filepath.Join(t.TempDir(), "storage")}
	if err := os.WriteFile(strings.TrimPrefix(env[0], "STORAGE_FILE="), []byte(url), 0o600); err != nil {
		t.Fatal(err)
	}
	said := func(want string, args ...string) {
		t.Helper()
		cmd, output := command(t.Context(), t, env, args...)
		_ = cmd.Run() // doctor lacks other settings
		if !strings.Contains(output.String(), want) {
			t.Errorf("%v does not say %q:\n%s", args, want, output)
		}
	}
	said("the database has no store", "check-store")
	said("has no store yet: the first start creates it", "doctor")
	store, err := openStore(t.Context(), settings.Database(url), alone, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	said("can be reached, and is PostgreSQL", "doctor")
	said("the server has fsync=off: a crash loses", "doctor")
	said("no problems", "check-store")
}
