package demo

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// machineZone returns the IANA name of this machine's time zone. Go itself
// calls it "Local", which Slack has no zone of.
func machineZone() string {
	if name := strings.TrimPrefix(os.Getenv("TZ"), ":"); isZone(name) {
		return name
	}
	if file, err := filepath.EvalSymlinks("/etc/localtime"); err == nil {
		if _, name, found := strings.Cut(filepath.ToSlash(file), "/zoneinfo/"); found && isZone(name) {
			return name
		}
	}
	_, offset := time.Now().Zone()
	return fixedZone(offset)
}

func isZone(name string) bool {
	_, err := time.LoadLocation(name)
	return err == nil && name != "" && name != "Local"
}

// fixedZone returns the IANA name of the zone that is so many seconds ahead of
// UTC; of those that are not whole hours ahead, UTC. East is minus in these names.
func fixedZone(offset int) string {
	name := fmt.Sprintf("Etc/GMT%+d", -offset/3600)
	if offset == 0 || offset%3600 != 0 || !isZone(name) {
		return "Etc/UTC"
	}
	return name
}
