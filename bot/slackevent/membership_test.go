package slackevent

import (
	"testing"

	"enjobridge/storage"
)

// Ensure that people of a sister workspace belong to the organisation, and that a missing
// or ambiguous field does not make anybody an outsider.
func TestMembershipOf(t *testing.T) {
	alone, grid := Identity{TeamID: "T1"}, Identity{TeamID: "T1", EnterpriseID: "E1"}
	orgWide := Identity{TeamID: "E1", EnterpriseID: "E1", OrgWide: true, Workspaces: []string{"T1", "T2"}}
	for _, test := range []struct {
		name string
		self Identity
		home Home
		want Membership
	}{
		{"own workspace", alone, Home{Team: "T1"}, Member},
		{"another workspace", alone, Home{Team: "T2"}, Outsider},
		{"an organisation", alone, Home{Team: "E2"}, Outsider},
		{"no team", alone, Home{}, Unknown},
		{"own workspace in Grid", grid, Home{Team: "T1"}, Member},
		{"another workspace, which can be a sister", grid, Home{Team: "T2"}, Unknown},
		{"a sister workspace", grid, Home{Team: "T2", Enterprise: "E1"}, Member},
		{"only the organisation", grid, Home{Enterprise: "E1"}, Member},
		{"the organisation as the team", grid, Home{Team: "E1"}, Member},
		{"another organisation", grid, Home{Team: "T2", Enterprise: "E2"}, Outsider},
		{"no team in Grid", grid, Home{}, Unknown},
		{"a workspace of the installation", orgWide, Home{Team: "T2"}, Member},
		{"a workspace that was added, or another", orgWide, Home{Team: "T3"}, Unknown},
		{"a workspace of the organisation", orgWide, Home{Team: "T3", Enterprise: "E1"}, Member},
	} {
		if got := test.self.MembershipOf(test.home); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

// Ensure that the people of each kind of event are looked up if the event does not say
// where they belong, and that nobody is looked up for what is not for the bot.
func TestUnidentified(t *testing.T) {
	self := Identity{TeamID: "T1", UserID: "UBOT", BotID: "B1"}
	top := Message{ID: storage.MessageID{Channel: "C1", TS: "1.1"}, User: "U1", Text: "hi"}
	with := func(alter func(*Message)) Message {
		m := top
		alter(&m)
		return m
	}
	mention := with(func(m *Message) { m.Text = "<@UBOT> hi" })
	for _, test := range []struct {
		name  string
		event Event
		want  string
	}{
		{"a mention", mention, "U1"},
		{"a direct message", with(func(m *Message) { m.ChannelType = "im" }), "U1"},
		{"a reply", with(func(m *Message) { m.ThreadTS = "1.0" }), "U1"},
		{"a file", with(func(m *Message) { m.Text, m.Subtype = "<@UBOT> see", "file_share" }), "U1"},
		{"a remark", top, ""},
		{"a member's", with(func(m *Message) { m.Text, m.Membership = "<@UBOT> hi", Member }), ""},
		{"an outsider's", with(func(m *Message) { m.Text, m.Membership = "<@UBOT> hi", Outsider }), ""},
		{"a bot's", with(func(m *Message) { m.Text, m.BotID = "<@UBOT> hi", "B2" }), ""},
		{"the bot's own", with(func(m *Message) { m.ChannelType, m.User = "im", "UBOT" }), ""},
		{"without a person", with(func(m *Message) { m.Text, m.User = "<@UBOT> hi", "" }), ""},
		{"of an invalid person", with(func(m *Message) { m.Text, m.User = "<@UBOT> hi", "../u" }), ""},
		{"an edit that adds the mention", MessageChanged{Before: "hi", After: mention}, "U1"},
		{"an edit that removes the mention", MessageChanged{Before: "<@UBOT> hi", After: top}, "U1"},
		{"an edit of a remark", MessageChanged{Before: "ho", After: top}, ""},
		{"a deletion", MessageDeleted{ID: top.ID}, ""},
		{"Stop", SessionStopped{User: "U1"}, "U1"},
		{"a press", Interaction{Kind: BlockAction, User: "U1"}, "U1"},
		{"App Home", Interaction{Kind: AppHomeOpened, User: "U1"}, "U1"},
		{"the Messages tab", Interaction{Kind: MessagesOpened, User: "U1"}, "U1"},
		{"a member's command", Interaction{Kind: SlashCommand, User: "U1", Membership: Member}, ""},
	} {
		if got := Unidentified(test.event, self); got != test.want {
			t.Errorf("%s: %q is looked up, want %q", test.name, got, test.want)
		}
		if got := Unidentified(Identified(test.event, Unverified), self); got != "" {
			t.Errorf("%s: %q is looked up again", test.name, got)
		}
	}
}
