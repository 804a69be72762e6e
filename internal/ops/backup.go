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

	"github.com/rs/zerolog"
)

// backupWithin bounds the download of one backup.
const backupWithin = time.Hour

// backups serves copies of the store. Each is first written to a file beside the
// store, so that the store is not held up by a client that is slow.
type backups struct {
	store Store
	path  string // the store's
	log   zerolog.Logger
	busy  chan struct{} // holds a token while one is served
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

// ServeHTTP sends a copy of the store, as it is now.
func (b *backups) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	select {
	case b.busy <- struct{}{}:
		defer func() { <-b.busy }()
	default:
		w.Header().Set("Retry-After", "60")
		http.Error(w, "another backup is being taken", http.StatusServiceUnavailable)
		return
	}
	file, size, err := b.take(r.Context())
	if err != nil {
		b.log.Error().Err(err).Msg("backup could not be taken")
		http.Error(w, err.Error(), http.StatusInsufficientStorage)
		return
	}
	defer file.Close()
	if err := http.NewResponseController(w).SetWriteDeadline(time.Now().Add(backupWithin)); err != nil {
		b.log.Warn().Err(err).Msg("backup may be cut off")
	}
	name := "enjobridge-" + time.Now().UTC().Format("20060102T150405Z") + ".db"
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	w.Header().Set("Content-Length", strconv.FormatInt(size, 10))
	if _, err := io.Copy(w, file); err != nil {
		b.log.Warn().Err(err).Msg("backup was not sent to its end")
		return
	}
	b.log.Info().Int64("bytes", size).Msg("backup was sent")
}

// take returns a copy of the store in a file that vanishes when it is closed.
func (b *backups) take(ctx context.Context) (file *temporary, size int64, err error) {
	directory := filepath.Dir(b.path)
	if err := b.checkSpace(ctx, directory); err != nil {
		return nil, 0, err
	}
	file, err = newTemporary(directory, ".enjobridge-backup-*")
	if err != nil {
		return nil, 0, fmt.Errorf("making a place for the backup: %w", err)
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

// temporary is a file that vanishes when it is closed. Where a file that is open
// can be removed, which Windows does not allow, a crash leaves nothing either.
type temporary struct{ *os.File }

// newTemporary makes a file that only its owner can read.
func newTemporary(directory, pattern string) (*temporary, error) {
	file, err := os.CreateTemp(directory, pattern)
	if err != nil {
		return nil, err
	}
	_ = os.Remove(file.Name())
	return &temporary{file}, nil
}

// Close closes the file, and removes it.
func (t *temporary) Close() error {
	err := t.File.Close()
	if removed := os.Remove(t.Name()); !errors.Is(removed, fs.ErrNotExist) {
		err = errors.Join(err, removed)
	}
	return err
}

// checkSpace returns an error unless the copy leaves the store some room to grow.
func (b *backups) checkSpace(ctx context.Context, directory string) error {
	size, err := b.store.Size(ctx)
	if err != nil {
		return fmt.Errorf("asking the store for its size: %w", err)
	}
	free, err := freeSpace(directory)
	if err != nil {
		return fmt.Errorf("asking for the free space in %s: %w", directory, err)
	}
	if free < size+roomToGrow {
		return fmt.Errorf("a backup of %d bytes does not fit: %s has %d bytes left", size, directory, free)
	}
	return nil
}

// roomToGrow is what a backup leaves free beside the store, in bytes.
const roomToGrow = 16 << 20
