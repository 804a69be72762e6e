package slackapi

import (
	"strconv"

	"github.com/slack-go/slack"

	"enjobridge/blocks"
	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// metadataType marks the bot's posts: https://docs.slack.dev/messaging/message-metadata/
const metadataType = "enjobridge_post"

// Marker identifies one post: a part of a question's outcome, in one of its
// renderings. It is in the post's metadata, which only the app can read.
type Marker struct {
	Question  storage.MessageID
	Part      int
	Rendering blocks.Rendering
}

// payload is the marker as the payload of the metadata: identifiers, no text.
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
// file names.
func (c *Client) own(m slackevent.Posted) bool {
	self := c.self.Load()
	return self != nil && (m.BotID == self.BotID || m.User == self.UserID)
}
