package sim_test

import (
	"bytes"
	"encoding/binary"
	"hash/fnv"
	"regexp"
	"strings"
	"time"
)

// This file parses the data on the simulated network.

// nonces matches random data in HTTP that has no meaning: the keys of a WebSocket handshake
// and the boundaries of an upload.
var nonces = regexp.MustCompile(`Sec-WebSocket-(?:Key|Accept): [^\r\n]+|boundary=[0-9a-f]+|--[0-9a-f]{60}`)

// mayContainNonces reports whether data may contain nonces.
func mayContainNonces(data []byte) bool {
	return bytes.Contains(data, []byte("Sec-WebSocket-")) || bytes.Contains(data, []byte("boundary="))
}

// delayOf returns the delay of data from one host to another: a hash of the data, so that a
// seed always gives the same run, and no two deliveries are simultaneous.
func delayOf(seed uint64, from, to string, data []byte, least, most time.Duration) time.Duration {
	hash := fnv.New64a()
	var head [8]byte
	binary.LittleEndian.PutUint64(head[:], seed)
	_, _ = hash.Write(head[:])
	_, _ = hash.Write([]byte(from + ">" + to))
	if frame, ok := unmasked(data); ok {
		data = frame
	} else if mayContainNonces(data) {
		data = nonces.ReplaceAll(data, nil)
	}
	_, _ = hash.Write(data)
	return least + time.Duration(mix(hash.Sum64())%uint64(most-least))
}

// mix spreads the bits of a hash, because FNV hashes of texts that differ in their last
// letter are similar. It is the finalizer of SplitMix64, https://doi.org/10.1145/2714064.2660195.
func mix(h uint64) uint64 {
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}

// isHTTP reports whether data starts a request or a response.
func isHTTP(data []byte) bool {
	return bytes.HasPrefix(data, []byte("POST ")) || bytes.HasPrefix(data, []byte("GET ")) || bytes.HasPrefix(data, []byte("HTTP/1.1 "))
}

// callOf returns the call of a request, such as "chat.postMessage", without its variable
// parts; empty if data does not start a request.
func callOf(data []byte) string {
	if !bytes.HasPrefix(data, []byte("POST ")) && !bytes.HasPrefix(data, []byte("GET ")) {
		return ""
	}
	line, _, _ := bytes.Cut(data, []byte("\r\n"))
	parts := strings.Fields(string(line))
	if len(parts) < 2 {
		return ""
	}
	path, _, _ := strings.Cut(parts[1], "?")
	if method, ok := strings.CutPrefix(path, "/api/"); ok {
		return method
	}
	switch {
	case strings.HasPrefix(path, "/link"):
		return "socket"
	case strings.HasPrefix(path, "/respond/"):
		return "response_url"
	case strings.HasPrefix(path, "/upload/"):
		return "upload"
	case strings.HasPrefix(path, "/v1/bots/"):
		return "enjo"
	}
	return path
}

// WebSocket's opcodes. https://www.rfc-editor.org/rfc/rfc6455#section-5.2
const (
	opText  = 0x1
	finText = 0x80 | opText
)

// unmasked returns the first byte of a client's frame followed by the unmasked payload, and
// false if data is not such a frame.
func unmasked(data []byte) ([]byte, bool) {
	if len(data) < 6 || data[0]&0x70 != 0 || data[1]&0x80 == 0 || isHTTP(data) {
		return nil, false
	}
	at := 2
	switch data[1] & 0x7f {
	case 126:
		at = 4
	case 127:
		at = 10
	}
	if len(data) < at+4 {
		return nil, false
	}
	key, payload := data[at:at+4], data[at+4:]
	frame := make([]byte, 1, 1+len(payload))
	frame[0] = data[0]
	for i, b := range payload {
		frame = append(frame, b^key[i%4])
	}
	return frame, true
}

// envelopeID matches the ID of an envelope in a frame.
var envelopeID = regexp.MustCompile(`"envelope_id":"([0-9a-f-]+)"`)

// acknowledged returns the ID of the envelope that a client's frame acknowledges; empty if
// there is none.
func acknowledged(data []byte) string {
	frame, ok := unmasked(data)
	if !ok || frame[0] != finText {
		return ""
	}
	if found := envelopeID.FindSubmatch(frame); found != nil {
		return string(found[1])
	}
	return ""
}
