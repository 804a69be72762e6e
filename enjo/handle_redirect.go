package enjo

import (
	"fmt"
	"net/http"
)

// withoutRedirect refuses redirects. Following one could take the token to
// another host or out of encryption, and make a POST of a question a GET.
func withoutRedirect(next handler) handler {
	return func(req *http.Request) (*response, error) {
		resp, err := next(req)
		if err != nil || resp.StatusCode < 300 || resp.StatusCode > 399 {
			return resp, err
		}
		return nil, &Error{
			Code: BadResponse, Status: resp.StatusCode,
			Message: fmt.Sprintf("redirects are not followed; this one points to %s", target(resp.Response)),
		}
	}
}

// target returns where a redirect points to, without the query, as that may
// hold secrets of a login page.
func target(resp *http.Response) string {
	to, err := resp.Location()
	if err != nil {
		return "no valid address"
	}
	to.User, to.RawQuery, to.Fragment = nil, "", ""
	return to.String()
}
