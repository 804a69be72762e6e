package slackapi

import (
	"strconv"

	"github.com/slack-go/slack"

	"enjobridge/blocks"
	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// metadataType is the metadata type of the bot's posts.
// https://docs.slack.dev/messaging/message-metadata/
const metadataType = "enjobridge_post"

// Marker identifies one post: a part of a question's outcome, in one of its
// renderings. It is stored in the post's metadata.
type Marker struct {
	Question  storage.MessageID
	Part      int
	Rendering blocks.Rendering
}

// payload returns the payload of the metadata: identifiers only, no text.
func (m Marker) payload() map[string]any {
	return map[string]any{
		"question":  m.Question.String(),
		"part":      strconv.Itoa(m.Part),
		"rendering": m.Rendering.String(),
	}
}

func (m Marker) metadata() slack.SlackMetadata {
	return slack.SlackMetadata{EventType: metadataType, EventPayload: m.payload()}
}

// isOn reports whether a message has the marker.
func (m Marker) isOn(found slackevent.Posted) bool {
	if found.MetadataType != metadataType {
		return false
	}
	for name, value := range m.payload() {
		if found.Metadata[name] != value {
			return false
		}
	}
	return true
}

// own reports whether this bot posted a message. Other apps can copy metadata and
// file names, but not the bot's ID.
func (c *Client) own(m slackevent.Posted) bool {
	self := c.self.Load()
	return self != nil && ((m.BotID != "" && m.BotID == self.BotID) || (m.User != "" && m.User == self.UserID))
}
