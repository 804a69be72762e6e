package intake

import (
	"slices"

	"enjobridge/bot/slackevent"
)

// personSubtypes are the message subtypes of what people say.
var personSubtypes = []string{"", "file_share", "thread_broadcast", "me_message"}

// botSubtype is the message subtype of what workflows and older apps say.
const botSubtype = "bot_message"

// notFromAnyoneServed returns why the message is neither one that a person sent
// nor one of a bot that may ask, or "".
func notFromAnyoneServed(m slackevent.Message, p Policy) reason {
	switch {
	case !m.Valid():
		return reasonMalformed
	case m.User == p.Self.UserID || (m.FromBot() && m.BotID == p.Self.BotID):
		return reasonOwn
	case m.FromBot() && (slices.Contains(p.AllowedBots, m.BotID) || slices.Contains(p.AllowedBots, m.User)):
		return ""
	case m.FromBot() && m.Subtype == botSubtype:
		return reasonOtherBot
	case !slices.Contains(personSubtypes, m.Subtype):
		return reasonSubtype
	case m.FromBot() || m.User == slackevent.Slackbot:
		return reasonOtherBot
	case m.User == "":
		return reasonMalformed
	}
	return ""
}

// addressing reports whether the message is addressed to the bot, and why.
func addressing(m slackevent.Message, k knowledge, p Policy) (reason, bool) {
	switch {
	case m.IsDirect():
		return reasonDirect, true
	case slackevent.Mentions(m.Text, p.Self.UserID):
		return reasonMentioned, true
	case m.ThreadTS == "" || k.thread == nil || k.thread.Joined || m.FromBot():
		return reasonNotAddressed, false
	case slackevent.MentionsAnyone(m.Text):
		return reasonToAnother, false
	case !canContinue(m, k, p):
		return reasonHasNotAsked, false
	case k.thread.Muted && !k.mutes:
		return reasonMuted, false
	}
	return reasonFollowUp, true
}

// canContinue reports whether the sender of a message in a thread of the bot's needs no
// mention. A thread without askers, which a bot began, has nobody who can continue.
func canContinue(m slackevent.Message, k knowledge, p Policy) bool {
	switch {
	case k.offered || k.invited: // the message can reply to a question of the bot's
		return true
	case p.FollowUps == FollowUpAll:
		return true
	case p.FollowUps == FollowUpMention:
		return false
	}
	return k.thread.HasAsked(m.User, m.ID.TS)
}
