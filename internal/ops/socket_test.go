package ops

import (
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/rs/zerolog"
)

// shortDir returns a temporary directory whose path leaves room for the name of a
// socket, which that of t.TempDir may not.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "ops")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// abandon leaves a socket at path that no process listens at, like a crash.
func abandon(t *testing.T, path string) {
	t.Helper()
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	listener.SetUnlinkOnClose(false)
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
}

// Ensure that the admin socket admits only its owner, serves, and is removed at the end,
// also if a crash left one behind.
func TestSocket(t *testing.T) {
	for name, prepare := range map[string]func(t *testing.T, path string){
		"none before":   func(*testing.T, string) {},
		"after a crash": abandon,
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(shortDir(t), "bot.sock")
			prepare(t, path)
			s, err := Open(Config{AdminSocket: path, Store: full{1}, StoreFile: path}, zerolog.Nop())
			if err != nil {
				t.Fatal(err)
			}
			info, err := os.Lstat(path)
			if err != nil || runtime.GOOS != "windows" && info.Mode() != fs.ModeSocket|0o600 {
				t.Errorf("mode %v, %v", info.Mode(), err)
			}
			response, err := Client{path}.Do(t.Context(), http.MethodGet, "/none")
			if response != nil || err == nil || !strings.Contains(err.Error(), "404") {
				t.Errorf("error %v", err)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 0 {
				t.Errorf("%v remain, %v", left, err)
			}
		})
	}
}

// Ensure that a socket at which a process listens, and a file that is not a socket,
// stay as they are.
func TestSocket_NotReplaced(t *testing.T) {
	dir := shortDir(t)
	live, file := filepath.Join(dir, "live.sock"), filepath.Join(dir, "notes.txt")
	listener, err := listenAtSocket(live)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	if err := os.WriteFile(file, []byte("Buy milk."), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{live: "another process listens there", file: "not a socket", dir: "not a socket"} {
		_, err := Open(Config{AdminSocket: path}, zerolog.Nop())
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "set ADMIN_SOCKET to another path, or to off") {
			t.Errorf("%s: error %v", path, err)
		}
	}
	conn, err := net.Dial("unix", live)
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
	if text, err := os.ReadFile(file); err != nil || string(text) != "Buy milk." {
		t.Errorf("the file is now %q, %v", text, err)
	}
}

// Ensure that a process does not remove the socket of another one that has replaced its own.
func TestSocket_OfAnotherProcess(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows identifies files by their paths")
	}
	dir := shortDir(t)
	path := filepath.Join(dir, "bot.sock")
	first, err := listenAtSocket(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path, filepath.Join(dir, "first.sock")); err != nil {
		t.Fatal(err)
	}
	second, err := listenAtSocket(path)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	if err := first.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(path); err != nil {
		t.Error(err)
	}
}
