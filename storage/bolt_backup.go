package storage

import (
	"context"
	"fmt"
	"io"
)

// Backup writes a snapshot of the store to w, as a file that [OpenBolt] can open, and
// returns its size in bytes. Reads and writes continue meanwhile. The store's file
// grows during a backup, so w should be a local file and not a slow network.
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

// Size returns the size in bytes that a backup would have now.
func (b *Bolt) Size(ctx context.Context) (int64, error) {
	var size int64
	err := b.view(ctx, func(t *tx) error {
		size = t.bolt.Size()
		return nil
	})
	return size, err
}
