package storage

import (
	"context"
	"encoding/binary"
	"fmt"
)

// keyProbed is where Probe writes.
var keyProbed = []byte("probed")

// Probe implements [Store].
func (b *Bolt) Probe(ctx context.Context) (err error) {
	defer b.report("probe")(&err)
	err = b.update(ctx, func(t *tx) error {
		number, err := t.next(bucketAbout)
		if err != nil {
			return err
		}
		return t.put(bucketAbout, keyProbed, binary.BigEndian.AppendUint64(nil, number))
	})
	if err != nil {
		return fmt.Errorf("write to the store for a test: %w", err)
	}
	return nil
}
