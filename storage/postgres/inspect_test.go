package postgres

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"enjobridge/internal/pgtest"
	"enjobridge/storage"
)

// Ensure that a database is described before and after its first use.
func TestInspect(t *testing.T) {
	url := pgtest.Database(t)
	inspect := func() Facts {
		t.Helper()
		f, err := Inspect(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	f := inspect()
	if f.Schema != 0 || f.Known == 0 || !f.Allowed || f.Standby || f.Pooled || f.Encrypted || !f.Local || f.Version < LeastVersion || f.Ahead.Abs() > time.Minute {
		t.Errorf("before the first use: %+v", f)
	}
	if len(f.Unsafe) != 1 || f.Unsafe[0] != "fsync=off" {
		t.Errorf("pgtest turns fsync off, and unsafe are %q", f.Unsafe)
	}
	if err := open(t, url).Close(); err != nil {
		t.Fatal(err)
	}
	if again := inspect(); again.Schema != again.Known || !again.Allowed || again.Identity != f.Identity {
		t.Errorf("after the first use: %+v", again)
	}
}

// Ensure that a user without privileges is found before and after the schema exists.
func TestInspect_Privileges(t *testing.T) {
	url := pgtest.Database(t)
	execute(t, url, `DROP ROLE IF EXISTS stranger`, `CREATE ROLE stranger LOGIN`)
	stranger := strings.Replace(url, "enjobridge@", "stranger@", 1)
	for _, when := range []string{"before", "after"} {
		if f, err := Inspect(t.Context(), stranger); err != nil || f.Allowed {
			t.Errorf("%s the first use: %+v, %v", when, f, err)
		}
		if when == "before" {
			if err := open(t, url).Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	execute(t, url, `GRANT USAGE ON SCHEMA enjobridge TO stranger`, `GRANT SELECT ON ALL TABLES IN SCHEMA enjobridge TO stranger`)
	if f, err := Inspect(t.Context(), stranger); err != nil || f.Allowed || f.Schema == 0 {
		t.Errorf("who may only read: %+v, %v", f, err)
	}
}

// execute runs statements on a database.
func execute(t *testing.T, url string, statements ...string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	for _, statement := range statements {
		if _, err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
}

// Ensure that only what an operator must fix first ends the attempts to open a database, and
// that no error shows a password.
func TestDiagnose(t *testing.T) {
	url := pgtest.Database(t)
	execute(t, url, `DROP ROLE IF EXISTS nobody`, `CREATE ROLE nobody LOGIN PASSWORD 'secret'`)
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	free.Close()
	user, rest, _ := strings.Cut(url, "@")
	base, _, _ := strings.Cut(rest, "/")
	for name, test := range map[string]struct {
		url   string
		final bool
		fix   string
	}{
		"down":          {"postgres://bot:hunter2@" + free.Addr().String() + "/bot", false, "check that the server runs"},
		"no user":       {"postgres://bot:hunter2@" + rest, true, "check the user in STORAGE"},
		"no database":   {user + ":hunter2@" + base + "/none?sslmode=disable", true, "create the database"},
		"no privileges": {"postgres://nobody:hunter2@" + rest, true, "GRANT CREATE"},
		"no TLS":        {strings.Replace(url, "disable", "require", 1), true, "check sslmode"},
		"a parameter":   {url + "&color=hunter2", true, "check the parameters"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Open(t.Context(), test.url, Options{})
			if err == nil {
				t.Fatal("it is no error")
			}
			fix, err := Diagnose(err)
			refused, final := errors.AsType[*RefusedError](err)
			if final != test.final || !strings.Contains(fix, test.fix) || final && refused.Fix != fix {
				t.Errorf("final: %t, fix: %s, error: %v", final, fix, err)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error shows the password: %v", err)
			}
		})
	}
}

// Ensure that the store of a newer version is refused.
func TestDiagnose_Newer(t *testing.T) {
	url := pgtest.Database(t)
	if err := open(t, url).Close(); err != nil {
		t.Fatal(err)
	}
	execute(t, url, `UPDATE enjobridge.about SET version = 99`)
	_, err := Open(t.Context(), url, Options{})
	if _, diagnosed := Diagnose(err); !errors.Is(diagnosed, storage.ErrVersion) || !errors.As(diagnosed, new(*RefusedError)) {
		t.Errorf("error %v", err)
	}
}
