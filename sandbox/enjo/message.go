package enjo

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
)

// maxBody limits the body of a request, in bytes.
const maxBody = 256 << 10

// message is a message to a bot.
type message struct {
	Text           string
	ConversationID string
}

// response is the body of a successful call, as published at
// https://docs.enjo.ai/enjo-api.
type response struct {
	Success bool  `json:"success"`
	Data    reply `json:"data"`
}

type reply struct {
	Answers        string         `json:"answers"`
	Sources        []source       `json:"sources"`
	ConversationID string         `json:"conversationId"`
	TicketDetails  *ticketDetails `json:"ticketDetails,omitempty"`
}

type source struct {
	Type  string  `json:"type"`
	Name  string  `json:"name"`
	Score float64 `json:"score"`
	URL   string  `json:"url"`
}

type ticketDetails struct {
	URL              string `json:"url"`
	Attributes       string `json:"attributes"`
	ID               string `json:"Id"`
	Type             string `json:"Type"`
	Status           string `json:"Status"`
	Priority         string `json:"Priority"`
	Description      string `json:"Description"`
	CreatedDate      string `json:"CreatedDate"`
	LastModifiedDate string `json:"LastModifiedDate"`
}

// apiError is the body of a refused call.
type apiError struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Status  int    `json:"status"`
}

func badRequest(text string) *apiError {
	return &apiError{Code: "bad_request", Message: text, Status: http.StatusBadRequest}
}

// invalidBot returns the error for an unknown bot. Only its message is
// published.
func invalidBot(status int) *apiError {
	return &apiError{Code: "invalid_bot_id", Message: "Invalid botId", Status: status}
}

func rateLimited() *apiError {
	return &apiError{Code: "rate_limit_error", Message: "Rate limit exceeded", Status: http.StatusTooManyRequests}
}

// readMessage reads the message of a request.
func readMessage(r *http.Request) (message, *apiError) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	charset, named := params["charset"]
	if err != nil || kind != "application/json" || named && !strings.EqualFold(charset, "utf-8") {
		return message{}, &apiError{Code: "unsupported_media_type", Message: "Content-Type must be application/json", Status: http.StatusUnsupportedMediaType}
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return message{}, badRequest("The body could not be read")
	}
	if len(body) > maxBody {
		return message{}, &apiError{Code: "payload_too_large", Message: "The body is too large", Status: http.StatusRequestEntityTooLarge}
	}
	m, err := decodeMessage(body)
	if err != nil {
		return message{}, badRequest(err.Error())
	}
	return m, nil
}

// decodeMessage decodes {"message":{"text":"…","conversationId":"…"}}. Unlike
// encoding/json with a struct, it is case-sensitive: "Text" is a mistake of the
// caller.
func decodeMessage(body []byte) (message, error) {
	var envelope, fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &envelope); err != nil {
		return message{}, errors.New("the body is not a JSON object")
	}
	if err := json.Unmarshal(envelope["message"], &fields); err != nil {
		return message{}, errors.New("message must be an object")
	}
	var m message
	if err := decodeString(fields, "text", &m.Text); err != nil {
		return message{}, err
	}
	if err := decodeString(fields, "conversationId", &m.ConversationID); err != nil {
		return message{}, err
	}
	if strings.TrimSpace(m.Text) == "" {
		return message{}, errors.New("message.text is required")
	}
	return m, nil
}

// decodeString decodes a field that may be absent or null.
func decodeString(fields map[string]json.RawMessage, name string, to *string) error {
	raw, ok := fields[name]
	if !ok || bytes.Equal(raw, []byte("null")) {
		return nil
	}
	if err := json.Unmarshal(raw, to); err != nil {
		return fmt.Errorf("message.%s must be a string", name)
	}
	return nil
}
