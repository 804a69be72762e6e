package storage

import (
	"errors"
	"fmt"
	"io/fs"

	"go.etcd.io/bbolt"
)

// InspectBolt returns the schema version of the store at path, and changes nothing. It reads
// only the store's head: [CheckBolt] reads all of it.
//
// Its errors are those of [OpenBolt], and fs.ErrNotExist if there is no file yet.
func InspectBolt(path string, options BoltOptions) (schema int, err error) {
	if schema, err = inspectBolt(path, options); err != nil {
		return 0, explain(path, err)
	}
	return schema, nil
}

func inspectBolt(path string, options BoltOptions) (schema int, err error) {
	fresh, err := inspect(path, options)
	switch {
	case err != nil:
		return 0, err
	case fresh:
		return 0, fmt.Errorf("%w: there is no store", fs.ErrNotExist)
	}
	db, _, err := openFile(path, bbolt.Options{Timeout: options.lockTimeout(), ReadOnly: true})
	if err != nil {
		return 0, err
	}
	err = readTx(db, func(t *bbolt.Tx) error {
		about := t.Bucket(bucketAbout)
		if about == nil {
			return fmt.Errorf("%w: its creation was interrupted", fs.ErrNotExist)
		}
		var err error
		schema, err = schemaOf(about)
		return err
	})
	return schema, errors.Join(err, db.Close())
}
