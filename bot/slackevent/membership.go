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
