package enjo

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// envelope is the outer object of every body: a success with data, or an error
// in one of two shapes, {"success":false, ...} and {"code":..., "message":...,
// "status":...}.
type envelope struct {
	Success text  `json:"success"`
	Data    value `json:"data"`
	Code    text  `json:"code"`
	Message text  `json:"message"`
	Status  text  `json:"status"`
	// Other common names for an error's message; not published.
	Error  text `json:"error"`
	Errors text `json:"errors"`
	Detail text `json:"detail"`
}

// Errors of [decodeEnvelope], in addition to those of encoding/json.
var (
	errEmpty   = errors.New("an empty body")
	errPage    = errors.New("an HTML or XML page instead of JSON")
	errCut     = errors.New("the JSON ends too early")
	errTooMuch = errors.New("more follows after the JSON")
)

// decodeEnvelope decodes a whole body. It fails only if the body is not one
// JSON object.
func decodeEnvelope(body []byte) (envelope, error) {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\ufeff")))
	switch {
	case len(body) == 0:
		return envelope{}, errEmpty
	case body[0] == '<':
		return envelope{}, errPage
	}

	var e envelope
	dec := json.NewDecoder(bytes.NewReader(body))
	var wrongType *json.UnmarshalTypeError
	switch err := dec.Decode(&e); {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return envelope{}, errCut
	case errors.As(err, &wrongType):
		return envelope{}, fmt.Errorf("a JSON %s instead of an object", wrongType.Value)
	case err != nil:
		return envelope{}, fmt.Errorf("the body is not JSON: %w", err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return envelope{}, errTooMuch
	}
	return e, nil
}

// succeeded reports whether e says that the call succeeded.
func (e *envelope) succeeded() bool { return e.Success == "true" || e.Success == "1" }

// refused reports whether e is an error in either shape.
func (e *envelope) refused() bool {
	switch {
	case e.succeeded():
		return false
	case e.Success == "false" || e.Success == "0" || e.status() >= 400:
		return true
	}
	return e.Data == nil && e.said() != ""
}

// status returns the HTTP status in e; 0 if there is none.
func (e *envelope) status() int {
	n, err := strconv.Atoi(string(e.Status))
	if err != nil || n < 100 || n > 599 {
		return 0
	}
	return n
}

// said returns the error message of e for people.
func (e *envelope) said() string {
	var parts []string
	for _, t := range []text{e.Code, e.Message, e.Error, e.Errors, e.Detail} {
		if t != "" {
			parts = append(parts, string(t))
		}
	}
	if parts == nil && e.Data != nil {
		return readable(e.Data, ", ")
	}
	return strings.Join(parts, ": ")
}
