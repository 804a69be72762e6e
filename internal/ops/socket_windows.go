package ops

import (
	"errors"
	"net"

	"golang.org/x/sys/windows"
)

// listenPrivately listens at a new Unix socket. As for the store, the access rules of
// its directory decide who can use it, because Windows files have no mode.
func listenPrivately(path string) (net.Listener, error) {
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, err
	}
	listener.SetUnlinkOnClose(false) // [socket.Close] does so
	return listener, nil
}

// isRefused reports whether a socket's file exists, but no process listens.
func isRefused(err error) bool { return errors.Is(err, windows.WSAECONNREFUSED) }
