//go:build unix

package ops

import (
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// Ensure that nobody can connect to the admin socket before its mode is 0600, whatever
// the umask.
func TestSocketIsNeverOpenToOthers(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0))
	path := filepath.Join(shortDir(t), "bot.sock")
	file, err := bindPrivately(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if info, err := os.Lstat(path); err != nil || info.Mode() != fs.ModeSocket|0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if conn, err := net.Dial("unix", path); !isRefused(err) {
		t.Errorf("connecting: %v, %v", conn, err)
	}
}
