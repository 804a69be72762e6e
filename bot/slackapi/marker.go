package slackapi

import (
	"slices"
	"strconv"

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
	// Beginning says that the outcome is the beginning of an answer, with the whole as
	// a file: its parts are others than those of the whole.
	Beginning bool
}

// payload returns the payload of the metadata: identifiers only, no text.
func (m Marker) payload() map[string]string {
	rendering := m.Rendering.String()
	if m.Beginning {
		rendering += " beginning"
	}
	return map[string]string{"question": m.Question.String(), "part": strconv.Itoa(m.Part), "rendering": rendering}
}

// MarkerOf returns the marker of a post of this bot, apart from its rendering; false for
// other messages, and for posts without a marker.
func (c *Client) MarkerOf(m slackevent.Posted) (Marker, bool) {
	if m.MetadataType != metadataType || !c.Own(m) {
		return Marker{}, false
	}
	question, valid := storage.ParseMessageID(m.Metadata["question"])
	part, err := strconv.Atoi(m.Metadata["part"])
	return Marker{Question: question, Part: part}, valid && err == nil
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

// hasFile reports whether the bot's message m has a file of the bot with this name.
func (c *Client) hasFile(m slackevent.Posted, name string) bool {
	self := c.self.Load()
	return self != nil && slices.ContainsFunc(m.Files, func(f slackevent.File) bool {
		return f.Name == name && (f.User == "" || f.User == self.UserID)
	})
}

// Own reports whether this bot posted a message. Other apps can copy metadata and
// file names, but not the bot's ID. One of the two IDs is enough: uploads may have no
// bot ID, and in an organisation with several workspaces the bot has several.
func (c *Client) Own(m slackevent.Posted) bool {
	self := c.self.Load()
	return self != nil && ((m.BotID != "" && m.BotID == self.BotID) || (m.User != "" && m.User == self.UserID))
}
