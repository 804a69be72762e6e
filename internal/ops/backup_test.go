package ops

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/rs/zerolog"
)

// full is a store that cannot be copied because the disk is full.
type full struct{ size int64 }

func (f full) Size(context.Context) (int64, error) { return f.size, nil }

func (f full) Backup(context.Context, io.Writer) (int64, error) {
	return 0, errors.New("no space left on device")
}

// Ensure that a backup that does not fit is refused and leaves no file behind.
func TestBackupThatDoesNotFit(t *testing.T) {
	for name, size := range map[string]int64{"at once": 1 << 60, "while copying": 1} {
		t.Run(name, func(t *testing.T) {
			directory := t.TempDir()
			w := httptest.NewRecorder()
			newBackups(full{size}, filepath.Join(directory, "bot.db"), zerolog.Nop()).
				ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/backup", nil))
			if w.Code != http.StatusInsufficientStorage {
				t.Errorf("status %d: %s", w.Code, w.Body)
			}
			if left, err := os.ReadDir(directory); err != nil || len(left) != 0 {
				t.Errorf("%d files remain, %v", len(left), err)
			}
		})
	}
}
