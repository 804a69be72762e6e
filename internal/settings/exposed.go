package settings

import (
	"os"
	"runtime"
	"strings"
)

// isExposed reports whether every user of this machine can read or change a file. On
// Windows the mode does not say that.
func isExposed(mode os.FileMode) bool {
	return runtime.GOOS != "windows" && mode.IsRegular() && mode&0o006 != 0
}

// ExposedFiles returns the files of secrets, named by NAME_FILE, that every user of this
// machine can read or change. Those of Docker and Kubernetes are left out: only their
// container has them.
func ExposedFiles() []string {
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
