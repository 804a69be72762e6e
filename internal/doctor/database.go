package doctor

import (
	"context"
	"fmt"
	"strings"
	"time"

	"enjobridge/storage/postgres"
)

// clockTolerance is how much the clock of the database can differ from this machine's: the
// times of questions are this machine's, and the end of the lease is the database's.
const clockTolerance = 2 * time.Second

// checkDatabase checks the database of the store, and how the connection leads to it.
func (d *doctor) checkDatabase(ctx context.Context) {
	call, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	facts, err := postgres.Inspect(call, d.Config.Storage.URL())
	if err != nil {
		fix, _ := postgres.Diagnose(err)
		d.fail("store", "no connection to "+d.Config.Storage.String()+": "+postgres.Cause(err), fix)
		return
	}
	d.checkFacts(call, facts)
}

// checkFacts checks what was found out about the database.
func (d *doctor) checkFacts(ctx context.Context, f postgres.Facts) {
	where := d.Config.Storage.String()
	d.checkServer(where, f)
	d.checkSchema(where, f)
	d.checkReplicas(f.Replicas)
	d.checkEncryption(where, f)
	d.checkDatabaseClock(f.Ahead)
	d.checkListen(ctx, f)
}

// checkServer checks the version and the configuration of the server.
func (d *doctor) checkServer(where string, f postgres.Facts) {
	switch {
	case f.Version < postgres.LeastVersion:
		d.fail("store", fmt.Sprintf("%s is PostgreSQL %s", where, f.Server), fmt.Sprintf("use PostgreSQL %d or later", postgres.LeastVersion/10000))
	case f.Standby:
		d.fail("store", where+" leads to a standby server, which cannot be written", "name the primary server in STORAGE, or add target_session_attrs=read-write")
	default:
		d.ok("store", fmt.Sprintf("%s can be reached, and is PostgreSQL %s", where, f.Server))
	}
	if len(f.Unsafe) > 0 {
		d.warn("store", "the server has "+strings.Join(f.Unsafe, " and ")+": a crash loses questions that were acknowledged",
			"set these to on for the server, or for the user: ALTER ROLE … SET synchronous_commit = on")
	}
}

// checkSchema checks whether the user can use the schema.
func (d *doctor) checkSchema(where string, f postgres.Facts) {
	switch {
	case f.Schema > f.Known:
		d.fail("store", fmt.Sprintf("%s was used by a newer enjobridge: its schema is %d, this version knows %d", where, f.Schema, f.Known), "update enjobridge")
	case !f.Allowed && f.Schema == 0:
		d.fail("store", "the user of STORAGE may not create a schema in "+where, "GRANT CREATE ON DATABASE … TO …, or make the user the owner of the database")
	case !f.Allowed:
		d.fail("store", "the user of STORAGE may not change the tables in "+where, "make the user the owner of the schema enjobridge and its tables: they belong to the user that created them")
	case f.Schema == 0:
		d.ok("store", where+" has no store yet: the first start creates it")
	case f.Schema < f.Known:
		d.ok("store", where+" is of an older version: the next start migrates it")
	}
}

// checkReplicas reports whether replicas run, whose connections to Slack are then left alone.
func (d *doctor) checkReplicas(n int) {
	if d.replicas = n > 0; d.replicas {
		d.ok("replicas", "enjobridge runs with this store: "+counted(n, "replica")+"; their connections to Slack are left alone")
	}
}

// checkEncryption checks whether others can read what is sent.
func (d *doctor) checkEncryption(where string, f postgres.Facts) {
	switch {
	case f.Local, f.Verified:
	case f.Encrypted:
		d.warn("store", "the connection to "+where+" has TLS, but anyone on the network path can pretend to be the server",
			"add sslmode=verify-full to STORAGE, and sslrootcert with the file of the authority if it is not a public one")
	default:
		d.warn("store", "the connection to "+where+" is not encrypted: anyone on the network path can read texts and tokens",
			"turn on TLS in the server, and add sslmode=verify-full to STORAGE")
	}
}

// checkDatabaseClock checks the difference between the clocks.
func (d *doctor) checkDatabaseClock(ahead time.Duration) {
	if ahead.Abs() <= clockTolerance {
		return
	}
	direction := "ahead of"
	if ahead < 0 {
		direction = "behind"
	}
	d.warn("clock", fmt.Sprintf("the clock of the database is %s %s this machine's", ahead.Abs().Round(time.Second), direction),
		"synchronise both clocks with NTP")
}

// checkListen checks the connection at which the store listens.
func (d *doctor) checkListen(ctx context.Context, f postgres.Facts) {
	url := d.Config.Storage.ListenURL()
	if url == "" {
		if f.Pooled {
			d.warn("store", "STORAGE leads to a pooler, and STORAGE_LISTEN is not set: replicas look every two seconds what others have accepted",
				"set STORAGE_LISTEN to the address of the server itself")
		}
		return
	}
	direct, err := postgres.Inspect(ctx, url)
	switch {
	case err != nil:
		fix, _ := postgres.Diagnose(err)
		d.fail("store", "no connection to STORAGE_LISTEN: "+postgres.Cause(err), strings.ReplaceAll(fix, "STORAGE", "STORAGE_LISTEN"))
	case direct.Identity != f.Identity:
		d.fail("store", "STORAGE_LISTEN leads to another database than STORAGE", "set it to the address of the same database, without the pooler")
	case direct.Pooled:
		d.warn("store", "STORAGE_LISTEN leads to a pooler, too", "set it to the address of the server itself")
	default:
		d.ok("store", "STORAGE_LISTEN leads to the same database")
	}
}
