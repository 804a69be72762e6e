package enjo

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"unicode"
)

// maxMessage limits an error's message, in characters.
const maxMessage = 500

// withCleanErrors makes errors safe to log and show: on one line, short, and
// without the token of the request, which an API could echo.
func withCleanErrors(next handler) handler {
	return func(req *http.Request) (*response, error) {
		resp, err := next(req)
		var failure *Error
		if !errors.As(err, &failure) {
			return resp, err
		}
		redact := redactor(strings.TrimPrefix(req.Header.Get("Authorization"), "Bearer "))
		clean := *failure
		clean.Message = oneLine(redact.Replace(failure.Message))
		if failure.Err != nil {
			// Keep the cause for errors.Is, unless its text contains the token.
			if said := failure.Err.Error(); redact.Replace(said) != said {
				clean.Err = errors.New(oneLine(redact.Replace(said)))
			}
		}
		return nil, &clean
	}
}

// redactor removes a token, which may be escaped as in a URL or in JSON.
func redactor(token string) *strings.Replacer {
	return strings.NewReplacer(
		token, "[token]",
		url.QueryEscape(token), "[token]",
		url.PathEscape(token), "[token]",
		strings.ReplaceAll(token, "/", `\/`), "[token]",
	)
}

// oneLine returns s on one line, without unprintable characters and those that
// change the direction of text, and cut to [maxMessage] characters. Invalid
// UTF-8 becomes U+FFFD.
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
