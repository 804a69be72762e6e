package sim_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"enjobridge/internal/pgtest"
)

// replica is one of several processes of the bot over one database. It has its
// own links to everything.
type replica struct {
	*process
	name                  string
	slack, enjo, database *link

	terms  map[int64]bool // the tokens of the leases that the replica had
	isUp   bool           // whether the process runs, and is not frozen
	up     []span         // the times in which it did
	frozen []span
}

// span is a time from a moment until another, which is zero if it has not ended.
type span struct{ from, until time.Time }

// contains reports whether a moment is in the span.
func (s span) contains(moment time.Time) bool {
	return !moment.Before(s.from) && (s.until.IsZero() || moment.Before(s.until))
}

// newReplica returns a replica that is not started. Its log is in a directory.
func (s *stage) newReplica(t *testing.T, number int, server *pgtest.Server, database, dir string) *replica {
	t.Helper()
	r := &replica{
		name:     fmt.Sprint("replica", number),
		terms:    make(map[int64]bool),
		slack:    newLink(t, hostOf(t, s.slack.URL())),
		enjo:     newLink(t, hostOf(t, s.enjo.URL())),
		database: newLink(t, fmt.Sprint("127.0.0.1:", server.Port)),
	}
	given := s.settings()
	given.Replica = r.name
	given.Store = strings.Replace(server.URL(database), fmt.Sprint("127.0.0.1:", server.Port), r.database.address(), 1)
	given.Bot.SlackAPIURL = strings.Replace(given.Bot.SlackAPIURL, r.slack.target, r.slack.address(), 1)
	given.Agent.BaseURL = strings.Replace(given.Agent.BaseURL, r.enjo.target, r.enjo.address(), 1)
	r.process = &process{t: t, log: newLog(t, dir, r.name+".log"), settings: given}
	return r
}

// hostOf returns the host and the port of an address.
func hostOf(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := net.SplitHostPort(u.Host); err != nil {
		t.Fatal(err)
	}
	return u.Host
}

// links returns the links of the replica.
func (r *replica) links() []*link { return []*link{r.slack, r.enjo, r.database} }

func (r *replica) start() {
	r.t.Helper()
	r.process.start()
	r.goesUp()
}

func (r *replica) kill() {
	r.process.kill()
	r.goesDown()
}

// freeze stops the process without ending it.
func (r *replica) freeze() {
	_ = r.cmd.Process.Signal(signalFreeze) // it may have exited, which end reports
	r.goesDown()
	r.frozen = append(r.frozen, span{from: time.Now()})
}

// thaw lets the process go on.
func (r *replica) thaw() {
	r.frozen[len(r.frozen)-1].until = time.Now()
	_ = r.cmd.Process.Signal(signalThaw)
	r.goesUp()
}

func (r *replica) goesUp() {
	r.isUp = true
	r.up = append(r.up, span{from: time.Now()})
}

func (r *replica) goesDown() {
	r.isUp = false
	r.up[len(r.up)-1].until = time.Now()
}

// resumed returns how long before a moment the process went on after it was frozen; false if it was
// never frozen before.
func (r *replica) resumed(moment time.Time) (ago time.Duration, ok bool) {
	for _, f := range r.frozen {
		if !f.until.IsZero() && !moment.Before(f.until) {
			ago, ok = moment.Sub(f.until), true
		}
	}
	return ago, ok
}

// owns reports whether the replica had the lease with a token: its log says so.
func (r *replica) owns(t term) bool {
	if !r.terms[t.token] {
		log, err := os.ReadFile(r.log.Name())
		if err != nil {
			r.t.Fatal(err)
		}
		r.terms[t.token] = tookLease(log, t.token)
	}
	return r.terms[t.token]
}

// tookLease reports whether a log says that a process has got the lease with a token.
func tookLease(log []byte, token int64) bool {
	for line := range bytes.Lines(log) {
		var fields struct {
			Message string
			Token   int64
		}
		if bytes.Contains(line, []byte(`"token"`)) && json.Unmarshal(line, &fields) == nil && fields.Token == token && fields.Message == leaseTaken {
			return true
		}
	}
	return false
}

// leaseTaken is logged when a replica has got the lease.
const leaseTaken = "replica: this replica has the lease"
