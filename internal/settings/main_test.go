package settings

import (
	"os"
	"testing"
)

// TestMain runs the tests without the settings of a bot that the environment may have.
func TestMain(m *testing.M) {
	names := []string{configToken}
	for _, s := range all() {
		names = append(names, s.name)
	}
	for _, name := range names {
		for _, variable := range []string{name, twin(name)} {
			if err := os.Unsetenv(variable); err != nil {
				panic(err)
			}
		}
	}
	os.Exit(m.Run())
}
