//go:build unix

package ops

import (
	"errors"
	"net"
	"os"
	"syscall"
)

// backlog is how many clients can wait to be accepted.
const backlog = 16

// listenPrivately listens at a new Unix socket with mode 0600. [net.Listen] would listen
// before the mode can be changed.
func listenPrivately(path string) (net.Listener, error) {
	file, err := bindPrivately(path)
	if err != nil {
		return nil, err
	}
	defer file.Close() // the listener has a duplicate
	if err := syscall.Listen(int(file.Fd()), backlog); err != nil {
		return nil, errors.Join(os.NewSyscallError("listen", err), os.Remove(path))
	}
	listener, err := net.FileListener(file)
	if err != nil {
		return nil, errors.Join(err, os.Remove(path))
	}
	return listener, nil
}

// bindPrivately creates a Unix socket with mode 0600. Nobody can connect to it until
// somebody listens.
func bindPrivately(path string) (*os.File, error) {
	syscall.ForkLock.RLock() // a child process must not inherit the descriptor
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err == nil {
		syscall.CloseOnExec(fd)
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	file := os.NewFile(uintptr(fd), path)
	if err := syscall.Bind(fd, &syscall.SockaddrUnix{Name: path}); err != nil {
		return nil, errors.Join(os.NewSyscallError("bind", err), file.Close())
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(err, os.Remove(path), file.Close())
	}
	return file, nil
}

// isRefused reports whether a socket's file exists, but no process listens.
func isRefused(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }
