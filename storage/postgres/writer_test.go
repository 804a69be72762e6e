package postgres

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"enjobridge/internal/pgtest"
	"enjobridge/storage"
	"enjobridge/storage/groupcommit"
)

// openWriter opens a store to test its writer.
func openWriter(t *testing.T) *faulty {
	t.Helper()
	url := pgtest.Database(t)
	return openFaulty(t, url, url)
}

// write runs operations as one batch and returns their answers.
func (f *faulty) write(changes ...func(*tx) error) (answers []error) {
	f.t.Helper()
	var batch []*operation
	for _, change := range changes {
		batch = append(batch, &operation{change: change, answer: make(chan error, 1)})
	}
	f.writer.write(append([]*operation{}, batch...), time.Now().Add(transactionTimeout))
	for _, op := range batch {
		answers = append(answers, <-op.answer)
	}
	return answers
}

// Ensure that operations that wait together are one transaction, and that those that fail or
// panic leave no trace in it.
func TestWriter_Batch(t *testing.T) {
	f := openWriter(t)
	refusal, failure := errors.New("refused"), errors.New("failed")
	answers := f.write(
		add("a", nil),
		func(*tx) error { return refusal },
		add("x", failure),
		func(t *tx) error { _ = add("x", nil)(t); panic("of a test") },
		func(*tx) error { panic("before it writes") },
		func(t *tx) error { return t.query(`SELECT 1/0`, nil, ignoreRows) },
		func(t *tx) error { _ = t.query(`SELECT 1/0`, nil, ignoreRows); return nil },
		func(t *tx) error { t.exec(`SELECT 1/0`); return nil },
		add("b", nil),
	)
	for n, want := range []string{"", "refused", "failed", "panic: of a test", "panic: before it writes", "division by zero", "division by zero", "division by zero", ""} {
		if err := answers[n]; (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("answer %d: %v, want %q", n, err, want)
		}
	}
	for name, want := range map[string]int{"a": 1, "b": 1, "x": 0} {
		if got := f.count(name); got != want {
			t.Errorf("%s was counted %d times, want %d", name, got, want)
		}
	}
}

// Ensure that the operations of a batch that the database refuses are not attempted one by one
// for longer than others can wait.
func TestWriter_GivesUpAlone(t *testing.T) {
	f := openWriter(t)
	const many = 3
	attempts := 0
	refused := func(t *tx) error {
		if attempts++; attempts > many { // alone
			t.exec(`SELECT pg_sleep(1)`)
		}
		t.exec(`SELECT 1/0`)
		return nil
	}
	var batch []*operation
	for range many {
		batch = append(batch, &operation{change: refused, answer: make(chan error, 1)})
	}
	f.writer.write(slices.Clone(batch), time.Now().Add(time.Second))
	for n, op := range batch {
		if err := <-op.answer; err == nil {
			t.Errorf("operation %d succeeded", n)
		}
	}
	if attempts > many+1 {
		t.Errorf("%d attempts, %d of them together, want one more at most", attempts, many)
	}
}

// Ensure that a batch without a failure is committed once.
func TestWriter_CommitsOnce(t *testing.T) {
	f := openWriter(t)
	before := f.writer.number
	for n, err := range f.write(add("a", nil), add("a", nil), func(*tx) error { return nil }, add("b", nil)) {
		if err != nil {
			t.Errorf("answer %d: %v", n, err)
		}
	}
	if commits := f.writer.number - before; commits != 1 || f.count("a") != 2 {
		t.Errorf("%d commits, %d counted, want 1 and 2", commits, f.count("a"))
	}
}

// Ensure that the panic of an operation reaches its caller, and that the writer lives on.
func TestWriter_Panic(t *testing.T) {
	f := openWriter(t)
	func() {
		defer func() {
			if p := recover(); p != "of a test" {
				t.Errorf("recovered %v, want the panic", p)
			}
		}()
		_ = f.update(t.Context(), needs{}, func(t *tx) error {
			return t.query(`SELECT 1`, nil, func(pgx.Rows) error { panic("of a test") })
		})
	}()
	if err := f.update(t.Context(), needs{}, add("a", nil)); err != nil || f.count("a") != 1 {
		t.Errorf("after a panic: %v, %d counted, want 1", err, f.count("a"))
	}
}

// Ensure that transactions that wait for each other both succeed.
func TestWriter_Deadlock(t *testing.T) {
	f := openWriter(t)
	other := openFaulty(t, f.admin, f.admin)
	var both, done sync.WaitGroup
	both.Add(2)
	for n, s := range []*faulty{f, other} {
		locks := []int64{1, 2}
		var first sync.Once
		done.Go(func() {
			err := s.update(t.Context(), needs{}, func(t *tx) error {
				if err := wait(locks[n])(t); err != nil {
					return err
				}
				first.Do(func() { both.Done(); both.Wait() })
				if err := wait(locks[1-n])(t); err != nil {
					return err
				}
				return add("a", nil)(t)
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	done.Wait()
	if f.count("a") != 2 {
		t.Errorf("%d counted, want 2", f.count("a"))
	}
}

// block keeps the writer busy until release.
func (f *faulty) block() (release func()) {
	began, end, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- f.update(context.Background(), needs{}, func(t *tx) error {
			close(began)
			<-end
			return add("blocks", nil)(t)
		})
	}()
	<-began
	return func() {
		f.t.Helper()
		close(end)
		if err := <-ended; err != nil {
			f.t.Error(err)
		}
	}
}

// Ensure that a caller that gives up while it waits gets its context's error, and changes nothing.
func TestWriter_GivesUp(t *testing.T) {
	f := openWriter(t)
	release := f.block()
	ctx, cancel := context.WithCancel(t.Context())
	answer := make(chan error, 1)
	go func() { answer <- f.update(ctx, needs{}, add("a", nil)) }()
	cancel()
	if err := <-answer; !errors.Is(err, context.Canceled) {
		t.Errorf("the one that gives up: %v, want context.Canceled", err)
	}
	release()
	if err := f.update(t.Context(), needs{}, add("b", nil)); err != nil || f.count("a") != 0 {
		t.Errorf("afterwards: %v, %d counted, want 0", err, f.count("a"))
	}
}

// Ensure that closing waits for the running operation, and fails those that wait and come later.
func TestWriter_Close(t *testing.T) {
	f := openWriter(t)
	release := f.block()
	waits, closed := make(chan error, 1), make(chan error, 1)
	go func() { waits <- f.update(context.Background(), needs{}, add("a", nil)) }()
	go func() { closed <- f.Close() }()
	if err := <-waits; !errors.Is(err, groupcommit.ErrClosed) {
		t.Errorf("the one that waits: %v, want groupcommit.ErrClosed", err)
	}
	release()
	if err := <-closed; err != nil {
		t.Error(err)
	}
	if f.count("blocks") != 1 || f.count("a") != 0 {
		t.Errorf("%d and %d counted, want 1 and 0", f.count("blocks"), f.count("a"))
	}
	if err := f.update(t.Context(), needs{}, add("a", nil)); !errors.Is(err, groupcommit.ErrClosed) {
		t.Errorf("a write after Close: %v, want groupcommit.ErrClosed", err)
	}
	if _, err := f.Question(t.Context(), storage.MessageID{}); !errors.Is(err, groupcommit.ErrClosed) {
		t.Errorf("a read after Close: %v, want groupcommit.ErrClosed", err)
	}
}

// Ensure that settings of the server change neither what a transaction sees, nor that it is on
// disk when it is acknowledged, nor that it can write.
func TestWriter_ServerSettings(t *testing.T) {
	f := openWriter(t)
	var name string
	f.scan(&name, `SELECT current_database()`)
	for _, setting := range []string{
		"synchronous_commit = off", "default_transaction_isolation = 'serializable'", "default_transaction_read_only = on",
	} {
		f.sql(`ALTER DATABASE ` + name + ` SET ` + setting)
	}
	other := open(t, f.admin)
	defer other.Close()
	err := other.update(t.Context(), needs{}, func(t *tx) error {
		for name, want := range map[string]string{"transaction_isolation": "read committed", "transaction_read_only": "off", "synchronous_commit": "on"} {
			err := t.query(`SELECT current_setting($1)`, []any{name}, func(rows pgx.Rows) error {
				return scanEach(rows, func() error {
					var got string
					if err := rows.Scan(&got); err != nil || got != want {
						f.t.Errorf("%s is %s, want %s: %v", name, got, want, err)
					}
					return nil
				})
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
