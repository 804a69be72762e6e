package postgres

import (
	"context"
	"net/url"
	"testing"
	"time"

	"enjobridge/internal/pgtest"
	"enjobridge/storage"
	"enjobridge/storage/storagetest"
)

// pooler starts pgbouncer and returns a function that returns the address of a database
// through it.
func pooler(t *testing.T) func(direct string) string {
	t.Helper()
	pooled, err := url.Parse(pgtest.Bouncer(t, pgtest.Database(t)))
	if err != nil {
		t.Fatal(err)
	}
	return func(direct string) string {
		u, err := url.Parse(direct)
		if err != nil {
			t.Fatal(err)
		}
		u.Host = pooled.Host
		return u.String()
	}
}

// Ensure that the store works behind pgbouncer, which gives each transaction another session.
// These tests make every kind of transaction; the others differ in the data alone.
func TestPooler_Store(t *testing.T) {
	runStore(t, pooler(t), "5", "Accept", "AcceptDirect", "Context", "Concurrency", "Copies", "Decide", "Durability", "Each",
		"FirstTime", "Identities", "Increment", "MoveChannel", "NothingStored", "Presses", "Publish", "StateMachine", "Tokens")
}

// Ensure that replicas work behind pgbouncer, if they have a direct address to listen at.
func TestPooler_Replicated(t *testing.T) {
	direct := pgtest.Database(t)
	pooled := pooler(t)(direct)
	storagetest.RunReplicated(t, func(t *testing.T) (replicas []storage.Replicated) {
		for range 3 {
			s, err := Open(t.Context(), pooled, Options{ListenURL: direct})
			if err != nil {
				t.Fatal(err)
			}
			replicas = append(replicas, s)
		}
		(&testStore{Store: replicas[0].(*Store)}).empty(t)
		return replicas
	})
}

// Ensure that listening without a direct address does no harm: the announcements are polled.
func TestPooler_ListensInVain(t *testing.T) {
	direct := pgtest.Database(t)
	f := openFaulty(t, pooler(t)(direct), direct)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	woken := make(chan struct{}, 1)
	go func() {
		defer close(ended)
		_ = f.Listen(ctx, func() {
			select {
			case woken <- struct{}{}:
			default:
			}
		})
	}()
	<-woken
	for n := range 100 {
		if err := f.Announce(t.Context(), storage.Announcement{Kind: storage.GapUntil, At: time.Unix(int64(n), 0)}); err != nil {
			t.Fatal(err)
		}
	}
	if all, err := f.Announcements(t.Context(), 1000); err != nil || len(all) != 100 {
		t.Errorf("%d announcements, %v, want 100", len(all), err)
	}
	cancel()
	<-ended
}

// Ensure that the outcome of an operation is known also behind pgbouncer, wherever the
// connection to it breaks.
func TestPooler_ConnectionBreaks(t *testing.T) {
	direct := pgtest.Database(t)
	p, proxied := startProxy(t, pooler(t)(direct))
	f := openFaulty(t, proxied, direct)
	for _, d := range []direction{toServer, toClient} {
		breakEverywhere(t, f, p, cut{direction: d, how: closed})
	}
}
