package ops

import "golang.org/x/sys/windows"

// freeSpace returns the free disk space for this process in a directory, in bytes.
func freeSpace(directory string) (int64, error) {
	path, err := windows.UTF16PtrFromString(directory)
	if err != nil {
		return 0, err
	}
	var free uint64
	if err := windows.GetDiskFreeSpaceEx(path, &free, nil, nil); err != nil {
		return 0, err
	}
	return int64(free), nil
}

// syncDirectory does nothing: Windows has no such call, and NTFS journals its metadata.
func syncDirectory(string) error { return nil }
