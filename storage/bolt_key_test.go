package storage

import (
	"bytes"
	"errors"
	"slices"
	"testing"
	"time"
)

// Ensure that a key can be split into its strings, that keys sort like their strings, and
// that no key is a prefix of another.
func FuzzKey(f *testing.F) {
	f.Add("T1", "C1", "1.1", "T1", "C1", "1.10")
	f.Add("a", "", "b", "", "a", "b")
	f.Add("a\x00", "b", "", "a", "\x00b", "")
	f.Add("a\x00\x01", "\xff", "", "a", "\x00\xff", "\x01")
	f.Add("a", "\xff\x01", "", "a\x00", "\x01", "")
	f.Fuzz(func(t *testing.T, a1, a2, a3, b1, b2, b3 string) {
		a, b := []string{a1, a2, a3}, []string{b1, b2, b3}
		keyA, keyB := stringsKey(a...), stringsKey(b...)
		if got := cutStrings(t, keyA); !slices.Equal(got, a) {
			t.Errorf("the key of %q was read as %q", a, got)
		}
		if got, want := bytes.Compare(keyA, keyB), slices.Compare(a, b); got != want {
			t.Errorf("keys of %q and %q compare as %d, want %d", a, b, got, want)
		}
		if bytes.HasPrefix(keyA, keyB) && !slices.Equal(a, b) {
			t.Errorf("the key of %q begins with that of %q", a, b)
		}
		if !bytes.HasPrefix(keyA, stringsKey(a[:2]...)) {
			t.Errorf("the key of %q does not begin with that of %q", a, a[:2])
		}
	})
}

// cutStrings returns the strings of a key.
func cutStrings(t *testing.T, key []byte) (parts []string) {
	t.Helper()
	for len(key) > 0 {
		part, rest, err := cutString(key)
		if err != nil {
			t.Fatal(err)
		}
		parts, key = append(parts, part), rest
	}
	return parts
}

// Ensure that an invalid key is rejected, and that the parts of a valid key rebuild it.
func FuzzCutString(f *testing.F) {
	f.Add([]byte("T1\x00\x01C1\x00\x01"))
	f.Add([]byte("a\x00\xffb\x00\x01"))
	f.Add([]byte("a\x00"))
	f.Add([]byte("a\x00\x02"))
	f.Add([]byte(""))
	f.Fuzz(func(t *testing.T, key []byte) {
		part, rest, err := cutString(key)
		if err != nil {
			if !errors.Is(err, ErrCorrupt) {
				t.Errorf("error %v, want ErrCorrupt", err)
			}
			return
		}
		if got := append(appendString(nil, part), rest...); !bytes.Equal(got, key) {
			t.Errorf("%x was read as %q and %x, which give %x", key, part, rest, got)
		}
	})
}

// Ensure that any time can be read back from its key, and that keys sort like times.
func FuzzTimeKey(f *testing.F) {
	f.Add(int64(0), int64(0), int64(0), int64(1))
	f.Add(int64(-1), int64(999_999_999), int64(0), int64(0))
	f.Add(time.Time{}.Unix(), int64(0), int64(1<<40), int64(5))
	f.Fuzz(func(t *testing.T, secondsA, nanosecondsA, secondsB, nanosecondsB int64) {
		// Beyond this, package time overflows.
		const widest = 1 << 55
		a := time.Unix(secondsA%widest, nanosecondsA)
		b := time.Unix(secondsB%widest, nanosecondsB)
		keyA, keyB := timeKey(a, []byte("rest")), timeKey(b, []byte("rest"))
		got, rest, err := cutTime(keyA)
		if err != nil || !got.Equal(a) || string(rest) != "rest" {
			t.Errorf("the key of %v was read as %v, %q, %v", a, got, rest, err)
		}
		if got, want := bytes.Compare(keyA, keyB), a.Compare(b); got != want {
			t.Errorf("keys of %v and %v compare as %d, want %d", a, b, got, want)
		}
	})
}

// Ensure that a key that is too short for a time is rejected.
func TestCutTime_Short(t *testing.T) {
	if _, _, err := cutTime(make([]byte, timeKeySize-1)); !errors.Is(err, ErrCorrupt) {
		t.Errorf("error %v, want ErrCorrupt", err)
	}
}
