// Package pgtest starts a PostgreSQL server for tests.
package pgtest

import (
	"os"
	"sync"
	"sync/atomic"
	"testing"
)

// missing says what to install where the tests have no server.
const missing = "PostgreSQL is not installed: install it with apt-get install postgresql or brew install postgresql"

var (
	start   = sync.OnceValues(func() (*Server, error) { return Start(os.TempDir(), "-c", "fsync=off") })
	started atomic.Bool
	number  atomic.Int64
	free    databases
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

// Database returns the URL of an empty database, on the server of this process. After the test,
// another one gets it. Without PostgreSQL, the test is skipped, or fails in CI.
func Database(t testing.TB) string {
	t.Helper()
	Require(t)
	started.Store(true)
	server, err := start()
	if err != nil {
		t.Fatal(err)
	}
	url := free.take()
	if url == "" {
		if url, err = server.CreateDatabase(nextName()); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		if t.Failed() {
			return
		}
		if again, err := server.reset(url); err == nil {
			free.add(again)
		}
	})
	return url
}

// Require skips the test without PostgreSQL, or fails it in CI.
func Require(t testing.TB) {
	t.Helper()
	if _, err := programs(); err != nil {
		skip(t, missing)
	}
}

// skip skips the test, because a program is missing, or fails it in CI.
func skip(t testing.TB, why string) {
	t.Helper()
	if os.Getenv("ENJOBRIDGE_CI") != "" {
		t.Fatal(why)
	}
	t.Skip(why)
}
