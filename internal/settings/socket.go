package settings

import (
	"cmp"
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
)

// maxSocketPath is the maximum length of the path of a Unix socket on this system, in
// bytes. The system's field also has room for a zero byte.
const maxSocketPath = len(syscall.RawSockaddrUnix{}.Path) - 1

// AdminSocket reads the path of the admin socket, for commands that talk to a running
// enjobridge. If it is invalid or turned off, AdminSocket returns an *[Error].
func AdminSocket() (string, error) {
	r := reader{}
	env, err := r.load("STORAGE", "STORAGE_LISTEN", "ADMIN_SOCKET")
	if err != nil {
		return "", err
	}
	path := r.socket(env.AdminSocket, r.storage(env))
	if len(r.problems) == 0 && path == "" {
		r.problem("ADMIN_SOCKET", "is off, but this command needs it: set it as the running enjobridge has it (a backup also works over HTTP, with ADMIN_TOKEN)")
	}
	return path, r.err()
}

// databaseSocket is the admin socket if the store is a database.
const databaseSocket = "enjobridge.sock"

// socket checks the path of the admin socket, which is next to the store's file by default.
// For off, it returns "".
func (r *reader) socket(value string, storage Storage) string {
	const name = "ADMIN_SOCKET"
	if isOff(value) {
		return ""
	}
	path := cmp.Or(value, storage.File+".sock")
	if value == "" && storage.IsDatabase() {
		path = databaseSocket
	}
	switch {
	case isDirectory(path):
		r.problem(name, "is a directory: name a file in it, such as "+filepath.Join(path, "enjobridge.sock"))
	case value != "" && isMissing(filepath.Dir(path)):
		r.problem(name, "is in a directory that does not exist: create "+filepath.Dir(path)+", or name another file")
	case value != "" && value == storage.File:
		r.problem(name, "is the same file as STORAGE")
	case len(path) > maxSocketPath:
		r.problem(name, fmt.Sprintf("has a path of %d bytes, and the limit is %d: set it to a shorter path (the default is STORAGE with .sock), or to off",
			len(path), maxSocketPath))
	}
	if strings.HasPrefix(path, "@") {
		return "./" + path // Linux would take it for a name without a file, which has no mode
	}
	return path
}
