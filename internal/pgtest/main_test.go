package pgtest

import (
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv("PGTEST_LEAVE"); dir != "" {
		os.Exit(leave(dir))
	}
	os.Exit(Run(m))
}
