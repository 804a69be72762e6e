package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"enjobridge/internal/pgtest"
	"enjobridge/storage"
)

// small are the tables that do not grow: a row for each process or kind of token, or one.
var small = []string{"about", "commits", "leases", "probes", "replicas", "tokens"}

// maxExamined is how many rows of a table a statement may examine. It is more than a page, a
// batch, and what has not ended in the test.
const maxExamined = 5000

// Ensure that no method of the store scans a table that can grow, in a database with a million
// records of each kind that grows with use.
//
// The planner only believes that there are so many: it would take a minute to insert them. With
// ENJOBRIDGE_SCALE=1 they are inserted.
//
// The plans are those of the statements as they ran, which the server explains itself. As the
// store prepares nothing, each statement is planned with its parameters: there are no generic
// plans, which could be others.
func TestPlans(t *testing.T) {
	pgtest.Require(t)
	url := pgtest.Database(t)
	if err := open(t, url).Close(); err != nil {
		t.Fatal(err)
	}
	rows, times := 50_000, 20
	if os.Getenv("ENJOBRIDGE_SCALE") != "" {
		rows, times = rows*times, 1
	}
	fill(t, url, rows, times)
	explain(t, url)
	p := openPlanned(t, url)
	calls := planCalls()
	for method := range reflect.TypeFor[storage.Replicated]().Methods() {
		call, ok := calls[method.Name]
		if !ok {
			t.Errorf("no plan of the method %s is tested", method.Name)
			continue
		}
		t.Run(method.Name, func(t *testing.T) { p.check(t, method.Name, call) })
	}
}

// explain makes the server send the plan of each statement in the database.
// https://www.postgresql.org/docs/15/auto-explain.html
func explain(t *testing.T, url string) {
	t.Helper()
	var name string
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if err := conn.QueryRow(t.Context(), `SELECT current_database()`).Scan(&name); err != nil {
		t.Fatal(err)
	}
	for parameter, value := range map[string]string{
		"session_preload_libraries":          "auto_explain",
		"auto_explain.log_min_duration":      "0",
		"auto_explain.log_level":             "notice",
		"auto_explain.log_format":            "json",
		"auto_explain.log_analyze":           "on",
		"auto_explain.log_timing":            "off",
		"auto_explain.log_nested_statements": "on",
	} {
		if _, err := conn.Exec(t.Context(), fmt.Sprintf(`ALTER DATABASE %s SET %s = '%s'`, name, parameter, value)); err != nil {
			t.Fatal(err)
		}
	}
}

// planned is a store whose plans are collected.
type planned struct {
	*Store
	mu    sync.Mutex
	plans []plan
}

// plan is what the server says about a statement.
type plan struct {
	Text string   `json:"Query Text"`
	Plan planNode `json:"Plan"`
}

type planNode struct {
	Type     string     `json:"Node Type"`
	Relation string     `json:"Relation Name"`
	Rows     int        `json:"Actual Rows"`
	Removed  int        `json:"Rows Removed by Filter"`
	Lossy    int        `json:"Rows Removed by Index Recheck"`
	Loops    int        `json:"Actual Loops"`
	Plans    []planNode `json:"Plans"`
}

// openPlanned opens a store whose connections collect plans.
func openPlanned(t *testing.T, url string) *planned {
	t.Helper()
	p := &planned{Store: open(t, url)}
	t.Cleanup(func() { _ = p.Store.Close() })
	for _, pool := range []**pgxpool.Pool{&p.pool, &p.reserved} {
		config := (*pool).Config()
		config.ConnConfig.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) { p.collect(t, n.Message) }
		(*pool).Close()
		var err error
		if *pool, err = pgxpool.NewWithConfig(t.Context(), config); err != nil {
			t.Fatal(err)
		}
	}
	p.writer.pool = p.reserved
	return p
}

// collect collects a plan from a notice of the server.
func (p *planned) collect(t *testing.T, notice string) {
	_, text, ok := strings.Cut(notice, "plan:\n")
	if !ok {
		return
	}
	var found plan
	if err := json.Unmarshal([]byte(text), &found); err != nil {
		t.Errorf("plan %s: %v", text, err)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.plans = append(p.plans, found)
}

// unplanned are methods that send no statement with a plan.
var unplanned = []string{"Observe", "Fenced", "Listen", "Close"}

// check checks the plans of a method.
func (p *planned) check(t *testing.T, name string, call func(context.Context, *Store) error) {
	p.plans = nil
	if err := call(t.Context(), p.Store); err != nil {
		t.Fatal(err)
	}
	if len(p.plans) == 0 && !slices.Contains(unplanned, name) {
		t.Error("the method sent no statement with a plan")
	}
	for _, plan := range p.plans {
		if strings.Contains(plan.Text, "INTO enjobridge.damaged") {
			t.Error("a record of fill was set aside")
		}
		for _, problem := range plan.Plan.problems() {
			t.Errorf("%s in %s", problem, strings.Join(strings.Fields(plan.Text), " "))
		}
	}
}

// problems returns what is wrong with a node and those below.
func (n planNode) problems() (problems []string) {
	if n.Relation != "" && !slices.Contains(small, n.Relation) {
		examined := (n.Rows + n.Removed + n.Lossy) * n.Loops
		switch {
		case strings.HasSuffix(n.Type, "Seq Scan"):
			problems = append(problems, n.Type+" of "+n.Relation)
		case examined > maxExamined:
			problems = append(problems, fmt.Sprintf("%s examines %d rows of %s", n.Type, examined, n.Relation))
		}
	}
	for _, below := range n.Plans {
		problems = append(problems, below.problems()...)
	}
	return problems
}
