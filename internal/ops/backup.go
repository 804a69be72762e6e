package ops

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"enjobridge/storage"

	"github.com/rs/zerolog"
)

// backupWithin is the timeout of one backup.
const backupWithin = time.Hour

// backups serves copies of the store. Each copy is first written to a file in the
// store's directory, so that a slow client does not block the store.
type backups struct {
	store Store
	path  string // the store's file
	log   zerolog.Logger
	busy  chan struct{} // holds a token while a backup is served
}

// Store is a store that can be copied while it is used.
type Store interface {
	// Size returns the size of a copy, in bytes.
	Size(ctx context.Context) (int64, error)
	// Backup writes a copy, and returns its size in bytes.
	Backup(ctx context.Context, w io.Writer) (int64, error)
}

func newBackups(store Store, path string, log zerolog.Logger) *backups {
	return &backups{store: store, path: path, log: log, busy: make(chan struct{}, 1)}
}

// ServeHTTP sends a copy of the store's current state.
func (b *backups) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if b.store == nil {
		http.Error(w, "the store is a PostgreSQL database: back it up with pg_dump, see enjobridge backup -h", http.StatusNotImplemented)
		return
	}
	select {
	case b.busy <- struct{}{}:
		defer func() { <-b.busy }()
	default:
		w.Header().Set("Retry-After", "60")
		http.Error(w, "another backup is running", http.StatusServiceUnavailable)
		return
	}
	file, size, err := b.take(r.Context())
	if err != nil {
		b.log.Error().Err(err).Msg("ops: backup failed")
		http.Error(w, err.Error(), http.StatusInsufficientStorage)
		return
	}
	defer file.Close()
	if err := http.NewResponseController(w).SetWriteDeadline(time.Now().Add(backupWithin)); err != nil {
		b.log.Warn().Err(err).Msg("ops: setting the backup's deadline failed, it can be cut off")
	}
	name := "enjobridge-" + time.Now().UTC().Format("20060102T150405Z") + ".db"
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	w.Header().Set("Content-Length", strconv.FormatInt(size, 10))
	if _, err := io.Copy(w, file); err != nil {
		b.log.Warn().Err(err).Msg("ops: sending the backup failed")
		return
	}
	b.log.Info().Int64("bytes", size).Msg("ops: backup sent")
}

// take returns a copy of the store in a file that is removed when it is closed.
func (b *backups) take(ctx context.Context) (file *temporary, size int64, err error) {
	directory := filepath.Dir(b.path)
	if err := b.checkSpace(ctx, directory); err != nil {
		return nil, 0, err
	}
	file, err = newTemporary(directory, ".enjobridge-backup-*")
	if err != nil {
		return nil, 0, fmt.Errorf("creating a file for the backup: %w", err)
	}
	if size, err = b.store.Backup(ctx, file); err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		_ = file.Close()
		return nil, 0, fmt.Errorf("taking a backup: %w", err)
	}
	return file, size, nil
}

// temporary is a file that is removed when it is closed. Except on Windows, it is
// unlinked at once, so that a crash leaves nothing behind.
type temporary struct{ *os.File }

// newTemporary creates a file that only its owner can read.
func newTemporary(directory, pattern string) (*temporary, error) {
	file, err := os.CreateTemp(directory, pattern)
	if err != nil {
		return nil, err
	}
	_ = os.Remove(file.Name())
	return &temporary{file}, nil
}

// Close closes and removes the file.
func (t *temporary) Close() error {
	err := t.File.Close()
	if removed := os.Remove(t.Name()); !errors.Is(removed, fs.ErrNotExist) {
		err = errors.Join(err, removed)
	}
	return err
}

// checkSpace returns an error unless a copy fits and leaves the store room to grow.
func (b *backups) checkSpace(ctx context.Context, directory string) error {
	size, err := b.store.Size(ctx)
	if err != nil {
		return fmt.Errorf("reading the store's size: %w", err)
	}
	free, err := storage.FreeSpace(directory)
	if err != nil {
		return fmt.Errorf("reading the free space in %s: %w", directory, err)
	}
	if free < size+roomToGrow {
		return fmt.Errorf("a backup of %d bytes does not fit: %s has %d bytes left", size, directory, free)
	}
	return nil
}

// roomToGrow is the disk space that a backup must leave for the store, in bytes.
const roomToGrow = 16 << 20
