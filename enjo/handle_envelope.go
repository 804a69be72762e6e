package enjo

import (
	"errors"
	"fmt"
	"net/http"
)

// withEnvelope decodes the envelope. A reply must have one; what an error says
// without one is taken as its message.
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
		if errors.Is(err, errCut) {
			code = OutcomeUnknown // as with a connection that is cut
		}
		return nil, &Error{
			Code: code, Status: resp.StatusCode,
			Message: fmt.Sprintf("%v (Content-Type %q)", err, resp.Header.Get("Content-Type")), Err: err,
		}
	}
}
