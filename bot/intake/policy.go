package intake

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"enjobridge/blocks"
	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// action says what is to be done with a message.
type action string

const (
	actionAsk    action = "ask"    // put it to the agent
	actionIgnore action = "ignore" // nothing
	actionRefuse action = "refuse" // tell the sender why it is not asked
	actionReact  action = "react"  // acknowledge it by a reaction
	actionStop   action = "stop"   // stop what its thread waits for
)

// reason says why a verdict is what it is. It stands in the log.
type reason string

const (
	reasonMentioned       reason = "mentioned"
	reasonFollowUp        reason = "follow-up in a thread of the bot's"
	reasonDirect          reason = "direct message"
	reasonMalformed       reason = "not a message that can be read"
	reasonSubtype         reason = "not a message of a person's"
	reasonOwn             reason = "sent by this bot"
	reasonOtherBot        reason = "sent by a bot"
	reasonBotLoop         reason = "bots talk to each other"
	reasonNotAddressed    reason = "not addressed to the bot"
	reasonToAnother       reason = "addressed to another person"
	reasonMuted           reason = "the thread is muted"
	reasonThanks          reason = "thanks"
	reasonNoText          reason = "no question in it"
	reasonFilesOnly       reason = "only files in it"
	reasonStranger        reason = "sent by someone of another organisation"
	reasonChannelNotAllow reason = "the channel is not allowed"
	reasonUserNotAllow    reason = "the person is not allowed"
	reasonAccepted        reason = "accepted before"
	reasonStop            reason = "asked to stop"
	reasonTooManyOfUser   reason = "too many questions of the person wait"
	reasonTooMany         reason = "too many questions wait"
	reasonStale           reason = "asked long ago"
	reasonChannelSpent    reason = "the channel has asked enough for today"
)

// Decision is what intake decided about a message.
type Decision struct {
	action action
	reason reason
	// question and thread are to be accepted; for actionAsk.
	question storage.Question
	thread   storage.Thread
	// text is what the sender is told; for actionRefuse.
	text string
	// Retryable says that the sender can try again later; for actionRefuse.
	Retryable bool
	// stale says that the sender can have it answered now; for actionRefuse.
	stale bool
	// public says that everyone is to see what is told; for actionRefuse.
	public bool
	// emoji is the name of the reaction; for actionReact.
	emoji string
}

// knowledge is what is known besides a message when it is decided.
type knowledge struct {
	// thread is the message's, nil if the bot has no part in it.
	thread *storage.Thread
	// offered says that thread is not known yet, but that the bot has asked in it
	// whether an answer is still needed.
	offered bool
	// accepted says that the message was accepted as a question before, or refused,
	// or deleted.
	accepted bool
	// age is how long ago the message was sent, by Slack's clock.
	age time.Duration
	// unfinished is how many questions of the thread are not answered yet.
	unfinished int
	// botQuestions is how many questions of bots in a row came last, in the thread, or at
	// the channel's top by the same bot.
	botQuestions int
	// Mine and all are how many questions wait, of the sender and in all.
	mine, all int
}

// Policy is who may ask, and where.
type Policy struct {
	Self            slackevent.Identity
	AgentView       bool // direct messages are threads
	AllowExternal   bool
	AllowedChannels []string
	AllowedUsers    []string
	AllowedBots     []string                    // bot IDs or their user IDs
	AgentOf         func(channel string) string // the agent's name
	MaxWaiting      int                         // questions in all
	MaxWaitingMine  int                         // questions of one person
	StaleAfter      time.Duration               // 0 never asks whether it is still needed
	ChannelDaily    int                         // questions of a channel and day; 0 is no bound
}

// maxBotQuestions is how many questions of other bots in a row are answered in a
// thread, or of one at a channel's top: two bots would thank each other for ever.
// A person's question begins the count anew.
const maxBotQuestions = 3

// directIdle is how long the conversation of a direct message without threads
// may rest before the next message starts a new one.
const directIdle = 8 * time.Hour

// personSubtypes are the message subtypes of what people say.
var personSubtypes = []string{"", "file_share", "thread_broadcast"}

// decide decides what is to be done with a message. It is the same for both
// events that tell of a mention, whichever comes first.
func decide(m slackevent.Message, k knowledge, p Policy, now time.Time) Decision {
	if why := notFromAnyoneServed(m, p); why != "" {
		return Decision{action: actionIgnore, reason: why}
	}
	why, addressed := addressing(m, k.thread, p.Self)
	if !addressed {
		return Decision{action: actionIgnore, reason: why}
	}
	if m.FromBot() && k.botQuestions >= maxBotQuestions && !k.accepted {
		return Decision{action: actionIgnore, reason: reasonBotLoop}
	}
	if k.accepted {
		return Decision{action: actionIgnore, reason: reasonAccepted}
	}
	if refused := refusal(m, p); refused != nil {
		return *refused
	}
	switch text := slackevent.WithoutMention(m.Text, p.Self.UserID); {
	case k.unfinished > 0 && isStop(text):
		return Decision{action: actionStop, reason: reasonStop}
	case (why == reasonFollowUp || why == reasonDirect) && k.thread != nil && isThanks(text):
		return Decision{action: actionReact, reason: reasonThanks, emoji: "+1"}
	}
	if refused := nothingAsked(m, p.Self); refused != nil {
		return *refused
	}
	if refused := stale(k.age, p); refused != nil {
		return *refused
	}
	if refused := queueFull(k, p); refused != nil {
		return *refused
	}
	return ask(m, why, k, p, now)
}

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
	case !slices.Contains(personSubtypes, m.Subtype):
		return reasonSubtype
	case m.FromBot() || m.User == slackevent.Slackbot:
		return reasonOtherBot
	}
	return ""
}

// addressing tells whether the message is addressed to the bot, and why.
func addressing(m slackevent.Message, known *storage.Thread, self slackevent.Identity) (reason, bool) {
	switch {
	case m.IsDirect():
		return reasonDirect, true
	case slackevent.Mentions(m.Text, self.UserID):
		return reasonMentioned, true
	case m.ThreadTS == "" || known == nil || known.Joined || m.FromBot():
		return reasonNotAddressed, false
	case known.Muted:
		return reasonMuted, false
	case slackevent.MentionsAnyone(m.Text):
		return reasonToAnother, false
	}
	return reasonFollowUp, true
}

// refusal returns the verdict on a sender or a place that is not served, or nil.
func refusal(m slackevent.Message, p Policy) *Decision {
	switch {
	case !p.AllowExternal && m.FromOutside(p.Self):
		return refuse(reasonStranger, blocks.SayStranger)
	case len(p.AllowedChannels) > 0 && !m.IsDirect() && !slices.Contains(p.AllowedChannels, m.ID.Channel):
		return refuse(reasonChannelNotAllow, blocks.SayChannelNotAllowed)
	case len(p.AllowedUsers) > 0 && !m.FromBot() && !slices.Contains(p.AllowedUsers, m.User):
		return refuse(reasonUserNotAllow, blocks.SayUserNotAllowed)
	}
	return nil
}

// Admit returns why a sender or a place is not served, in words for the sender; empty
// if it is.
func (p Policy) Admit(m slackevent.Message) (refused string) {
	if d := refusal(m, p); d != nil {
		return d.text
	}
	return ""
}

// Room returns why another question cannot wait, in words for the asker; empty if it
// can. The numbers are those that wait, of the asker and in all.
func (p Policy) Room(ofAsker, total int) (refused string) {
	if d := queueFull(knowledge{mine: ofAsker, all: total}, p); d != nil {
		return d.text
	}
	return ""
}

// nothingAsked returns the verdict on a message without a question in it, or nil.
func nothingAsked(m slackevent.Message, self slackevent.Identity) *Decision {
	joins := m.ThreadTS != "" && slackevent.Mentions(m.Text, self.UserID)
	switch {
	case strings.TrimSpace(slackevent.WithoutMention(m.Text, self.UserID)) != "" || joins:
		return nil
	case m.Files > 0:
		return refuse(reasonFilesOnly, blocks.SayFilesOnly)
	}
	return refuse(reasonNoText, blocks.SayNoText)
}

// stale returns the verdict on a question that comes so late that it may not be
// needed any more, or nil.
func stale(age time.Duration, p Policy) *Decision {
	if p.StaleAfter <= 0 || age <= p.StaleAfter {
		return nil
	}
	v := refuse(reasonStale, blocks.StillNeeded(blocks.Ago(age)))
	v.public, v.stale = true, true
	return v
}

// queueFull returns the verdict on a question for which there is no room in line, or nil.
func queueFull(k knowledge, p Policy) *Decision {
	switch {
	case p.MaxWaitingMine > 0 && k.mine >= p.MaxWaitingMine:
		v := refuse(reasonTooManyOfUser, blocks.TooManyOfYours(k.mine))
		v.Retryable = true
		return v
	case p.MaxWaiting > 0 && k.all >= p.MaxWaiting:
		v := refuse(reasonTooMany, blocks.SayTooMany)
		v.Retryable = true
		return v
	}
	return nil
}

// dailyLimitReached is the verdict on a question of a channel that has asked enough for a
// day: everyone there is told once, and later ones are marked.
func dailyLimitReached(first bool) Decision {
	if !first {
		return Decision{action: actionReact, reason: reasonChannelSpent, emoji: "no_entry"}
	}
	v := refuse(reasonChannelSpent, blocks.SayChannelSpent)
	v.public = true
	return *v
}

func refuse(why reason, tell string) *Decision {
	return &Decision{action: actionRefuse, reason: why, text: tell}
}

// ask is the verdict on a question.
func ask(m slackevent.Message, why reason, k knowledge, p Policy, now time.Time) Decision {
	known := k.thread
	id := m.Thread(p.AgentView)
	thread := storage.Thread{ID: id, Agent: p.AgentOf(m.ID.Channel), LastActive: now}
	if known != nil {
		thread = *known
		thread.LastActive = now
	}
	if m.FromBot() {
		thread.BotQuestions++
	}
	// A mention inside a thread that the bot does not know joins a thread of people.
	thread.Joined = thread.Joined || (known == nil && why == reasonMentioned && m.ThreadTS != "")

	return Decision{
		action: actionAsk,
		reason: why,
		thread: thread,
		question: storage.Question{
			ID:              m.ID,
			Thread:          id,
			Asker:           cmp.Or(m.User, m.BotID),
			ByBot:           m.FromBot(),
			Agent:           thread.Agent,
			Origin:          origins[why],
			Text:            m.Text,
			HasFiles:        m.Files > 0,
			WithHistory:     (known == nil && thread.Joined) || k.offered,
			NewConversation: id.Root == "" && known != nil && now.Sub(known.LastActive) > directIdle,
			AcceptedAt:      now,
		},
	}
}

var origins = map[reason]storage.Origin{
	reasonMentioned: storage.Mention,
	reasonFollowUp:  storage.FollowUp,
	reasonDirect:    storage.Direct,
}

// thanks are the messages that call for no answer, without case and punctuation.
var thanks = []string{
	"thanks", "thank you", "thx", "ty", "tysm", "cheers", "thanks a lot", "many thanks", "thank you so much",
	"thanks so much", "perfect thanks", "great thanks", "ok thanks", "great thank you", "thanks that worked", "that worked thanks",
	"danke", "vielen dank", "merci", "gracias", "obrigado", "grazie", "arigato",
	"+1", "thumbsup", "pray", "👍", "🙏", "❤️", "heart",
}

// isThanks reports whether the message is nothing but thanks.
func isThanks(text string) bool { return slices.Contains(thanks, plainWords(text)) }

// isStop reports whether the message is nothing but the word stop.
func isStop(text string) bool { return plainWords(text) == "stop" }

// plainWords returns the words of a text, without case and punctuation.
func plainWords(text string) string {
	plain := strings.Map(func(r rune) rune {
		if strings.ContainsRune(".,!:;()", r) {
			return ' '
		}
		return r
	}, strings.ToLower(text))
	return strings.Join(strings.Fields(plain), " ")
}
