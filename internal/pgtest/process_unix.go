//go:build unix

package pgtest

import (
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// adopt makes a command run as the user that runs servers, in a process group that Ctrl-C
// does not reach. PostgreSQL and pgbouncer refuse to run as root, so root runs them as the
// user postgres.
func adopt(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if uid, gid, ok := other(); ok {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uid, Gid: gid}
	}
}

// own gives a file or directory to the user that runs servers.
func own(path string) error {
	if uid, gid, ok := other(); ok {
		return os.Chown(path, int(uid), int(gid))
	}
	return nil
}

// other returns the user that runs servers, if it is not the one of this process.
func other() (uid, gid uint32, ok bool) {
	if os.Getuid() != 0 {
		return 0, 0, false
	}
	account, err := user.Lookup("postgres")
	if err != nil {
		return 0, 0, false
	}
	u, _ := strconv.ParseUint(account.Uid, 10, 32)
	g, _ := strconv.ParseUint(account.Gid, 10, 32)
	return uint32(u), uint32(g), true
}
