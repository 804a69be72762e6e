package postgres

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"enjobridge/internal/pgtest"
	"enjobridge/storage"
)

// startServer starts a server with files and arguments, and returns it with a new database.
func startServer(t *testing.T, files map[string][]byte, args ...string) *pgtest.Server {
	t.Helper()
	pgtest.Require(t)
	server, err := pgtest.Start(os.TempDir(), "-c", "fsync=off")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	if _, err := server.CreateDatabase("store"); err != nil {
		t.Fatal(err)
	}
	execute(t, server.URL("store"), `CREATE USER someone PASSWORD 'secret-1'; GRANT CREATE ON DATABASE store TO someone;
		CREATE USER reader PASSWORD 'secret-1'`)
	if err := server.Configure(files, args...); err != nil {
		t.Fatal(err)
	}
	return server
}

// wantRefused ensures that a store cannot be opened at a URL, and that the error says what
// failed and what to do, without the password.
func wantRefused(t *testing.T, url, what, fix string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	s, err := Open(ctx, url, Options{})
	if err == nil {
		_ = s.Close()
		t.Fatal("the store was opened")
	}
	gotFix, shown := Diagnose(err)
	if !strings.Contains(shown.Error(), what) || !strings.Contains(gotFix, fix) {
		t.Errorf("error %q with the fix %q, want %q and %q", shown, gotFix, what, fix)
	}
	for _, text := range []string{shown.Error(), err.Error()} {
		if strings.Contains(text, "secret") {
			t.Errorf("the error %q contains the password", text)
		}
	}
}

// Ensure that a store that cannot be opened says why, and what to do.
func TestOpen_Refused(t *testing.T) {
	server := startServer(t, map[string][]byte{"pg_hba.conf": []byte("host all enjobridge 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n")})
	as := func(user, database string) string {
		return strings.Replace(server.URL(database), "enjobridge@", user+"@", 1)
	}
	t.Run("right password", func(t *testing.T) {
		if err := open(t, as("someone:secret-1", "store")).Close(); err != nil {
			t.Error(err)
		}
	})
	for name, test := range map[string]struct{ url, what, fix string }{
		"wrong password":   {as("someone:secret-2", "store"), "password authentication failed", "password"},
		"unknown user":     {as("nobody:secret-2", "store"), "password authentication failed", "user"},
		"unknown database": {as("enjobridge", "nothing"), `database "nothing" does not exist`, "create the database"},
		"not permitted":    {as("reader:secret-1", "postgres"), "permission denied", "GRANT CREATE ON DATABASE"},
		"no server":        {"postgres://someone:secret-1@127.0.0.1:1/store?sslmode=disable", "connection refused", "check that the server runs"},
		"unknown host":     {"postgres://someone:secret-1@host.invalid/store", "host.invalid", "network"},
		"no TLS":           {strings.Replace(as("someone:secret-1", "store"), "disable", "verify-full", 1), "refused TLS", "sslmode"},
		"bad parameter":    {as("enjobridge", "store") + "&work_memory=1", "work_memory", "parameters"},
		"bad port":         {"postgres://someone:secret-1@127.0.0.1:none/store", "the address is not valid", "STORAGE"},
	} {
		t.Run(name, func(t *testing.T) { wantRefused(t, test.url, test.what, test.fix) })
	}
}

// Ensure that a store of a newer version, and a schema that is no store, are left alone.
func TestOpen_OtherSchema(t *testing.T) {
	for name, test := range map[string]struct {
		sql  string
		want error
	}{
		"newer":            {`UPDATE enjobridge.about SET version = version + 1`, storage.ErrVersion},
		"without version":  {`DELETE FROM enjobridge.about`, storage.ErrForeign},
		"of another one":   {`DROP SCHEMA enjobridge CASCADE; CREATE SCHEMA enjobridge; CREATE TABLE enjobridge.questions (id integer)`, storage.ErrForeign},
		"with a like name": {`DROP SCHEMA enjobridge CASCADE; CREATE SCHEMA enjobridge; CREATE TABLE enjobridge.about (version text)`, storage.ErrForeign},
	} {
		t.Run(name, func(t *testing.T) {
			url := pgtest.Database(t)
			if err := open(t, url).Close(); err != nil {
				t.Fatal(err)
			}
			execute(t, url, test.sql)
			_, err := Open(t.Context(), url, Options{})
			if !errors.Is(err, test.want) {
				t.Errorf("Open: %v, want %v", err, test.want)
			}
			if fix, shown := Diagnose(err); fix == "" || !errors.As(shown, new(*RefusedError)) {
				t.Errorf("diagnosed %v, with the fix %q, want a RefusedError", shown, fix)
			}
		})
	}
}

// Ensure that an empty schema, which an administrator has created, is used, also by a user who
// may create no schema.
func TestOpen_EmptySchema(t *testing.T) {
	url := pgtest.Database(t)
	execute(t, url, `DROP ROLE IF EXISTS guest`, `CREATE ROLE guest LOGIN`, `CREATE SCHEMA enjobridge`)
	guest := strings.Replace(url, "enjobridge@", "guest@", 1)
	if f, err := Inspect(t.Context(), guest); err != nil || f.Allowed {
		t.Errorf("without privileges: %+v, %v", f, err)
	}
	execute(t, url, `GRANT USAGE, CREATE ON SCHEMA enjobridge TO guest`)
	for range 2 {
		if f, err := Inspect(t.Context(), guest); err != nil || !f.Allowed {
			t.Errorf("with privileges: %+v, %v", f, err)
		}
		if err := open(t, guest).Close(); err != nil {
			t.Error(err)
		}
	}
}

// Ensure that with sslmode=verify-full only the server that has a certificate of the authority
// for its name is connected to, and that an error says what to do.
func TestOpen_TLS(t *testing.T) {
	ca, other := newAuthority(t), newAuthority(t)
	certificate, key := ca.issue(t, "127.0.0.1", "db.example.org")
	server := startServer(t, map[string][]byte{"server.crt": certificate, "server.key": key}, "-c", "ssl=on")
	dir := t.TempDir()
	address := func(host, authority string) string {
		url := strings.Replace(server.URL("store"), "127.0.0.1", host, 1)
		return strings.Replace(url, "sslmode=disable", "sslmode=verify-full&sslrootcert="+filepath.Join(dir, authority), 1)
	}
	for name, authority := range map[string]*authority{"ca.pem": ca, "other.pem": other} {
		if err := os.WriteFile(filepath.Join(dir, name), authority.certificate, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("connects", func(t *testing.T) {
		s := open(t, address("127.0.0.1", "ca.pem"))
		defer s.Close()
		var encrypted bool
		err := s.pool.QueryRow(t.Context(), `SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()`).Scan(&encrypted)
		if err != nil || !encrypted {
			t.Errorf("encrypted %v, error %v", encrypted, err)
		}
	})
	t.Run("another authority", func(t *testing.T) {
		wantRefused(t, address("127.0.0.1", "other.pem"), "signed by unknown authority", "sslrootcert")
	})
	t.Run("another host", func(t *testing.T) {
		wantRefused(t, address("localhost", "ca.pem"), "valid for db.example.org, not localhost", "certificate of the server")
	})
	t.Run("no file", func(t *testing.T) {
		wantRefused(t, address("127.0.0.1", "none.pem"), "the address is not valid", "STORAGE")
	})
}

// Ensure that the number of connections for reading is that of the address, and otherwise does
// not depend on the machine.
func TestOpen_Connections(t *testing.T) {
	url := pgtest.Database(t)
	for parameter, want := range map[string]int32{"": maxConnections, "&pool_max_conns=2": 2, "&pool_max_conns=20": 20} {
		s := open(t, url+parameter)
		if got := s.pool.Config().MaxConns; got != want {
			t.Errorf("%d connections with %q, want %d", got, parameter, want)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}
