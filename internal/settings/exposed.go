package settings

import (
	"os"
	"runtime"
	"strings"
)

// ExposedFiles returns the files of secrets, named by NAME_FILE, that every user of this
// machine can read. Those of Docker and Kubernetes are left out: only their container has
// them.
func ExposedFiles() []string {
	if runtime.GOOS == "windows" {
		return nil // the mode does not say who can read a file
	}
	var exposed []string
	for _, s := range all() {
		path := strings.TrimSpace(os.Getenv(s.name + fileSuffix))
		if !s.secret || path == "" || strings.Contains(path, "/run/secrets/") {
			continue
		}
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Mode()&0o007 != 0 {
			exposed = append(exposed, path)
		}
	}
	return exposed
}
