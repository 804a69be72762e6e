package ops

import (
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"enjobridge/internal/smalldisk"
	"enjobridge/storage"
)

// serveBackups serves backups of a store at an admin socket until the test ends. It
// returns the socket's path.
func serveBackups(t *testing.T, store Store, file string) string {
	t.Helper()
	path := filepath.Join(shortDir(t), "bot.sock")
	s, err := Open(Config{AdminSocket: path, Store: store, StoreFile: file}, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return path
}

// openStore opens a store with one question until the test ends.
func openStore(t *testing.T) (*storage.Bolt, string) {
	t.Helper()
	path := newStore(t)
	store, err := storage.OpenBolt(path, storage.BoltOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return store, path
}

// names returns the names of the files in a directory.
func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, entry := range entries {
		all = append(all, entry.Name())
	}
	return all
}

// observed is a store that calls seen with each file that it is copied to.
type observed struct {
	*storage.Bolt
	seen func(*temporary)
}

func (o observed) Backup(ctx context.Context, w io.Writer) (int64, error) {
	o.seen(w.(*temporary))
	return o.Bolt.Backup(ctx, w)
}

// Ensure that a backup is a complete store, that nobody else can read it or its
// temporary copy, and that nothing else is left.
func TestBackup(t *testing.T) {
	store, path := openStore(t)
	socket := serveBackups(t, observed{store, func(copied *temporary) {
		if info, err := copied.Stat(); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("the temporary copy has mode %v, %v", info.Mode(), err)
		}
	}}, path)
	file := filepath.Join(t.TempDir(), "backup.db")
	for _, replace := range []bool{false, true} {
		size, err := Backup(t.Context(), Download{Socket: socket, Store: path, File: file, Replace: replace})
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(file)
		if err != nil || info.Size() != size || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("size %d and mode %v, want %d, %v", info.Size(), info.Mode(), size, err)
		}
	}
	if err := CheckStore(file, false, io.Discard); err != nil {
		t.Error(err)
	}
	if left := names(t, filepath.Dir(file)); !slices.Equal(left, []string{"backup.db"}) {
		t.Errorf("files %q", left)
	}
	if left := names(t, filepath.Dir(path)); !slices.Equal(left, []string{filepath.Base(path)}) {
		t.Errorf("files %q next to the store", left)
	}
}

// Ensure that a backup replaces a file only if that is asked for, and never the store or
// something that is not a file.
func TestBackup_Replaces(t *testing.T) {
	store, path := openStore(t)
	socket := serveBackups(t, store, path)
	dir := t.TempDir()
	notes, link := filepath.Join(dir, "notes.txt"), filepath.Join(dir, "link.db")
	if err := os.WriteFile(notes, []byte("Buy milk."), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		file    string
		replace bool
		want    string
	}{
		"a file":               {notes, false, "exists: name another file, or replace it with -force"},
		"the store":            {path, true, "is the store itself"},
		"a link to the store":  {link, true, "is not a regular file"},
		"a directory":          {dir, true, "is not a regular file"},
		"a file below a file":  {filepath.Join(notes, "backup.db"), false, "notes.txt"},
		"no such directory":    {filepath.Join(dir, "none", "backup.db"), false, "creating the backup"},
		"a name of the socket": {socket, true, "is not a regular file"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Backup(t.Context(), Download{Socket: socket, Store: path, File: test.file, Replace: test.replace})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
	if text, err := os.ReadFile(notes); err != nil || string(text) != "Buy milk." {
		t.Errorf("the file is now %q, %v", text, err)
	}
	if left := names(t, dir); !slices.Equal(left, []string{"link.db", "notes.txt"}) {
		t.Errorf("files %q", left)
	}
}

// Ensure that a file that appears during a backup is not replaced.
func TestBackup_FileAppears(t *testing.T) {
	store, path := openStore(t)
	file := filepath.Join(t.TempDir(), "backup.db")
	socket := serveBackups(t, observed{store, func(*temporary) {
		if err := os.WriteFile(file, []byte("Buy milk."), 0o600); err != nil {
			t.Error(err)
		}
	}}, path)
	if _, err := Backup(t.Context(), Download{Socket: socket, Store: path, File: file}); err == nil || !strings.Contains(err.Error(), "exists") {
		t.Errorf("error %v", err)
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != "Buy milk." {
		t.Errorf("the file is now %q, %v", text, err)
	}
}

// Ensure that a command without a running enjobridge says where it looked, and what to do.
func TestBackup_NoProcess(t *testing.T) {
	dir := shortDir(t)
	crashed := filepath.Join(dir, "crashed.sock")
	abandon(t, crashed)
	for _, socket := range []string{crashed, filepath.Join(dir, "none.sock")} {
		_, err := Backup(t.Context(), Download{Socket: socket, File: filepath.Join(dir, "backup.db")})
		if err == nil || !strings.Contains(err.Error(), "no enjobridge listens at "+socket+": it must run, with the same STORAGE") {
			t.Errorf("error %v", err)
		}
	}
	if left := names(t, dir); !slices.Equal(left, []string{"crashed.sock"}) {
		t.Errorf("files %q", left)
	}
}

// Ensure that a user without access to the socket learns who has it.
func TestBackup_NoAccess(t *testing.T) {
	if runtime.GOOS == "windows" || os.Geteuid() == 0 {
		t.Skip("this user has access to every socket")
	}
	store, path := openStore(t)
	socket := serveBackups(t, store, path)
	if err := os.Chmod(socket, 0); err != nil {
		t.Fatal(err)
	}
	_, err := Backup(t.Context(), Download{Socket: socket, Store: path, File: filepath.Join(t.TempDir(), "backup.db")})
	if err == nil || !strings.Contains(err.Error(), "run this command as the user of the running enjobridge, or as root") {
		t.Errorf("error %v", err)
	}
}

// Ensure that a backup that is cut off leaves no file, and that the error says so.
func TestBackup_Interrupted(t *testing.T) {
	path := filepath.Join(shortDir(t), "bot.sock")
	listener, err := listenAtSocket(path)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, strings.Repeat("x", 60))
	})}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	defer func() { _ = server.Close(); <-ended }()

	dir := t.TempDir()
	_, err = Backup(t.Context(), Download{Socket: path, File: filepath.Join(dir, "backup.db")})
	if err == nil || !strings.Contains(err.Error(), "60 of 100 bytes arrived") {
		t.Errorf("error %v", err)
	}
	if left := names(t, dir); len(left) != 0 {
		t.Errorf("files %q", left)
	}
}

// Ensure that the running enjobridge's reason for refusing a backup is shown.
func TestBackup_Refused(t *testing.T) {
	dir := t.TempDir()
	socket := serveBackups(t, full{1 << 60}, filepath.Join(dir, "bot.db"))
	_, err := Backup(t.Context(), Download{Socket: socket, File: filepath.Join(dir, "backup.db")})
	if err == nil || !strings.Contains(err.Error(), "507") || !strings.Contains(err.Error(), "does not fit") {
		t.Errorf("error %v", err)
	}
	if left := names(t, dir); len(left) != 0 {
		t.Errorf("files %q", left)
	}
}

// Ensure that a backup that does not fit on its disk leaves no file.
func TestBackup_DiskIsFull(t *testing.T) {
	disk, err := smalldisk.Mount(t, 1)
	if err != nil {
		t.Skip("no small disk: ", err)
	}
	store, path := openStore(t)
	socket := serveBackups(t, store, path)
	disk.Fill()
	file := disk.Path("backup.db")
	_, err = Backup(t.Context(), Download{Socket: socket, Store: path, File: file})
	if err == nil || !strings.Contains(err.Error(), "no space left on device") {
		t.Errorf("error %v", err)
	}
	if left := names(t, filepath.Dir(file)); !slices.Equal(left, []string{"filling"}) {
		t.Errorf("files %q", left)
	}
}
