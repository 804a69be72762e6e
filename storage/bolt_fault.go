package storage

import (
	"errors"
	"fmt"
	"reflect"
	"runtime/debug"
	"sync"
	"unsafe"

	"go.etcd.io/bbolt"
)

// guard turns a panic of run into ErrCorrupt. Data pages of bbolt have no checksums: if
// one is damaged, bbolt panics or reads outside the file, which faults.
func guard(run func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", ErrCorrupt, p)
		}
	}()
	return run()
}

// readTx runs read in a read transaction of bbolt. Unlike bbolt's View, it survives a
// fault at any moment.
func readTx(db *bbolt.DB, read func(*bbolt.Tx) error) error {
	var t *bbolt.Tx
	err := guard(func() (err error) {
		t, err = db.Begin(false)
		return err
	})
	if errors.Is(err, ErrCorrupt) {
		unlockAfterBegin(db)
	}
	if err != nil {
		return err
	}
	return errors.Join(guard(func() error { return read(t) }), t.Rollback())
}

// unlockAfterBegin releases the locks that bbolt keeps if a read transaction faults at its
// start, which happens if the file was truncated to nothing. All other transactions would
// wait for them forever. See beginTx in
// https://github.com/etcd-io/bbolt/blob/v1.5.0/db.go: it takes both locks, and only then
// reads a page.
func unlockAfterBegin(db *bbolt.DB) {
	fields := reflect.ValueOf(db).Elem()
	(*sync.RWMutex)(unsafe.Pointer(fields.FieldByName("mmaplock").UnsafeAddr())).RUnlock()
	(*sync.Mutex)(unsafe.Pointer(fields.FieldByName("metalock").UnsafeAddr())).Unlock()
}
