package enjo

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

const shortReply = `{"success":true,"data":{"answers":"yes"}}`

// cutAfter announces a longer body than it sends, then cuts the connection.
func cutAfter(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, buf, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		fmt.Fprintf(buf, "HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s", status, len(body)+10, body)
		_ = buf.Flush()
	}
}

func TestBodies(t *testing.T) {
	padded := func(size int) string { return shortReply + strings.Repeat(" ", size-len(shortReply)) }
	tests := []struct {
		name   string
		answer http.HandlerFunc
		want   Code   // empty if a reply is expected
		says   string // part of the message
	}{
		{"the largest size", answer(200, padded(maxReply)), "", ""},
		{"one byte too large", answer(200, padded(maxReply+1)), BadResponse, "larger than 4 MiB"},
		{"too large when unpacked", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			packed := gzip.NewWriter(w)
			_, _ = io.WriteString(packed, padded(maxReply+1))
			_ = packed.Close()
		}, BadResponse, "larger than 4 MiB"},
		{"packed", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			packed := gzip.NewWriter(w)
			_, _ = io.WriteString(packed, shortReply)
			_ = packed.Close()
		}, "", ""},
		{"cut off", cutAfter(200, shortReply[:20]), OutcomeUnknown, "cut off after 20 bytes"},
		{"cut off after the JSON", cutAfter(200, shortReply), OutcomeUnknown, "cut off"},
		{"an error that is cut off", cutAfter(401, `{"code":"unauthor`), BadToken, "unauthor"},
		{"an error that is too large", answer(429, strings.Repeat("x", maxError+1)), RateLimited, "xxx"},
		{"another protocol", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Connection", "Upgrade")
			w.Header().Set("Upgrade", "tea")
			w.WriteHeader(http.StatusSwitchingProtocols)
		}, BadResponse, "protocol was switched"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			reply, err := askOnce(t, tt.answer)
			if tt.want == "" {
				if err != nil || reply.Text != "yes" {
					t.Errorf("got %v, %v", reply, err)
				}
				return
			}
			if got := asError(t, err); got.Code != tt.want || got.Status == 0 || !strings.Contains(got.Message, tt.says) {
				t.Errorf("got %v, want %s: … %s …", got, tt.want, tt.says)
			}
		})
	}
}

// endless is a body without an end. It records how it was used.
type endless struct {
	read   int
	closed bool
}

func (e *endless) Read(p []byte) (int, error) { e.read += len(p); return len(p), nil }
func (e *endless) Close() error               { e.closed = true; return nil }

// Ensure that a body is not read for ever and is always closed; otherwise its
// connection would leak.
func TestBodyWithoutEnd(t *testing.T) {
	for status, most := range map[int]int{200: maxReply, 302: maxError, 500: maxError, 101: 0} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			body := new(endless)
			client := newClientWith(t, Config{Transport: roundTripFunc(func(*http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: status, Body: body}, nil
			})})
			if _, err := client.Ask(t.Context(), "b", Message{Text: "hi"}); err == nil {
				t.Error("no error")
			}
			if !body.closed || body.read > most+1 {
				t.Errorf("read %d bytes, closed: %v", body.read, body.closed)
			}
		})
	}
}
