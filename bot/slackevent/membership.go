package slackevent

import "slices"

// Membership says whether the person or bot that caused an event belongs to the bot's
// organisation: the same workspace, or the same Enterprise Grid organisation.
// https://docs.slack.dev/enterprise/
type Membership string

const (
	// Unknown means that the event does not say.
	Unknown  Membership = ""
	Member   Membership = "member"
	Outsider Membership = "outsider"
	// Unverified means that the event does not say, and that Slack refused to say.
	Unverified Membership = "unverified"
)

// Home is where a person belongs, as far as Slack says. Either ID can be empty.
type Home struct {
	// Team is a workspace: T…. In an organisation it can be any workspace of the person,
	// or the organisation: E….
	Team string
	// Enterprise is an Enterprise Grid organisation: E….
	Enterprise string
}

// MembershipOf returns whether people with a home belong to the bot's organisation. In
// Grid, a workspace alone does not say that someone is an outsider: it can be another one
// of the organisation.
func (i Identity) MembershipOf(h Home) Membership {
	switch {
	case h.Team != "" && (h.Team == i.TeamID || slices.Contains(i.Workspaces, h.Team)):
		return Member
	case i.EnterpriseID != "" && (h.Enterprise == i.EnterpriseID || h.Team == i.EnterpriseID):
		return Member
	case h.Enterprise != "":
		return Outsider
	case h.Team != "" && i.EnterpriseID == "":
		return Outsider
	}
	return Unknown
}

// membershipIn is [Identity.MembershipOf] for a message in a channel. Only people of the
// organisation are in a channel that is not shared; a direct message can be shared
// although Slack does not say so.
func (i Identity) membershipIn(m Message, h Home, shared bool) Membership {
	found := i.MembershipOf(h)
	if found == Unknown && !shared && !m.IsDirect() {
		return Member
	}
	return found
}

// Unidentified returns the person who caused an event, if the event does not say whether the
// person belongs to the bot's organisation, and that can matter: the bot is addressed, or may
// be, because the message is in a thread. Otherwise it returns "". Bots are not looked up:
// the operator lists those that are served.
func Unidentified(e Event, self Identity) (user string) {
	var in Membership
	switch e := e.(type) {
	case Message:
		if !e.mayAddress(self) {
			return ""
		}
		user, in = e.User, e.Membership
	case MessageChanged:
		if !e.After.mayAddress(self) && !Mentions(e.Before, self.UserID) {
			return ""
		}
		user, in = e.After.User, e.After.Membership
	case SessionStopped:
		user, in = e.User, e.Membership
	case Interaction:
		user, in = e.User, e.Membership
	}
	if in != Unknown || user == self.UserID || !slackID.MatchString(user) {
		return ""
	}
	return user
}

// Identified returns an event with the membership of the person who caused it.
func Identified(e Event, in Membership) Event {
	switch e := e.(type) {
	case Message:
		e.Membership = in
		return e
	case MessageChanged:
		e.After.Membership = in
		return e
	case SessionStopped:
		e.Membership = in
		return e
	case Interaction:
		e.Membership = in
		return e
	}
	return e
}

// mayAddress reports whether a message of a person may be for the bot.
func (m Message) mayAddress(self Identity) bool {
	return !m.FromBot() && (m.IsDirect() || m.ThreadTS != "" || Mentions(m.Text, self.UserID))
}
