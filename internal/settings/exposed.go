package settings

import (
	"fmt"
	"os"
	"runtime"
	"strings"
)

// isExposed reports whether every user of this machine can read or change a file. On
// Windows the mode does not say that.
func isExposed(mode os.FileMode) bool {
	return runtime.GOOS != "windows" && mode.IsRegular() && mode&0o006 != 0
}

// Warnings returns which of the files with settings every user of this machine can read or
// change, each with the fix after a colon.
func Warnings() []string {
	var warnings []string
	warn := func(what, path string) {
		warnings = append(warnings, fmt.Sprintf("every user of this machine can read or change the %s %s: run chmod 600 %[2]s", what, path))
	}
	used.Lock()
	file := used.file
	used.Unlock()
	if isExposed(file.mode) {
		warn("env file", file.path)
	}
	for _, path := range exposedFiles() {
		warn("secret in", path)
	}
	return warnings
}

// exposedFiles returns the files of secrets, named by NAME_FILE, that every user of this
// machine can read or change. Those of Docker and Kubernetes are left out: only their
// container has them.
func exposedFiles() []string {
	var exposed []string
	for _, s := range all() {
		path := strings.TrimSpace(os.Getenv(s.name + fileSuffix))
		if !s.secret || path == "" || strings.Contains(path, "/run/secrets/") {
			continue
		}
		if info, err := os.Stat(path); err == nil && isExposed(info.Mode()) {
			exposed = append(exposed, path)
		}
	}
	return exposed
}
