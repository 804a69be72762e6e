package socketmode

import (
	"encoding/json"
	"regexp"
)

// Envelope is a message of Slack's that must be acknowledged.
type Envelope struct {
	ID      string
	Type    string // events_api, interactive, slash_commands; empty if it cannot be read
	Payload json.RawMessage
	Retry   int
	// Ack acknowledges the envelope, with a payload unless it is nil. Call it once
	// the content is stored. It takes at most 2 s. After an error Slack sends the
	// envelope again.
	Ack func(payload any) error
}

// Size returns about how many bytes of memory the envelope uses.
func (e Envelope) Size() int64 { return int64(len(e.Payload)) + 1024 }

// envelopeIDField finds the ID of an envelope that cannot be decoded, because it is
// too long or nested too deep. Quotes within a text are escaped, so they do not match.
var envelopeIDField = regexp.MustCompile(`"envelope_id"\s*:\s*"([0-9A-Za-z-]{1,100})"`)

// request is a message of Slack's over a connection.
// https://docs.slack.dev/apis/events-api/using-socket-mode#events
type request struct {
	Type           string
	Reason         string // of a disconnect
	NumConnections int    // of a hello
	ConnectionInfo struct {
		AppID string `json:"app_id"`
	}
	DebugInfo struct {
		ConnectionSeconds int `json:"approximate_connection_time"`
	}
	EnvelopeID   string
	RetryAttempt int
	Payload      json.RawMessage
}

// decodeRequest decodes a message as far as possible. Slack repeats an envelope until
// it is acknowledged, so its ID is found even in an invalid message.
func decodeRequest(raw []byte) request {
	var request request
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil {
		if found := envelopeIDField.FindSubmatch(raw); found != nil {
			request.EnvelopeID = string(found[1])
		}
		return request
	}
	// Each field separately: one of the wrong type must not hide the others.
	for name, into := range map[string]any{
		"type": &request.Type, "reason": &request.Reason, "num_connections": &request.NumConnections, "debug_info": &request.DebugInfo, "connection_info": &request.ConnectionInfo,
		"envelope_id": &request.EnvelopeID, "retry_attempt": &request.RetryAttempt,
	} {
		_ = json.Unmarshal(fields[name], into)
	}
	request.Payload = fields["payload"]
	return request
}
