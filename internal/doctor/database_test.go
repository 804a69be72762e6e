package doctor

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"enjobridge/internal/pgtest"
	"enjobridge/internal/settings"
	"enjobridge/storage"
	"enjobridge/storage/postgres"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Run(m)) }

// healthy are the facts about a database without problems.
func healthy() postgres.Facts {
	return postgres.Facts{Server: "15.4", Version: 150004, Schema: 1, Known: 1, Allowed: true, Encrypted: true, Verified: true}
}

// Ensure that each fact about a database that keeps enjobridge from working, or makes it less
// safe, is reported with its fix, and nothing else.
func TestDatabaseFindings(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*postgres.Facts)
		level  Level
		fix    string
	}{
		"healthy":          {func(*postgres.Facts) {}, OK, ""},
		"on this machine":  {func(f *postgres.Facts) { f.Local, f.Encrypted, f.Verified = true, false, false }, OK, ""},
		"no store yet":     {func(f *postgres.Facts) { f.Schema = 0 }, OK, ""},
		"an older store":   {func(f *postgres.Facts) { f.Known = 2 }, OK, ""},
		"a newer store":    {func(f *postgres.Facts) { f.Schema = 2 }, Error, "update enjobridge"},
		"an older server":  {func(f *postgres.Facts) { f.Version, f.Server = 120009, "12.9" }, Error, "use PostgreSQL 13 or later"},
		"a standby":        {func(f *postgres.Facts) { f.Standby = true }, Error, "target_session_attrs=read-write"},
		"no privileges":    {func(f *postgres.Facts) { f.Schema, f.Allowed = 0, false }, Error, "GRANT CREATE"},
		"another owner":    {func(f *postgres.Facts) { f.Allowed = false }, Error, "make the user the owner"},
		"unsafe commits":   {func(f *postgres.Facts) { f.Unsafe = []string{"synchronous_commit=off"} }, Warning, "set these to on"},
		"TLS, not checked": {func(f *postgres.Facts) { f.Verified = false }, Warning, "sslmode=verify-full"},
		"no TLS":           {func(f *postgres.Facts) { f.Encrypted, f.Verified = false, false }, Warning, "turn on TLS"},
		"a clock ahead":    {func(f *postgres.Facts) { f.Ahead = 3 * time.Second }, Warning, "NTP"},
		"a clock behind":   {func(f *postgres.Facts) { f.Ahead = -time.Minute }, Warning, "NTP"},
		"a small skew":     {func(f *postgres.Facts) { f.Ahead = time.Second }, OK, ""},
		"a pooler":         {func(f *postgres.Facts) { f.Pooled = true }, Warning, "set STORAGE_LISTEN"},
	} {
		t.Run(name, func(t *testing.T) {
			facts := healthy()
			test.change(&facts)
			var d doctor
			d.Config.Storage = settings.Database("postgres://bot:hunter2@db/bot")
			d.checkFacts(t.Context(), facts)
			var bad []Finding
			for _, f := range d.findings {
				if f.Level != OK {
					bad = append(bad, f)
				}
			}
			switch {
			case test.level == OK && len(bad) > 0:
				t.Errorf("it reports %+v", bad)
			case test.level != OK && (len(bad) != 1 || bad[0].Level != test.level || !strings.Contains(bad[0].Fix, test.fix)):
				t.Errorf("it reports %+v, want a fix with %q", bad, test.fix)
			}
		})
	}
}

// Ensure that a pooler is found, and that STORAGE_LISTEN leads past it to the same database.
func TestDatabaseBehindAPooler(t *testing.T) {
	direct := pgtest.Database(t)
	pooled, other := pgtest.Bouncer(t, direct), pgtest.Database(t)
	for name, test := range map[string]struct{ listen, says string }{
		"not set":          {"", "STORAGE_LISTEN is not set"},
		"direct":           {direct, "STORAGE_LISTEN leads to the same database"},
		"the pooler":       {pooled, "STORAGE_LISTEN leads to a pooler, too"},
		"another database": {other, "STORAGE_LISTEN leads to another database"},
		"nowhere":          {"postgres://bot:hunter2@127.0.0.1:1/bot", "no connection to STORAGE_LISTEN: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("STORAGE", pooled)
			t.Setenv("STORAGE_LISTEN", test.listen)
			storage, err := settings.ReadStorage()
			if err != nil {
				t.Fatal(err)
			}
			var d doctor
			d.Config.Storage = storage
			d.checkStore(t.Context())
			var said strings.Builder
			if err := Print(&said, d.findings); err != nil || !strings.Contains(said.String(), test.says) || strings.Contains(said.String(), "hunter2") {
				t.Errorf("it does not say %q: %v\n%s", test.says, err, said.String())
			}
		})
	}
}

// Ensure that replicas which use the store are found, on whatever machine they run, and that
// doctor then opens no connection, which would get a share of the events.
func TestDatabaseWithReplicas(t *testing.T) {
	url := pgtest.Database(t)
	store, err := postgres.Open(t.Context(), url, postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	var d doctor
	d.Config.Storage = settings.Database(url)
	d.checkStore(t.Context())
	if d.replicas {
		t.Error("it finds replicas, although there are none")
	}
	if _, err := store.Register(t.Context(), storage.Replica{ID: "one"}, time.Minute); err != nil {
		t.Fatal(err)
	}
	d.checkStore(t.Context())
	found := slices.ContainsFunc(d.findings, func(f Finding) bool { return strings.Contains(f.Message, "runs with this store: 1 replica;") })
	if !found || !d.replicas {
		t.Errorf("it reports %+v", d.findings)
	}
	d.checkSocket(t.Context(), nil) // it would fail if it called Slack
}
