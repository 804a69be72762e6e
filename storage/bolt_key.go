package storage

import (
	"encoding/binary"
	"fmt"
	"time"
	"unicode/utf8"
)

// A key is a tuple of strings, which can follow a time. Keys sort as bytes like the
// tuples, and no key is a prefix of another key with the same number of strings: each
// string ends with 00 01, and a 00 inside it is written as 00 FF.
const (
	keyEscape = 0x00
	keyEnd    = 0x01
	keyZero   = 0xff
)

// timeKeySize is the length in bytes of a time in a key.
const timeKeySize = 12

// appendString appends s and its terminator to a key.
func appendString(key []byte, s string) []byte {
	for i := range len(s) {
		key = append(key, s[i])
		if s[i] == keyEscape {
			key = append(key, keyZero)
		}
	}
	return append(key, keyEscape, keyEnd)
}

// cutString splits a key after its first string.
func cutString(key []byte) (s string, rest []byte, err error) {
	var text []byte
	for i := 0; i < len(key); i++ {
		if key[i] != keyEscape {
			text = append(text, key[i])
			continue
		}
		i++
		switch {
		case i < len(key) && key[i] == keyZero:
			text = append(text, keyEscape)
		case i < len(key) && key[i] == keyEnd:
			return string(text), key[i+1:], nil
		default:
			return "", nil, fmt.Errorf("%w: key %x has a wrong escape", ErrCorrupt, key)
		}
	}
	return "", nil, fmt.Errorf("%w: key %x does not end", ErrCorrupt, key)
}

// cutParts splits a key after its first n strings.
func cutParts(key []byte, n int) (parts []string, rest []byte, err error) {
	for range n {
		var part string
		if part, key, err = cutString(key); err != nil {
			return nil, nil, err
		}
		parts = append(parts, part)
	}
	return parts, key, nil
}

// stringsKey returns the key of a tuple of strings.
func stringsKey(parts ...string) []byte {
	var key []byte
	for _, part := range parts {
		key = appendString(key, part)
	}
	return key
}

// timeKey returns a time followed by another key. Unlike UnixNano, it can represent
// any time.
func timeKey(t time.Time, key []byte) []byte {
	timed := make([]byte, 0, timeKeySize+len(key))
	timed = binary.BigEndian.AppendUint64(timed, uint64(t.Unix())^(1<<63))
	timed = binary.BigEndian.AppendUint32(timed, uint32(t.Nanosecond()))
	return append(timed, key...)
}

// cutTime splits a key after the time at its start.
func cutTime(key []byte) (t time.Time, rest []byte, err error) {
	if len(key) < timeKeySize {
		return time.Time{}, nil, fmt.Errorf("%w: key %x is too short for a time", ErrCorrupt, key)
	}
	seconds := int64(binary.BigEndian.Uint64(key) ^ (1 << 63))
	nanoseconds := int64(binary.BigEndian.Uint32(key[8:]))
	return time.Unix(seconds, nanoseconds).UTC(), key[timeKeySize:], nil
}

func (id MessageID) key() []byte { return stringsKey(id.Team, id.Channel, id.TS) }
func (id ThreadID) key() []byte  { return stringsKey(id.Team, id.Channel, id.Root) }

// check returns ErrBadID unless the identity can be stored.
func (id MessageID) check() error { return checkID("message", id.Team, id.Channel, id.TS) }

// check returns ErrBadID unless the identity can be stored.
func (id ThreadID) check() error { return checkID("thread", id.Team, id.Channel, id.Root) }

// checkID returns ErrBadID unless each part of an identity can be stored. Identities
// come from the network: one that is too long cannot be a key, and one that is not
// UTF-8 would change when it is stored as JSON.
func checkID(what string, parts ...string) error {
	for _, part := range parts {
		if len(part) > MaxID {
			return fmt.Errorf("%w: %s of %d bytes, %d are allowed", ErrBadID, what, len(part), MaxID)
		}
		if !utf8.ValidString(part) {
			return fmt.Errorf("%w: %s %q is not UTF-8", ErrBadID, what, part)
		}
	}
	return nil
}
