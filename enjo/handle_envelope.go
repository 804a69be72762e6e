package enjo

import (
	"errors"
	"fmt"
	"net/http"
)

// withEnvelope decodes the envelope. A reply must have one. An error without an
// envelope has its body as the message.
func withEnvelope(next handler) handler {
	return func(req *http.Request) (*response, error) {
		resp, err := next(req)
		if err != nil {
			return nil, err
		}
		resp.envelope, err = decodeEnvelope(resp.content)
		switch {
		case err == nil:
			return resp, nil
		case errors.Is(err, errEmpty) && !resp.succeeded():
			return resp, nil
		case errors.Is(err, errPage) && !resp.succeeded():
			resp.envelope.Message = text(err.Error())
			return resp, nil
		case !resp.succeeded():
			resp.envelope.Message = text(resp.content)
			return resp, nil
		}

		code := BadResponse
		switch {
		case errors.Is(err, errCut):
			code = OutcomeUnknown // like a connection that was cut
		case errors.Is(err, errPage):
			code = WrongAddress
		}
		return nil, &Error{
			Code: code, Status: resp.StatusCode,
			Message: fmt.Sprintf("%v (Content-Type %q)", err, resp.Header.Get("Content-Type")), Err: err,
		}
	}
}
