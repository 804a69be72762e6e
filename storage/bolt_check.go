package storage

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"go.etcd.io/bbolt"
)

// maxProblems is the maximum number of problems in a Report. One damaged page can
// cause many.
const maxProblems = 100

// Report is the result of [CheckBolt].
type Report struct {
	// Size is the size of the file, and Free about how much of it is unused, in bytes.
	Size, Free int64
	// Schema is the version of the buckets' content.
	Schema int
	// The number of records of each kind.
	Questions, Unfinished, Threads, Tickets, Feedback, Seen int
	// SetAside describes the damaged records that were set aside.
	SetAside []string
	// Problems describes the first hundred problems for an operator.
	Problems []string
}

// CheckBolt reads the whole store at path and checks that its pages, its records and
// its indexes are consistent. It changes nothing.
//
// Its errors are those of [OpenBolt], and fs.ErrNotExist if there is no file.
// Problems with the content are not errors: they are in the report.
func CheckBolt(path string, options BoltOptions) (Report, error) {
	r, err := checkBolt(path, options)
	if err != nil {
		return Report{}, explain(path, err)
	}
	return r, nil
}

func checkBolt(path string, options BoltOptions) (r Report, err error) {
	fresh, err := inspect(path, options)
	switch {
	case err != nil:
		return r, err
	case fresh:
		return r, fmt.Errorf("%w: there is no store", fs.ErrNotExist)
	}
	db, file, err := openFile(path, bbolt.Options{Timeout: options.lockTimeout(), ReadOnly: true, PreLoadFreelist: true})
	if err != nil {
		return r, err
	}
	if err := guard(func() error { return db.View(r.check) }); err != nil {
		r.problem("%v", err)
		return r, abandon(file)
	}
	return r, db.Close()
}

// problem adds a problem to the report.
func (r *Report) problem(format string, args ...any) {
	if len(r.Problems) < maxProblems {
		r.Problems = append(r.Problems, fmt.Sprintf(format, args...))
	}
}

// check checks a whole file.
func (r *Report) check(bolt *bbolt.Tx) error {
	r.Size = bolt.Size()
	c := checker{tx: &tx{bolt: bolt}, report: r, want: make(map[string]int)}
	if err := c.buckets(); err != nil {
		return err
	}
	c.records()
	c.indexes()
	if len(r.Problems) > 0 {
		// bbolt checks the pages in a separate goroutine. A panic there, caused by a
		// damaged page, cannot be recovered.
		return nil
	}
	for err := range bolt.Check() {
		r.problem("page structure: %v", err)
	}
	return nil
}

// checker checks the records of a store and counts the index entries that they need.
type checker struct {
	*tx
	report *Report
	want   map[string]int // the entries of each index
}

// buckets checks that all buckets exist, and computes how much space is unused.
func (c *checker) buckets() error {
	used := int64(2 * c.bolt.DB().Info().PageSize)
	for _, name := range slices.Concat(buckets, indexes) {
		bucket := c.bolt.Bucket(name)
		if bucket == nil && (c.report.Schema == 1 && bytes.Equal(name, bucketDamaged) || isLater(name)) {
			continue
		}
		if bucket == nil {
			return fmt.Errorf("%w: the bucket %q is missing", ErrCorrupt, name)
		}
		if bytes.Equal(name, bucketAbout) {
			var err error
			if c.report.Schema, err = schemaOf(bucket); err != nil {
				return err
			}
		}
		stats := bucket.Stats()
		used += int64(stats.BranchAlloc + stats.LeafAlloc)
	}
	c.report.Free = max(0, c.report.Size-used)
	return nil
}

// isLater reports whether a bucket is later than the schema: a store that an older version
// used last can lack it.
func isLater(bucket []byte) bool {
	return slices.ContainsFunc(laterBuckets, func(later []byte) bool { return bytes.Equal(bucket, later) })
}

// records checks every bucket that is not an index.
func (c *checker) records() {
	c.each(bucketQuestions, c.question)
	c.each(bucketThreads, c.thread)
	c.each(bucketTickets, c.ticket)
	c.each(bucketFeedback, c.feedback)
	c.each(bucketPeople, func(key, value []byte) error { return decode(key, value, new(Preferences)) })
	c.each(bucketTokens, func(key, value []byte) error { return decode(key, value, new(Token)) })
	c.each(bucketSeen, func(key, value []byte) error {
		c.report.Seen++
		at, _, err := cutTime(value)
		if err != nil {
			return err
		}
		return c.indexed(indexSeen, timeKey(at, key))
	})
	c.each(bucketWatermarks, func(_, value []byte) error { _, _, err := cutTime(value); return err })
	c.each(bucketCalls, func(key, _ []byte) error { _, _, err := cutTime(key); return err })
	if c.report.Schema > 1 {
		c.each(bucketDamaged, c.setAside)
	}
	c.each(bucketCopies, c.history)
}

// each calls check for each record of a bucket, if it exists, and reports its errors.
func (c *checker) each(bucket []byte, check func(key, value []byte) error) {
	if c.bolt.Bucket(bucket) == nil {
		return
	}
	err := c.scan(bucket, nil, func(key, value []byte) (bool, error) {
		if err := check(key, value); err != nil {
			c.report.problem("%s: %v", bucket, err)
		}
		return true, nil
	})
	if err != nil {
		c.report.problem("%s: %v", bucket, err)
	}
}

// hasTexts reports whether a question has texts that its end erases.
func hasTexts(q Question) bool {
	o := q.Outcome
	return q.Text != "" || q.ResponseURL != "" || len(q.UnreadFiles) > 0 || o != nil && (len(o.UnreadFiles) > 0 || o.Reply != nil && o.Reply.Text != "")
}

// question checks a question.
func (c *checker) question(key, value []byte) error {
	var q Question
	if err := decode(key, value, &q); err != nil {
		return err
	}
	c.report.Questions++
	if q.State.Ended() {
		var texts error
		if hasTexts(q) {
			texts = fmt.Errorf("question %s has ended, but its text was not erased", q.ID)
		}
		return errors.Join(texts, c.indexed(indexQuestionsIdle, timeKey(q.EndedAt, key)))
	}
	c.report.Unfinished++
	var thread error
	if !c.has(bucketThreads, q.Thread.key()) {
		thread = fmt.Errorf("question %s has no thread", q.ID)
	}
	return errors.Join(thread,
		c.indexed(indexUnfinished, timeKey(q.AcceptedAt, key)), c.indexed(indexThreadsBusy, busyKey(&q)))
}

// thread checks a thread.
func (c *checker) thread(key, value []byte) error {
	var thread Thread
	if err := decode(key, value, &thread); err != nil {
		return err
	}
	c.report.Threads++
	return c.indexed(indexThreadsIdle, timeKey(thread.LastActive, key))
}

// ticket checks a ticket.
func (c *checker) ticket(key, value []byte) error {
	var r ticketRecord
	if err := decode(key, value, &r); err != nil {
		return err
	}
	c.report.Tickets++
	var missing []error
	for index, entry := range r.indexed() {
		missing = append(missing, c.indexed(index, entry))
	}
	return errors.Join(missing...)
}

// feedback checks a user's feedback.
func (c *checker) feedback(key, value []byte) error {
	var f Feedback
	if err := decode(key, value, &f); err != nil {
		return err
	}
	c.report.Feedback++
	return c.indexed(indexFeedbackIdle, timeKey(f.At, key))
}

// history checks the history of a message.
func (c *checker) history(key, value []byte) error {
	var h History
	if err := decode(key, value, &h); err != nil {
		return err
	}
	return h.eachIndex(c.indexed)
}

// setAside describes a damaged record.
func (c *checker) setAside(key, value []byte) error {
	at, d, err := cutDamage(key)
	if err != nil {
		return err
	}
	c.report.SetAside = append(c.report.SetAside, fmt.Sprintf("%s %s, %d bytes, %s", d.bucket, d.name(), len(value), at.Format(time.RFC3339)))
	return nil
}

// indexed returns an error unless an index contains the entry of a record.
func (c *checker) indexed(index, entry []byte) error {
	c.want[string(index)]++
	if !c.has(index, entry) {
		return fmt.Errorf("the index %q lacks %q", index, entry)
	}
	return nil
}

// indexes reports index entries that belong to no record.
func (c *checker) indexes() {
	for _, index := range indexes {
		got, want := 0, c.want[string(index)]
		c.each(index, func([]byte, []byte) error { got++; return nil })
		if got > want {
			c.report.problem("%s: %d of %d entries belong to no record", index, got-want, got)
		}
	}
}
