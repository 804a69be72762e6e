package enjo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
)

// newRequest returns the request that sends m to the agent, or an error if m or
// the bot ID is unusable.
func (c *Client) newRequest(ctx context.Context, botID string, m Message) (*http.Request, error) {
	switch botID {
	case "":
		return nil, &Error{Code: InvalidBotID, Message: "no bot ID was given"}
	case ".", "..":
		// Escaping does not change dots, and servers interpret them as folders.
		return nil, &Error{Code: InvalidBotID, Message: "dots are not a bot ID"}
	}
	if strings.TrimSpace(m.Text) == "" {
		return nil, &Error{Code: Rejected, Message: "the message has no text"}
	}

	body, err := encodeMessage(m)
	if err != nil {
		return nil, fmt.Errorf("enjo: writing the message: %w", err)
	}
	if m.OnSend != nil {
		ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { m.OnSend() }})
	}
	if m.Guard != nil {
		ctx = context.WithValue(ctx, guardKey{}, m.Guard)
	}
	url := c.base.String() + "/v1/bots/" + url.PathEscape(botID) + "/message"
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("enjo: making the request: %w", err)
	}
	// Without GetBody the transport cannot repeat the request. A repeated question
	// could create a second ticket.
	req.GetBody = nil
	req.Header.Set("Authorization", "Bearer "+*c.token.Load())
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.userAgent)
	return req, nil
}

// encodeMessage returns the request's body as JSON.
func encodeMessage(m Message) ([]byte, error) {
	var body struct {
		Message struct {
			Text           string `json:"text"`
			ConversationID string `json:"conversationId,omitempty"`
		} `json:"message"`
	}
	body.Message.Text, body.Message.ConversationID = m.Text, m.ConversationID
	return json.Marshal(body)
}
