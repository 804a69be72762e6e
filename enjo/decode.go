package enjo

import (
	"encoding/json"
	"errors"
)

// maxConversationID limits the length of a conversation ID, in bytes. The ID is
// stored with each thread and sent with each message. A longer one is dropped:
// the answer is kept, and the next message starts a new conversation.
const maxConversationID = 4 << 10

// data is the data of a successful reply. Decoding it never fails: a field that
// is missing, null or of an unexpected type does not affect the others.
type data struct {
	Answers        prose      `json:"answers"`
	Sources        sources    `json:"sources"`
	ConversationID identifier `json:"conversationId"`
	TicketDetails  ticket     `json:"ticketDetails"`
}

// decodeReply decodes the data of a successful reply. It fails if the data
// contains nothing to show.
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
		// Data that is not an object must be the answer itself.
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
