//go:build !linux

package pgtest

import (
	"os/exec"
	"path/filepath"
)

// command returns a command. PostgreSQL refuses to run as root.
func (s *Server) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(s.bin, name), args...)
	cmd.Dir = s.dir
	return cmd
}

// own does nothing: the user of this process runs the server.
func (s *Server) own(string) error { return nil }
