package enjo

import (
	"fmt"
	"net/http"
)

// withReply decodes the data of a successful reply.
func withReply(next handler) handler {
	return func(req *http.Request) (*response, error) {
		resp, err := next(req)
		if err != nil {
			return nil, err
		}
		resp.reply, err = decodeReply(resp.envelope.Data)
		if err != nil {
			return nil, &Error{
				Code: BadResponse, Status: resp.StatusCode,
				Message: fmt.Sprintf("the reply cannot be used: %v", err), Err: err,
			}
		}
		return resp, nil
	}
}
