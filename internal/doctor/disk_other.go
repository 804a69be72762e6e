//go:build !linux && !darwin && !freebsd

package doctor

import "errors"

// freeSpace fails: the free space is not known on this system.
func freeSpace(string) (int64, error) { return 0, errors.ErrUnsupported }
