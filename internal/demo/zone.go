package demo

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// machineZone returns the IANA name of this machine's time zone. Go calls it
// "Local", which Slack does not know.
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

// fixedZone returns the IANA name of the zone with the offset from UTC in seconds,
// or of UTC if the offset is not in whole hours. In these names, east is minus.
func fixedZone(offset int) string {
	name := fmt.Sprintf("Etc/GMT%+d", -offset/3600)
	if offset == 0 || offset%3600 != 0 || !isZone(name) {
		return "Etc/UTC"
	}
	return name
}
