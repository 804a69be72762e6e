package storage

import (
	"context"
	"fmt"
	"io"
)

// Backup writes the store to w as it is now, as a file that [OpenBolt] opens,
// and returns its size in bytes. Others go on reading and writing meanwhile. The
// file grows while that lasts, so w should be a file, and not a slow network.
func (b *Bolt) Backup(ctx context.Context, w io.Writer) (int64, error) {
	var size int64
	err := b.view(ctx, func(t *tx) (err error) {
		size, err = t.bolt.WriteTo(w)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("copy the store: %w", err)
	}
	return size, nil
}

// Size returns how many bytes a copy of the store would take now.
func (b *Bolt) Size(ctx context.Context) (int64, error) {
	var size int64
	err := b.view(ctx, func(t *tx) error {
		size = t.bolt.Size()
		return nil
	})
	return size, err
}
