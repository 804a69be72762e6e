package socketmode

import (
	"encoding/json"
	"regexp"

	"github.com/slack-go/slack/socketmode"
)

// Envelope is what Slack sends over a socket and wants to have acknowledged.
type Envelope struct {
	ID      string
	Type    string // events_api, interactive, slash_commands; empty if it cannot be read
	Payload json.RawMessage
	Retry   int
	// Ack tells Slack that the envelope was received, with a payload unless it
	// is nil, which the submission of a form can have. It must be called only
	// once what came in the envelope is safe, and takes 2 s at most. An error
	// means that Slack sends the envelope again.
	Ack func(payload any) error
}

// Size returns about how many bytes the envelope holds in memory.
func (e Envelope) Size() int64 { return int64(len(e.Payload)) + 1024 }

// envelopeIDField finds the identity of an envelope that cannot be read, because
// it is too long or nested too deep. Within a text the quotes would be escaped.
var envelopeIDField = regexp.MustCompile(`"envelope_id"\s*:\s*"([0-9A-Za-z-]{1,100})"`)

// decodeRequest reads a message of a socket, as far as it can be read. Slack
// sends an envelope again and again unless it is acknowledged, so its identity
// is looked for in whatever came.
func decodeRequest(raw []byte) socketmode.Request {
	var request socketmode.Request
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil {
		if found := envelopeIDField.FindSubmatch(raw); found != nil {
			request.EnvelopeID = string(found[1])
		}
		return request
	}
	// Each field by itself: one of the wrong type must not hide the others.
	for name, into := range map[string]any{
		"type": &request.Type, "reason": &request.Reason, "num_connections": &request.NumConnections, "debug_info": &request.DebugInfo,
		"envelope_id": &request.EnvelopeID, "retry_attempt": &request.RetryAttempt,
	} {
		_ = json.Unmarshal(fields[name], into)
	}
	request.Payload = fields["payload"]
	return request
}
