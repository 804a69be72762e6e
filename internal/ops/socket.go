package ops

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
)

// socket is a listener at a Unix socket. It removes the socket's file when it is closed.
type socket struct {
	net.Listener
	path string
	file fs.FileInfo
}

// listenAtSocket listens at a Unix socket to which only its owner and root can connect.
// It replaces a socket that a crash left behind, but neither the socket of a running
// process nor another file.
func listenAtSocket(path string) (*socket, error) {
	if err := removeStale(path); err != nil {
		return nil, err
	}
	listener, err := listenPrivately(path)
	if err != nil {
		return nil, err
	}
	file, err := os.Lstat(path)
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	return &socket{listener, path, file}, nil
}

// removeStale removes a socket that no process listens at. For the default path next to a
// file, the lock of the store keeps other processes from doing so at the same time.
func removeStale(path string) error {
	file, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case file.Mode().Type() != fs.ModeSocket:
		return errors.New("there is a file that is not a socket")
	}
	conn, err := net.Dial("unix", path)
	if err == nil {
		return errors.Join(errors.New("another process listens there"), conn.Close())
	}
	if !isRefused(err) {
		return fmt.Errorf("checking whether another process listens there: %w", err)
	}
	return os.Remove(path)
}

// Close removes the socket's file and stops listening. It leaves the file alone if
// another process has replaced it.
func (s *socket) Close() error {
	var removed error
	if file, err := os.Lstat(s.path); err == nil && os.SameFile(file, s.file) {
		removed = os.Remove(s.path)
	}
	return errors.Join(removed, s.Listener.Close())
}
