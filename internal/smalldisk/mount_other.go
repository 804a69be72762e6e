//go:build !linux

package smalldisk

import "errors"

// mount fails: other systems have no in-memory file system that root can simply
// mount.
func mount(string, string) (unmount func() error, err error) {
	return nil, errors.ErrUnsupported
}
