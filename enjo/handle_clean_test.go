package enjo

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"
)

// Ensure that no error, and no error that it wraps, contains the token, however
// the API returns it.
func TestTokenIsInNoError(t *testing.T) {
	inJSON := strings.ReplaceAll(testToken, "/", `\/`)
	raw := func(head string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			conn, buf, err := http.NewResponseController(w).Hijack()
			if err != nil {
				return
			}
			defer conn.Close()
			_, _ = buf.WriteString(head)
			_ = buf.Flush()
		}
	}
	tests := map[string]http.HandlerFunc{
		"in a message":         answer(401, `{"message":"Bad token `+testToken+`"}`),
		"escaped in a message": answer(401, `{"message":"Bad token `+inJSON+`"}`),
		"deep inside":          answer(400, `{"error":{"headers":{"authorization":"Bearer `+inJSON+`"}}}`),
		"as text":              answer(500, testToken),
		"in a code":            answer(200, `{"success":false,"code":"`+testToken+`"}`),
		"far into the message": answer(500, strings.Repeat("x ", maxMessage/2-6)+testToken),
		"instead of JSON":      answer(200, testToken),
		"in Content-Type": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/"+testToken)
		},
		"in a redirect": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "https://x.example/"+url.PathEscape(testToken))
			w.WriteHeader(302)
		},
		"in a redirect, escaped as a query": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "https://x.example/"+url.QueryEscape(testToken))
			w.WriteHeader(302)
		},
		"as the whole response": raw(testToken + "\r\n"),
		"in the status line":    raw("HTTP/1.1 " + testToken + "\r\n\r\n"),
		"in a header":           raw("HTTP/1.1 200 OK\r\n" + testToken + "\r\n\r\n"),
	}
	secrets := []string{testToken, inJSON, url.PathEscape(testToken), url.QueryEscape(testToken), testToken[:8]}
	for name, serve := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := askOnce(t, serve)
			if err == nil {
				t.Fatal("no error")
			}
			for ; err != nil; err = errors.Unwrap(err) {
				said := fmt.Sprintf("%v %+v %#v", err, err, err)
				for _, secret := range secrets {
					if strings.Contains(said, secret) {
						t.Errorf("%q is in %s", secret, said)
					}
				}
			}
		})
	}
}

func TestMessageIsFitForALog(t *testing.T) {
	tests := []struct{ name, said, want string }{
		{"plain", "Text is too long", "Text is too long"},
		{"lines", "a\r\n\tb\u2028c", "a b c"},
		{"a terminal's escape codes", "\x1b[2Jgone\x07", "[2Jgone"},
		{"direction changed", "abc\u202etxt.exe", "abc txt.exe"},
		{"not UTF-8", "a\xffb", "a�b"},
		{"other scripts", "Bot nicht gültig 無効", "Bot nicht gültig 無効"},
		{"as long as allowed", strings.Repeat("ü", maxMessage), strings.Repeat("ü", maxMessage)},
		{"too long", strings.Repeat("ü", maxMessage+1), strings.Repeat("ü", maxMessage-1) + "…"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := askOnce(t, answer(400, tt.said))
			got := asError(t, err).Message
			if got != tt.want || !utf8.ValidString(got) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
