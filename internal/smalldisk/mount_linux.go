package smalldisk

import "syscall"

// mount mounts an in-memory file system.
func mount(path, options string) (unmount func() error, err error) {
	if err := syscall.Mount("tmpfs", path, "tmpfs", 0, options); err != nil {
		return nil, err
	}
	return func() error { return syscall.Unmount(path, syscall.MNT_DETACH) }, nil
}
