package settings

import (
	"errors"
)

// UseEnvFile makes the settings in a file count as environment variables. A variable that
// is set in the environment takes precedence. An empty path does nothing.
func UseEnvFile(path string) error {
	if path != "" {
		return errors.New("environment files are not supported yet")
	}
	return nil
}
