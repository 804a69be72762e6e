package bot_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// disk is a small file system of its own.
type disk struct {
	t    *testing.T
	path string
}

// newDisk mounts a file system of a few megabytes in memory until the test's end.
func newDisk(t *testing.T) disk {
	t.Helper()
	small, err := mountDisk(t, 4)
	if err != nil {
		t.Skipf("a small disk cannot be mounted here (%v): run this as root where mounting is allowed", err)
	}
	return small
}

// mountDisk mounts a file system of so many megabytes in memory until the test's
// end. In CI it must be possible.
func mountDisk(t *testing.T, megabytes int) (disk, error) {
	t.Helper()
	path := t.TempDir()
	err := syscall.Mount("tmpfs", path, "tmpfs", 0, fmt.Sprintf("size=%dm", megabytes))
	if err != nil && os.Geteuid() == 0 && os.Getenv("ENJOBRIDGE_CI") == "1" {
		t.Fatalf("mounting a small disk: %v", err)
	}
	if err != nil {
		return disk{}, err
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(path, syscall.MNT_DETACH); err != nil {
			t.Errorf("unmounting the small disk: %v", err)
		}
	})
	return disk{t, path}, nil
}

// fill leaves no room. The function that it returns makes some again.
func (d disk) fill() (free func()) {
	d.t.Helper()
	name := filepath.Join(d.path, "filling")
	file, err := os.Create(name)
	if err != nil {
		d.t.Fatal(err)
	}
	defer file.Close()
	for block := make([]byte, 64<<10); err == nil; {
		_, err = file.Write(block)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		d.t.Fatal(err)
	}
	return func() {
		if err := os.Remove(name); err != nil {
			d.t.Error(err)
		}
	}
}

// Ensure that on a full disk nothing is acknowledged that is not kept, that this
// is said, and that all of it is answered once there is room again.
func TestFullDisk(t *testing.T) {
	small := newDisk(t)
	h := foundation(t, plan{})
	h.path = filepath.Join(small.path, "bot.db")
	h.start()
	h.awaitAnswers(h.support, h.mention(h.alice, "How do I print?"), 1)

	free := small.fill()
	// What is deleted in the store's file makes room, too: only what is long needs more of the disk.
	long := strings.Repeat("a question that takes much of the disk ", 700)
	var asked []string
	for n := 0; !strings.Contains(h.log.String(), unacknowledged); n++ {
		ts := h.mention(h.alice, fmt.Sprint(n, ": How do I print? ", long))
		asked = append(asked, ts)
		h.awaitDecided(ts)
	}
	h.awaitLog("is the disk full", 1)
	h.awaitLog("no space left on device", 1)

	free()
	for _, ts := range asked {
		h.awaitAnswers(h.support, ts, 1)
	}
	h.awaitEnded(len(asked) + 1)
	if got := h.health(); !got.Ready {
		t.Errorf("with room again: %+v", got)
	}
	for _, ts := range asked {
		if n := len(h.answers(h.slack.View, h.support, ts)); n != 1 {
			t.Errorf("a question has %d answers", n)
		}
	}
}

// unacknowledged is in the log when something could not be kept.
const unacknowledged = "event is not acknowledged"

// awaitDecided waits until a message was decided about, or one could not be kept.
func (h *house) awaitDecided(ts string) {
	h.t.Helper()
	timeout := time.After(patience)
	for {
		log, changed := h.log.read()
		if strings.Contains(log, "/"+ts+`"`) || strings.Contains(log, unacknowledged) {
			return
		}
		select {
		case <-changed:
		case <-timeout:
			h.t.Fatalf("message %s was not decided about", ts)
		}
	}
}
