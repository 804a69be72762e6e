package postgres

import (
	"strings"
	"testing"
)

// Ensure that a wrong address of a database is an error that says how to write it, and that no
// error shows a password.
func TestCheckURL(t *testing.T) {
	for url, want := range map[string]string{
		"postgres://bot:hunter2@db/bot":                                      "",
		"postgresql://bot@db.example.com:6432/bot?sslmode=require":           "",
		"postgres:///bot?host=/run/postgresql":                               "",
		"postgres://bot:hunter2@one,two/bot?target_session_attrs=read-write": "",
		"postgres://bot:hunter2@[::1]:5433/bot":                              "",
		"postgres://bot:hunter%2F2@db/bot":                                   "",
		"postgres://bot:hunter2@db/bot?pool_max_conns=20":                    "",
		"postgres://bot:hunter2@db":                                          "has no database: ",
		"postgres://bot:hunter2@db/":                                         "has no database: ",
		"postgres://bot:hunter2@db/bot?sslmode=verify":                       "has an unknown sslmode: use one of disable, ",
		"postgres://bot:hunter2@db/bot?ssl_mode=require":                     "has the unknown parameter ssl_mode",
		"postgres://bot:hunter2@db/bot?sslrootcert=/none.pem":                "names the file /none.pem, which cannot be read: ",
		"postgres://bot:hunter2@db/bot?pool_max_conns=many":                  "has an invalid pool_max_conns",
		"postgres://bot:hunter2@db:port/bot":                                 "is not a valid URL: ",
		"postgres://bot:1/hunter2@db/bot":                                    "is not a valid URL: ",
		"postgres://bot:hunter%2@db/bot":                                     "is not a valid URL: ",
		"postgre://bot:hunter2@db/bot":                                       "is not the URL of a PostgreSQL database: ",
		"Postgres://bot:hunter2@db/bot":                                      "is not the URL of a PostgreSQL database: ",
		"mysql://bot:hunter2@db/bot":                                         "is not the URL of a PostgreSQL database: ",
	} {
		t.Run(url, func(t *testing.T) {
			t.Setenv("PGDATABASE", "")
			err := CheckURL(url)
			switch {
			case want == "" && err != nil:
				t.Errorf("it is an error: %v", err)
			case want != "" && (err == nil || !strings.HasPrefix(err.Error(), want)):
				t.Errorf("error %v, want %q", err, want)
			case want != "" && strings.Contains(err.Error(), "hunter"):
				t.Errorf("the error shows the password: %v", err)
			}
		})
	}
}

// Ensure that addresses in other forms than a URL are not taken for files.
func TestCheckFile(t *testing.T) {
	for name, isFile := range map[string]bool{
		"enjobridge.db": true, "/data/bot@host.db": true, `C:\data\bot@host.db`: true, "a:b.db": true,
		"host=db user=bot password=hunter2": false, "dbname=bot": false, "postgres:bot": false, "postgresql:/db/bot": false,
		"bot:hunter2@db.example.com/bot": false,
	} {
		err := CheckFile(name)
		if (err == nil) != isFile || IsURL(name) == isFile {
			t.Errorf("%s is a file: %v, want %t", name, err, isFile)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the error shows the password: %v", err)
		}
	}
}

// Ensure that an address is shown without its user and its password.
func TestRedacted(t *testing.T) {
	for url, want := range map[string]string{
		"postgres://bot:hunter2@db.example.com/bot?sslmode=require": "postgres://db.example.com/bot",
		"postgres://bot:hunter2@db.example.com:6432/bot":            "postgres://db.example.com:6432/bot",
		"postgres://bot:hunter2@[::1]:6432/bot":                     "postgres://[::1]:6432/bot",
		"postgres:///bot?host=/run/postgresql&password=hunter2":     "postgres:///run/postgresql/bot",
		"postgres://bot:hunter%2@db/bot":                            "postgres://[redacted]",
		"postgres://bot:hunter#2@db/bot":                            "postgres://db/bot",
	} {
		if got := Redacted(url); got != want {
			t.Errorf("%s is shown as %s, want %s", url, got, want)
		}
	}
}
