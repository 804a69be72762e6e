package storage

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"enjobridge/storage/groupcommit"
)

// Bolt is a [Store] in one file. Only one process can open it at a time.
//
// Its buckets hold records as JSON under the keys that bolt_key.go builds:
//
//	about       the format and the schema version of the file
//	questions   message → Question
//	threads     thread → Thread
//	tickets     thread, ticket ID → ticketRecord
//	feedback    message, user → Feedback
//	people      user → Preferences
//	seen        key → the time of its first use, and the count of Increment; also events
//	calls       time, number → nothing
//	swept       conversation → its watermark
//	tokens      kind → Token
//	damaged     time, bucket, key → the value of a record that could not be read
//	copies      message → History
//
// The other buckets are indexes. Their keys are a time or a thread, followed by
// the key of the record. The transaction that writes a record writes its index
// entries, too.
//
// The file never shrinks: bbolt reuses the pages of deleted records. Until a page is
// overwritten, other tools than bbolt can read erased texts from it.
type Bolt struct {
	path    string
	options BoltOptions
	writer  *writer
	hook    func(op string, took time.Duration, err error) // nil for none

	using sync.RWMutex // held for writing while db is replaced
	db    *bbolt.DB    // nil if reopening it failed
	file  *os.File     // the file of db, to release its lock if db cannot be closed
	known fs.FileInfo  // identifies the file that was opened first

	size atomic.Int64              // of the file when it was last seen, in bytes
	lost atomic.Pointer[lostError] // why the store cannot be used any more; nil if it can

	closing  sync.Once
	closeErr error
}

var _ Store = (*Bolt)(nil)

// The buckets of the file.
var (
	bucketAbout      = []byte("about")
	bucketQuestions  = []byte("questions")
	bucketThreads    = []byte("threads")
	bucketTickets    = []byte("tickets")
	bucketFeedback   = []byte("feedback")
	bucketPeople     = []byte("people")
	bucketSeen       = []byte("seen")
	bucketCalls      = []byte("calls")
	bucketWatermarks = []byte("swept")
	bucketTokens     = []byte("tokens")
	bucketDamaged    = []byte("damaged") // since schema 2
	bucketCopies     = []byte("copies")

	indexUnfinished      = []byte("unfinished by acceptance")
	indexThreadsBusy     = []byte("unfinished by thread")
	indexQuestionsIdle   = []byte("questions by end")
	indexThreadsIdle     = []byte("threads by activity")
	indexTicketsIdle     = []byte("tickets by update")
	indexTicketsNamed    = []byte("tickets by ID")
	indexTicketsOf       = []byte("tickets by requester")
	indexTicketsOutdated = []byte("tickets with outdated cards")
	indexFeedbackIdle    = []byte("feedback by time")
	indexSeen            = []byte("seen by time")
	indexCopiesIdle      = []byte("copies by time")
	indexCopiesNamed     = []byte("copies by reference")
)

// All buckets: those with records, and the indexes.
var (
	buckets = [][]byte{
		bucketAbout, bucketQuestions, bucketThreads, bucketTickets, bucketFeedback, bucketPeople, bucketSeen, bucketCalls, bucketWatermarks,
		bucketDamaged, bucketCopies, bucketTokens,
	}
	// laterBuckets did not exist in the first stores of their schema. OpenBolt creates them,
	// and earlier versions ignore them.
	laterBuckets = [][]byte{bucketTokens, bucketCopies, indexCopiesIdle, indexCopiesNamed}
	indexes      = [][]byte{
		indexUnfinished, indexThreadsBusy, indexQuestionsIdle, indexThreadsIdle,
		indexTicketsIdle, indexTicketsNamed, indexTicketsOf, indexTicketsOutdated, indexFeedbackIdle, indexSeen,
		indexCopiesIdle, indexCopiesNamed,
	}
)

// BoltOptions configure a [Bolt]. The zero value is usable.
type BoltOptions struct {
	// LockTimeout is how long to wait until another process releases the lock on the
	// file; 0 means one second.
	LockTimeout time.Duration
	// Migrated is called when OpenBolt has migrated a store of an older version.
	Migrated func(Migration)

	// noSync leaves it to the operating system when to write to the disk, so that a
	// power cut can lose data and damage the store. Only tests use it.
	noSync bool
	// step is called at each step of a migration, so that tests can end the process there.
	step func(name string)
}

func (o BoltOptions) lockTimeout() time.Duration { return cmp.Or(o.LockTimeout, time.Second) }

// reached calls the function that a test has set.
func (o BoltOptions) reached(step string) {
	if o.step != nil {
		o.step(step)
	}
}

// Close waits for the running transactions and closes the file. Queued writes fail.
func (b *Bolt) Close() error {
	b.closing.Do(func() {
		b.writer.queue.Close()
		if b.db != nil {
			b.closeErr = b.db.Close()
		}
	})
	return b.closeErr
}

// update runs change in a transaction that is on disk when update returns nil. It
// may run change more than once, and together with other changes. Variables that
// change sets are valid only if update returns nil. Damaged records that change meets
// are set aside, and change runs again if they were in its way.
func (b *Bolt) update(ctx context.Context, change func(*tx) error) error {
	var found []damage
	err := b.writer.do(ctx, func(t *tx) error {
		t.damaged = nil
		err := change(t)
		found = t.damaged
		return err
	})
	if len(found) == 0 || b.setAside(ctx, found) != nil || err == nil {
		return err
	}
	return b.writer.do(ctx, change)
}

// view runs read in a transaction that sees the data on disk. read must not block:
// while a read transaction is open, the file cannot grow. Damaged records that read
// meets are set aside, and read runs again.
func (b *Bolt) view(ctx context.Context, read func(*tx) error) error {
	found, err := b.viewOnce(ctx, read)
	if len(found) == 0 || b.setAside(ctx, found) != nil {
		return err
	}
	_, err = b.viewOnce(ctx, read)
	return err
}

// viewOnce runs read, and returns the damaged records that it has met.
func (b *Bolt) viewOnce(ctx context.Context, read func(*tx) error) (found []damage, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	b.using.RLock()
	defer b.using.RUnlock()
	if err := b.writer.failure(); err != nil {
		return nil, err
	}
	t := new(tx)
	err = readTx(b.db, func(bolt *bbolt.Tx) error {
		t.bolt = bolt
		return read(t)
	})
	if errors.Is(err, bolterrors.ErrDatabaseNotOpen) {
		return nil, groupcommit.ErrClosed
	}
	if errors.Is(err, ErrCorrupt) {
		// It may be the file as a whole, and not one of its pages.
		if lost := b.intact(); errors.Is(lost, ErrCorrupt) {
			return nil, lost
		}
	}
	return t.damaged, err
}
