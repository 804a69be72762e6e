package deploy_test

import (
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
)

// imageEnv returns an environment variable of the image.
func imageEnv(t *testing.T, name string) string {
	t.Helper()
	return instruction(t, "ENV "+name+"=")
}

// instruction returns what follows a prefix in a line of the Dockerfile.
func instruction(t *testing.T, prefix string) string {
	t.Helper()
	text, err := os.ReadFile("Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, prefix); ok {
			return strings.TrimSpace(value)
		}
	}
	t.Fatalf("the Dockerfile has no %s", prefix)
	return ""
}

// portOf returns the port of an address to listen at, which must be one of all
// addresses: others cannot reach the loopback address of a container.
func portOf(t *testing.T, address string) int {
	t.Helper()
	host, text, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	if ip := net.ParseIP(host); host != "" && !ip.IsUnspecified() {
		t.Errorf("it listens at %s only", host)
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return port
}
