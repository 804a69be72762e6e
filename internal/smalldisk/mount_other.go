//go:build !linux

package smalldisk

import "errors"

// mount fails: other systems have no file system in memory that any root can mount.
func mount(string, string) (unmount func() error, err error) {
	return nil, errors.ErrUnsupported
}
