package enjo

import (
	"fmt"
	"net/http"
)

// withoutRedirect refuses redirects. A redirect could send the token to another
// host or without encryption, and turn a POST into a GET.
func withoutRedirect(next handler) handler {
	return func(req *http.Request) (*response, error) {
		resp, err := next(req)
		if err != nil || resp.StatusCode < 300 || resp.StatusCode > 399 {
			return resp, err
		}
		return nil, &Error{
			Code: WrongAddress, Status: resp.StatusCode,
			Message: fmt.Sprintf("redirects are not followed; this one points to %s", target(resp.Response)),
		}
	}
}

// target returns the address of a redirect without its query, which may contain
// secrets of a login page.
func target(resp *http.Response) string {
	to, err := resp.Location()
	if err != nil {
		return "no valid address"
	}
	to.User, to.RawQuery, to.Fragment = nil, "", ""
	return to.String()
}
