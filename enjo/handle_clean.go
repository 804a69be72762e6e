package enjo

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"unicode"
)

// maxMessage is the most of an error's message that is kept, in characters.
const maxMessage = 500

// withCleanErrors sees to it that errors can be logged and shown: without the
// token, which an API could echo, on one line, and short.
func withCleanErrors(next handler, token string) handler {
	// A token may come back escaped as in a URL or as in some JSON.
	redact := strings.NewReplacer(
		token, "[token]",
		url.QueryEscape(token), "[token]",
		url.PathEscape(token), "[token]",
		strings.ReplaceAll(token, "/", `\/`), "[token]",
	)
	return func(req *http.Request) (*response, error) {
		resp, err := next(req)
		var failure *Error
		if !errors.As(err, &failure) {
			return resp, err
		}
		clean := *failure
		clean.Message = oneLine(redact.Replace(failure.Message))
		if failure.Err != nil {
			// The cause is kept for errors.Is unless its text would give the token away.
			if said := failure.Err.Error(); redact.Replace(said) != said {
				clean.Err = errors.New(oneLine(redact.Replace(said)))
			}
		}
		return nil, &clean
	}
}

// oneLine returns s on one line, without characters that do not print or that
// change the direction of text, and at most [maxMessage] characters long. What
// is not UTF-8 becomes U+FFFD.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if runes := []rune(s); len(runes) > maxMessage {
		return string(runes[:maxMessage-1]) + "…"
	}
	return s
}
