package storage

import (
	"context"
	"encoding/binary"
	"fmt"
)

// keyProbed is the key that Probe writes.
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
		return fmt.Errorf("write a test value to the store: %w", err)
	}
	return nil
}
