package pgtest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// missingBouncer says what to install where the tests have no pooler.
const missingBouncer = "pgbouncer is not installed: install it with apt-get install pgbouncer or brew install pgbouncer"

// Bouncer returns the URL of a database of a [Server] through pgbouncer, which pools its
// transactions and runs until the end of the test. Without pgbouncer, the test is skipped,
// or fails in CI.
func Bouncer(t testing.TB, database string) string {
	t.Helper()
	program := bouncerProgram(t)
	target, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	p, err := newPlace(os.TempDir(), "enjobridge-pgbouncer")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.remove)
	for {
		pooled, err := startBouncer(p, program, target)
		if err == nil {
			return pooled
		}
		if !failedBy(err, "ddress already in use") {
			t.Fatal(err)
		}
	}
}

// startBouncer starts pgbouncer for the server of a database, and returns the database's URL.
func startBouncer(p *place, program string, target *url.URL) (string, error) {
	port, err := freePort()
	if err != nil {
		return "", err
	}
	pooled := *target
	pooled.Host = fmt.Sprintf("127.0.0.1:%d", port)
	for name, text := range map[string]string{"pgbouncer.ini": bouncerConfig(p, target, port), "users": `"enjobridge" ""`} {
		if err := os.WriteFile(p.path(name), []byte(text), 0o644); err != nil {
			return "", err
		}
	}
	ready := func() bool { return answers(pooled.String()) }
	return pooled.String(), p.start(ready, program, p.path("pgbouncer.ini"))
}

// bouncerProgram returns the path of pgbouncer, which Debian has where only root has its PATH.
func bouncerProgram(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"pgbouncer", "/usr/sbin/pgbouncer"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	skip(t, missingBouncer)
	return ""
}

// bouncerConfig returns a configuration that differs from the default one only in how it pools.
// https://www.pgbouncer.org/config.html
func bouncerConfig(p *place, target *url.URL, port int) string {
	return fmt.Sprintf(`[databases]
* = host=%s port=%s
[pgbouncer]
pool_mode = transaction
listen_addr = 127.0.0.1
listen_port = %d
unix_socket_dir =
auth_type = trust
auth_file = %s
`, target.Hostname(), target.Port(), port, p.path("users"))
}

// answers reports whether a database can be used.
func answers(url string) bool {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return false
	}
	return conn.Close(ctx) == nil
}
