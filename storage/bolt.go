package storage

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"sync"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// Bolt is a [Store] in one file, for one process.
//
// Its buckets hold records as JSON under the keys that bolt_key.go builds:
//
//	about       what the file is: format and schema
//	questions   message → Question
//	threads     thread → Thread
//	tickets     thread, ticket ID → ticketRecord
//	feedback    message, user → Feedback
//	people      user → Preferences
//	seen        key given to FirstTime → the time
//	calls       time, number → nothing
//
// The others are indexes: a time or a thread, followed by the key of what is
// indexed. Each is written in the transaction that writes the record.
//
// The file never shrinks: what is deleted makes room for what comes. Until that
// comes, erased texts can be read from the file with other tools than bbolt.
type Bolt struct {
	path    string
	options BoltOptions
	writer  *writer
	hook    func(op string, took time.Duration, err error) // nil for none

	using sync.RWMutex // held for writing while db is replaced
	db    *bbolt.DB    // nil when it could not be opened anew
	file  *os.File     // db's, to let go of its lock when db itself cannot be closed
	known fs.FileInfo  // the file that was opened first

	closing  sync.Once
	closeErr error
}

var _ Store = (*Bolt)(nil)

// The buckets of the file.
var (
	bucketAbout     = []byte("about")
	bucketQuestions = []byte("questions")
	bucketThreads   = []byte("threads")
	bucketTickets   = []byte("tickets")
	bucketFeedback  = []byte("feedback")
	bucketPeople    = []byte("people")
	bucketSeen      = []byte("seen")
	bucketCalls     = []byte("calls")
	bucketSwept     = []byte("swept")

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
)

// All of them: those of records, and those that are indexes.
var (
	buckets = [][]byte{
		bucketAbout, bucketQuestions, bucketThreads, bucketTickets, bucketFeedback, bucketPeople, bucketSeen, bucketCalls, bucketSwept,
	}
	indexes = [][]byte{
		indexUnfinished, indexThreadsBusy, indexQuestionsIdle, indexThreadsIdle,
		indexTicketsIdle, indexTicketsNamed, indexTicketsOf, indexTicketsOutdated, indexFeedbackIdle, indexSeen,
	}
)

// BoltOptions are what one may choose about a [Bolt]. The zero value is fine.
type BoltOptions struct {
	// LockTimeout is how long to wait for another process to let go of the file;
	// 0 means one second.
	LockTimeout time.Duration

	// noSync leaves it to the system when to write to the disk. A power cut then
	// loses and damages the store: for tests that do not need it afterwards.
	noSync bool
}

func (o BoltOptions) lockTimeout() time.Duration { return cmp.Or(o.LockTimeout, time.Second) }

// errClosed is the error of every method of a closed store.
var errClosed = errors.New("the store is closed")

// Close waits for the transactions that run, and closes the file. Writes that
// still wait for their turn fail.
func (b *Bolt) Close() error {
	b.closing.Do(func() {
		b.writer.stop()
		if b.db != nil {
			b.closeErr = b.db.Close()
		}
	})
	return b.closeErr
}

// update runs change in a transaction that is on disk when update returns nil.
// It may run change more than once, and together with others; what change
// tells the caller through variables counts only if update returns nil.
func (b *Bolt) update(ctx context.Context, change func(*tx) error) error {
	return b.writer.do(ctx, change)
}

// view runs read in a transaction that sees what is on disk. Nothing in read
// may wait for anything else: an open transaction holds up the growth of the file.
func (b *Bolt) view(ctx context.Context, read func(*tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	b.using.RLock()
	defer b.using.RUnlock()
	if err := b.writer.failure(); err != nil {
		return err
	}
	err := b.db.View(func(t *bbolt.Tx) error {
		return guard(func() error { return read(&tx{bolt: t}) })
	})
	if errors.Is(err, bolterrors.ErrDatabaseNotOpen) {
		return errClosed
	}
	return err
}
