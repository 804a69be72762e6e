package enjo

import (
	"encoding/json"
	"errors"
)

// maxConversationID is the longest conversation ID that is kept, in bytes. It
// is stored with each thread and sent with each message, so that a longer one
// is dropped: the answer stays, and the next message starts a new conversation.
const maxConversationID = 4 << 10

// data is the data of a success. None of its fields can fail to decode: one
// that is missing, null or of another type than published leaves the rest alone.
type data struct {
	Answers        prose      `json:"answers"`
	Sources        sources    `json:"sources"`
	ConversationID identifier `json:"conversationId"`
	TicketDetails  ticket     `json:"ticketDetails"`
}

// decodeReply reads the data of a success. It fails if there is nothing in it
// that could be told to anybody.
func decodeReply(raw value) (Reply, error) {
	if raw == nil {
		return Reply{}, errors.New("it has no data")
	}
	var d data
	if raw[0] == '{' {
		if err := json.Unmarshal(raw, &d); err != nil {
			return Reply{}, err
		}
	} else {
		// Data that is no object can only be the answer itself.
		d.Answers = prose(readable(raw, paragraphs))
	}

	reply := Reply{
		Text:           string(d.Answers),
		Sources:        d.Sources.normalised(),
		ConversationID: string(d.ConversationID),
		Ticket:         d.TicketDetails.found(),
	}
	if len(reply.ConversationID) > maxConversationID {
		reply.ConversationID = ""
	}
	if reply.Text == "" && reply.Sources == nil && reply.ConversationID == "" && reply.Ticket == nil {
		return Reply{}, errors.New("its data holds no answer, source, conversation or ticket")
	}
	return reply, nil
}
