package slackevent

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"

	"enjobridge/storage"
)

// Posted is a message from history.
// https://docs.slack.dev/reference/methods/conversations.history
type Posted struct {
	TS       string
	ThreadTS string // the root of the thread it is in; its own TS if it has replies
	User     string
	BotID    string
	Subtype  string
	// Name is what a bot calls itself in the message; empty for people.
	Name string
	// Text, Content, UnreadFiles and EditedTS are those of a [Message].
	Text        string
	Content     string
	UnreadFiles []string
	EditedTS    string
	Home        Home   // the sender's, as far as Slack says
	Files       []File // those that are attached
	// ReplyCount and LatestReply are set on the root of a thread.
	ReplyCount  int
	LatestReply string
	// MetadataType and Metadata are the message's metadata, if the request includes
	// it. Values that are not strings are left empty.
	MetadataType string
	Metadata     map[string]string
}

// File is a file in Slack.
// https://docs.slack.dev/reference/objects/file-object
type File struct {
	Name string
	User string // who uploaded it; empty if Slack does not say
}

// posted is a [Posted] in JSON.
type posted struct {
	TS          looseString           `json:"ts"`
	ThreadTS    looseString           `json:"thread_ts"`
	User        looseString           `json:"user"`
	BotID       looseString           `json:"bot_id"`
	Subtype     looseString           `json:"subtype"`
	Username    looseString           `json:"username"`
	Profile     loose[botProfile]     `json:"bot_profile"`
	Team        looseString           `json:"team"`
	UserTeam    looseString           `json:"user_team"`
	SourceTeam  looseString           `json:"source_team"`
	ReplyCount  loose[int]            `json:"reply_count"`
	LatestReply looseString           `json:"latest_reply"`
	Edited      loose[edit]           `json:"edited"`
	Metadata    loose[postedMetadata] `json:"metadata"`
	body
}

// botProfile is the bot that posted a message.
type botProfile struct {
	Name looseString `json:"name"`
}

type postedMetadata struct {
	Type    looseString                   `json:"event_type"`
	Payload loose[map[string]looseString] `json:"event_payload"`
}

// DecodePosted decodes one message of history. It returns an error if that is no JSON
// object, or has no valid timestamp.
func DecodePosted(raw []byte) (Posted, error) {
	var p posted
	if err := json.Unmarshal(raw, &p); err != nil {
		return Posted{}, fmt.Errorf("decoding a message of history: %w", err)
	}
	if !slackTimestamp.MatchString(string(p.TS)) {
		return Posted{}, errors.New("decoding a message of history: its timestamp is invalid")
	}
	m := Posted{
		TS: string(p.TS), ThreadTS: string(p.ThreadTS), User: string(p.User), BotID: string(p.BotID),
		Subtype: string(p.Subtype), EditedTS: p.Edited.value.at(), Home: Home{Team: string(cmp.Or(p.UserTeam, p.SourceTeam, p.Team))},
		ReplyCount: p.ReplyCount.value, LatestReply: string(p.LatestReply), MetadataType: string(p.Metadata.value.Type),
	}
	said := p.read(m.BotID != "")
	m.Text, m.Content, m.UnreadFiles, m.Files = said.words, said.whole, said.unread, said.files
	if !m.FromPerson() {
		m.Name = Truncate(oneLine(string(cmp.Or(p.Username, p.Profile.value.Name))), maxName)
	}
	for name, value := range p.Metadata.value.Payload.value {
		if m.Metadata == nil {
			m.Metadata = make(map[string]string)
		}
		m.Metadata[name] = string(value)
	}
	return m, nil
}

// FromPerson reports whether a person wrote the message.
func (p Posted) FromPerson() bool { return p.BotID == "" && p.User != "" && p.Subtype != Tombstone }

// Tombstone is the subtype of a deleted root that Slack keeps for its replies.
const Tombstone = "tombstone"

// Conversation is a channel or a direct message.
// https://docs.slack.dev/reference/objects/conversation-object
type Conversation struct {
	ID   string
	Name string
	// Shared means that people of other organisations can be in it: unless Slack says that
	// they are not, they may be.
	Shared bool
	Direct bool // a direct message with one person
	// Private means that only its members may know its name.
	Private bool
	// NotMember means that Slack says that the bot is not in it.
	NotMember bool
}

// DecodeConversation decodes a conversation. It returns an error if that is no JSON
// object, or has no valid ID.
func DecodeConversation(raw []byte) (Conversation, error) {
	var c struct {
		ID        looseString     `json:"id"`
		Name      looseString     `json:"name"`
		ExtShared json.RawMessage `json:"is_ext_shared"`
		IM        looseBool       `json:"is_im"`
		MPIM      looseBool       `json:"is_mpim"`
		Private   looseBool       `json:"is_private"`
		Member    json.RawMessage `json:"is_member"`
	}
	if err := json.Unmarshal(raw, &c); err != nil {
		return Conversation{}, fmt.Errorf("decoding a conversation: %w", err)
	}
	if !slackID.MatchString(string(c.ID)) {
		return Conversation{}, errors.New("decoding a conversation: its ID is invalid")
	}
	return Conversation{
		ID: string(c.ID), Name: Truncate(string(c.Name), maxName), Shared: string(c.ExtShared) != "false", Direct: bool(c.IM),
		Private: bool(c.Private || c.IM || c.MPIM), NotMember: string(c.Member) == "false",
	}, nil
}

// Message returns the message as it would be in an event.
func (p Posted) Message(self Identity, in Conversation) Message {
	m := Message{
		ID: storage.MessageID{Team: self.TeamID, Channel: in.ID, TS: p.TS}, User: p.User, BotID: p.BotID, Subtype: p.Subtype,
		Text: p.Text, Content: p.Content, UnreadFiles: p.UnreadFiles, EditedTS: p.EditedTS,
	}
	m.ThreadTS = thread(m.ID, looseString(p.ThreadTS))
	if in.Direct {
		m.ChannelType = "im"
	}
	m.Membership = self.membershipIn(m, p.Home, in.Shared)
	return m
}

// User is a person or a bot.
// https://docs.slack.dev/reference/objects/user-object
type User struct {
	Name       string // the display name
	Email      string // empty without the scope users:read.email
	Membership Membership
}

// maxName bounds the names of users and conversations, in characters: they are cached, and
// get into prompts. Slack's have at most 80 characters.
const maxName = 500

// DecodeUser decodes a user. It returns an error if that is no JSON object, or has no
// valid ID.
func DecodeUser(raw []byte, self Identity) (User, error) {
	var u struct {
		ID       looseString        `json:"id"`
		Name     looseString        `json:"name"`
		RealName looseString        `json:"real_name"`
		TeamID   looseString        `json:"team_id"`
		Stranger looseBool          `json:"is_stranger"`
		Profile  loose[userProfile] `json:"profile"`
		Grid     loose[*gridUser]   `json:"enterprise_user"`
	}
	if err := json.Unmarshal(raw, &u); err != nil {
		return User{}, fmt.Errorf("decoding a user: %w", err)
	}
	if !slackID.MatchString(string(u.ID)) {
		return User{}, errors.New("decoding a user: the ID is invalid")
	}
	name := cmp.Or(u.Profile.value.DisplayName, u.RealName, u.Profile.value.RealName, u.Name)
	user := User{Name: Truncate(string(name), maxName), Email: Truncate(string(u.Profile.value.Email), maxName)}
	user.Membership = self.userMembership(string(u.TeamID), u.Grid.value)
	if user.Membership == Unverified && bool(u.Stranger) {
		user.Membership = Outsider
	}
	return user, nil
}

type userProfile struct {
	DisplayName looseString `json:"display_name"`
	RealName    looseString `json:"real_name"`
	Email       looseString `json:"email"`
}

type gridUser struct {
	EnterpriseID looseString          `json:"enterprise_id"`
	Teams        loose[[]looseString] `json:"teams"`
}

// userMembership returns whether a user belongs to the bot's organisation: one of the team, and
// of the Enterprise Grid organisation if grid is not nil; Unverified if neither says it. In
// an organisation each member has grid, so one of another team without it is an outsider.
func (i Identity) userMembership(team string, grid *gridUser) Membership {
	if grid == nil {
		if found := i.MembershipOf(Home{Team: team}); found != Unknown {
			return found
		}
		if team != "" {
			return Outsider
		}
		return Unverified
	}
	for _, one := range append([]looseString{looseString(team)}, grid.Teams.value...) {
		if found := i.MembershipOf(Home{Team: string(one), Enterprise: string(grid.EnterpriseID)}); found == Member {
			return Member
		}
	}
	if grid.EnterpriseID != "" {
		return Outsider
	}
	return Unverified
}
