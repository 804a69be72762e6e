package postgres

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// LeastVersion is the oldest version of PostgreSQL that works, as server_version_num.
const LeastVersion = 130000

// Facts are what [Inspect] finds out about a database.
type Facts struct {
	Server  string // the version for people, such as 15.4
	Version int    // server_version_num
	// Schema is the version of enjobridge's schema, 0 for none, and Known is the latest one
	// that this version of enjobridge knows.
	Schema, Known int
	// Replicas is how many replicas use the store.
	Replicas int
	// Allowed says that the user has the privileges that are needed.
	Allowed bool
	Standby bool
	// Encrypted says that the connection has TLS, Verified that the server has proved that it
	// is the one of the address, and Local that the server is on this machine.
	Encrypted, Verified, Local bool
	// Pooled says that the connection leads to a pooler.
	Pooled bool
	// Unsafe are the parameters of the server with which a crash loses what was stored.
	Unsafe []string
	// Ahead is how much the clock of the database is ahead of this machine's.
	Ahead time.Duration
	// Identity is the same for two connections to the same database.
	Identity string
}

// Inspect connects to a database, and returns what it finds out. It changes nothing.
func Inspect(ctx context.Context, url string) (f Facts, err error) {
	conn, err := connect(ctx, url)
	if err != nil {
		return f, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	f.connection(conn)
	return f, errors.Join(f.server(ctx, conn), f.schema(ctx, conn))
}

// connection reads the facts about a connection.
func (f *Facts) connection(conn *pgx.Conn) {
	used := conn.PgConn().Conn()
	tcp, ok := used.RemoteAddr().(*net.TCPAddr)
	f.Local = !ok || tcp.IP.IsLoopback()
	if encrypted, ok := used.(*tls.Conn); ok {
		authority := conn.Config().TLSConfig // verify-ca checks the chain itself
		f.Encrypted = true
		f.Verified = len(encrypted.ConnectionState().VerifiedChains) > 0 || authority != nil && authority.VerifyPeerCertificate != nil
	}
}

// server reads the facts about a server.
func (f *Facts) server(ctx context.Context, conn *pgx.Conn) error {
	var process uint32
	var now time.Time
	var fsync, fullPages, synchronous string
	before := time.Now()
	err := conn.QueryRow(ctx, `SELECT pg_backend_pid(), clock_timestamp(), current_setting('server_version'), current_setting('server_version_num')::int,
		pg_is_in_recovery(), current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit'),
		pg_postmaster_start_time()::text || ' ' || current_database()`).
		Scan(&process, &now, &f.Server, &f.Version, &f.Standby, &fsync, &fullPages, &synchronous, &f.Identity)
	if err != nil {
		return err
	}
	after := time.Now()
	f.Ahead = now.Sub(before.Add(after.Sub(before) / 2))
	f.Server, _, _ = strings.Cut(f.Server, " ") // the rest is the name of a distribution
	// A pooler tells each client its own number in place of the process.
	f.Pooled = conn.PgConn().PID() != process
	for _, setting := range [][2]string{{"fsync", fsync}, {"full_page_writes", fullPages}, {"synchronous_commit", synchronous}} {
		if setting[1] == "off" {
			f.Unsafe = append(f.Unsafe, setting[0]+"=off")
		}
	}
	return nil
}

// schema reads the facts about enjobridge's schema.
func (f *Facts) schema(ctx context.Context, conn *pgx.Conn) error {
	files, err := schemaFiles()
	if err != nil {
		return err
	}
	f.Known = len(files)
	var exists bool
	err = conn.QueryRow(ctx, `SELECT to_regnamespace('enjobridge') IS NOT NULL, coalesce(
			has_schema_privilege(to_regnamespace('enjobridge'), 'USAGE') AND has_schema_privilege(to_regnamespace('enjobridge'), 'CREATE'),
			has_database_privilege(current_database(), 'CREATE'))`).Scan(&exists, &f.Allowed)
	if err != nil || !exists {
		return err
	}
	err = conn.QueryRow(ctx, `SELECT version FROM enjobridge.about`).Scan(&f.Schema)
	if hasCode(err, "42P01") { // undefined_table
		return nil
	}
	if err == nil {
		const sql = `SELECT bool_and(has_table_privilege(c.oid, p)) FROM pg_class c, unnest('{SELECT,INSERT,UPDATE,DELETE}'::text[]) AS p
			WHERE c.relnamespace = 'enjobridge'::regnamespace AND c.relkind = 'r'`
		err = conn.QueryRow(ctx, sql).Scan(&f.Allowed)
	}
	if err == nil && f.Schema == f.Known {
		f.Replicas, err = countReplicas(ctx, conn)
	}
	if hasCode(err, "42501") { // insufficient_privilege
		f.Allowed = false
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the schema: %w", err)
	}
	return nil
}
