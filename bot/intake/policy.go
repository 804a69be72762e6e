package intake

import (
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
	actionAsk     action = "ask"     // put it to the agent
	actionIgnore  action = "ignore"  // nothing
	actionRefuse  action = "refuse"  // notify the sender why it is not asked
	actionReact   action = "react"   // acknowledge it by a reaction
	actionStop    action = "stop"    // stop the questions of its thread
	actionMute    action = "mute"    // mute its thread, and say so
	actionCommand action = "command" // do what the slash command does
	actionWait    action = "wait"    // see whether its twin says who the sender is
	actionEdit    action = "edit"    // of an edit: change the question that waits
	actionOffer   action = "offer"   // of an edit: offer to ask again
	actionRetract action = "retract" // of a deletion: end the question, or delete its answer
)

// reason says why a decision was made. It is in the log and a label of a metric.
type reason string

const (
	reasonMentioned         reason = "mentioned"
	reasonFollowUp          reason = "follow-up in a thread of the bot's"
	reasonDirect            reason = "direct message"
	reasonMalformed         reason = "not a message that can be read"
	reasonSubtype           reason = "not a message of a person's"
	reasonOwn               reason = "sent by this bot"
	reasonOtherBot          reason = "sent by a bot"
	reasonBotLoop           reason = "bots talk to each other"
	reasonNotAddressed      reason = "not addressed to the bot"
	reasonToAnother         reason = "addressed to other people"
	reasonHasNotAsked       reason = "the sender has not asked in this thread"
	reasonMuted             reason = "the thread is muted"
	reasonThanks            reason = "thanks"
	reasonNoText            reason = "no question in it"
	reasonFilesOnly         reason = "only files in it"
	reasonOutsider          reason = "sent by someone of another organisation"
	reasonUnverified        reason = "sent by someone whose organisation is unknown"
	reasonChannelNotAllowed reason = "the channel is not allowed"
	reasonUserNotAllowed    reason = "the person is not allowed"
	reasonDecided           reason = "accepted before"
	reasonStop              reason = "asked to stop"
	reasonNothingToStop     reason = "asked to stop, and nothing is running"
	reasonCommand           reason = "a command"
	reasonTooManyOfAsker    reason = "too many questions of the person wait"
	reasonTooMany           reason = "too many questions wait"
	reasonStale             reason = "asked long ago"
	reasonDailyLimit        reason = "the channel has asked enough for today"
	reasonEdited            reason = "the message was edited"
	reasonEditedBefore      reason = "the sender had the offer before"
	reasonEditNotAdmitted   reason = "the sender is not served any more"
	reasonEditKnown         reason = "it was asked with this text"
	reasonDeleted           reason = "the message was deleted"
	reasonPartDeleted       reason = "a part of the question was deleted"
	reasonTooLate           reason = "the question was asked before"
)

// decision is what was decided about a message.
type decision struct {
	action action
	reason reason
	// question and thread are to be accepted; for actionAsk.
	question storage.Question
	thread   storage.Thread
	// pauses says that the question waits for more of its sender; for actionAsk.
	pauses bool
	// text is posted to the sender; for actionRefuse and actionMute, and for actionReact if
	// Slack takes no reaction.
	text string
	// retryable says that the sender can try again later; for actionRefuse.
	retryable bool
	// stale says that the sender can have it answered now; for actionRefuse.
	stale bool
	// public says that everyone sees the text; for actionRefuse and actionMute.
	public bool
	// emoji is the name of the reaction; for actionReact.
	emoji string
	// threads are those in which questions are stopped; for actionStop.
	threads []storage.ThreadID
	// command is the word that says what to do; for actionCommand.
	command string
	// hint tells an operator how to get another decision; for actionIgnore.
	hint string
}

// knowledge is what is known about a message and its thread when it is decided.
type knowledge struct {
	// thread is the message's, nil if the bot has no part in it.
	thread *storage.Thread
	// offered says that the store does not know the thread, but the bot has asked in
	// it whether an answer is still needed. A reply to that is for the bot.
	offered bool
	// invited says the same of a thread that the store knows by now.
	invited bool
	// decided says that the message was already accepted as a question, refused,
	// reacted to or deleted.
	decided bool
	// refusing is the key of the refusal that a replica is posting; empty if none is known.
	refusing storage.Key
	// ignored says that the message was ignored because its thread was muted. If it has a
	// mention now, that was added by an edit.
	ignored bool
	// stops and mutes say that the message has begun to stop the questions of its thread,
	// or to mute it.
	stops, mutes bool
	// age is how long ago the message was sent, or edited to mention the bot, by Slack's
	// clock.
	age time.Duration
	// unfinished is how many questions of the thread have not ended.
	unfinished int
	// running are the other threads of a direct message whose questions the word stop
	// means, too.
	running []storage.ThreadID
	// botQuestions is how many of the latest questions in a row were bots': of the
	// thread, or of the same bot at the channel's top.
	botQuestions int
	// ofAsker and total are how many questions wait, of the sender and in all.
	ofAsker, total int
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
	MaxWaiting      int                         // questions in all; 0 is unlimited
	MaxWaitingUser  int                         // questions of one asker; 0 is unlimited
	StaleAfter      time.Duration               // 0 never asks whether an answer is still needed
	FollowUps       FollowUps
	// OffersPerson reports whether "Talk to a person" works in a thread, which can be personal:
	// see [storage.ThreadID.IsPersonal]; nil if nowhere.
	OffersPerson func(personal bool) bool
}

// maxBotQuestions is how many questions of other bots in a row are answered in a
// thread, or of one at a channel's top: two bots would thank each other forever.
// A person's question resets the count.
const maxBotQuestions = 3

// directIdle is how long the conversation of a direct message without threads can
// be idle before the next message starts a new one.
const directIdle = 8 * time.Hour

// decide decides what is to be done with a message. Slack sends two events for a
// mention; the decision is the same for both.
func decide(m slackevent.Message, k knowledge, p Policy, now time.Time) decision {
	if why := notFromAnyoneServed(m, p); why != "" {
		return decision{action: actionIgnore, reason: why, hint: allowHint(m, why, p)}
	}
	why, addressed := addressing(m, k, p)
	if !addressed {
		return decision{action: actionIgnore, reason: why}
	}
	if m.FromBot() && k.botQuestions >= maxBotQuestions && !k.decided {
		return decision{action: actionIgnore, reason: reasonBotLoop}
	}
	if k.decided || k.ignored && why != reasonMentioned {
		return decision{action: actionIgnore, reason: reasonDecided}
	}
	if refused := refusal(m, p); refused != nil {
		return *refused
	}
	if d := withoutQuestion(m, k, p); d != nil {
		return *d
	}
	if refused := nothingAsked(m, p.Self); refused != nil {
		return *refused
	}
	if p.wantsPerson(m) { // an offer is welcome late, too, and needs no place in the queue
		d := ask(m, why, k, p, now)
		d.question.WantsPerson, d.pauses = true, false
		return d
	}
	if refused := stale(k.age, p); refused != nil {
		return *refused
	}
	if refused := queueFull(k, p); refused != nil {
		return *refused
	}
	return ask(m, why, k, p, now)
}

// wantsPerson reports whether a message asks for a person, where one can be called.
func (p Policy) wantsPerson(m slackevent.Message) bool {
	return p.OffersPerson != nil && p.OffersPerson(storage.IsDirect(m.ID.Channel)) && !m.FromBot() && bare(m) &&
		asksForPerson(slackevent.WithoutMention(m.Text, p.Self.UserID))
}

// WantsPerson reports whether the text of a private question asks for a person, if one can
// be called from where others cannot read.
func (p Policy) WantsPerson(text string) bool {
	return p.OffersPerson != nil && p.OffersPerson(true) && asksForPerson(text)
}

// bare reports whether a message has nothing but its sender's words.
func bare(m slackevent.Message) bool {
	return len(m.UnreadFiles) == 0 && strings.TrimSpace(m.Content) == strings.TrimSpace(m.Text)
}

// allowHint says how to let a bot ask that mentions this one and may not.
func allowHint(m slackevent.Message, why reason, p Policy) string {
	if why != reasonOtherBot || m.BotID == "" || !slackevent.Mentions(m.Text, p.Self.UserID) {
		return ""
	}
	return "to let this bot ask, add " + m.BotID + " to ALLOWED_BOTS"
}

// withoutQuestion returns the decision on a message that asks the agent nothing: a stop,
// a command or thanks; or nil.
func withoutQuestion(m slackevent.Message, k knowledge, p Policy) *decision {
	text := slackevent.WithoutMention(m.Text, p.Self.UserID)
	switch {
	case isStop(text):
		return stop(m, k, p)
	case bare(m) && slackevent.Mentions(m.Text, p.Self.UserID) && !m.FromBot() && commandIn(text) != "":
		return &decision{action: actionCommand, reason: reasonCommand, command: commandIn(text)}
	case bare(m) && isThanks(text):
		return &decision{action: actionReact, reason: reasonThanks, emoji: "+1"}
	}
	return nil
}

// stop is the decision on the word stop. In a thread of a channel where nothing is
// running, it means that the bot is to be silent there, unless it was sent before the
// latest question or answer, and so meant something that has ended since.
func stop(m slackevent.Message, k knowledge, p Policy) *decision {
	mute := &decision{action: actionMute, reason: reasonNothingToStop, text: blocks.SayMuted.Text(), public: true}
	switch {
	case k.mutes:
		return mute
	case k.stops || k.unfinished > 0 || len(k.running) > 0:
		return &decision{action: actionStop, reason: reasonStop, threads: append(k.running, m.Thread(p.AgentView))}
	case m.IsDirect() || k.thread == nil || k.offered || slackevent.ParseTS(m.ID.TS).Before(k.thread.LastActive):
		return refuse(reasonNothingToStop, blocks.SayNothingToStop.Text())
	}
	return mute
}

// refusal returns the decision on a sender or a channel that is not served, or nil.
// Nobody is admitted without an identity, or from nowhere.
func refusal(m slackevent.Message, p Policy) *decision {
	switch {
	case m.Asker() == "" || (m.ID.Channel == "" && !m.IsDirect()):
		return refuse(reasonMalformed, blocks.SayNoPlace.Text())
	case !p.AllowExternal && m.Membership == slackevent.Outsider:
		return refuse(reasonOutsider, blocks.SayStranger.Text())
	case !p.AllowExternal && m.Membership != slackevent.Member && !m.FromBot(): // the operator lists the bots
		return refuse(reasonUnverified, blocks.SayUnverified.Text())
	case len(p.AllowedChannels) > 0 && !m.IsDirect() && !slices.Contains(p.AllowedChannels, m.ID.Channel):
		return refuse(reasonChannelNotAllowed, blocks.SayChannelNotAllowed.Text())
	case len(p.AllowedUsers) > 0 && !m.FromBot() && !slices.Contains(p.AllowedUsers, m.User):
		return refuse(reasonUserNotAllowed, blocks.SayUserNotAllowed.Text())
	}
	return nil
}

// Admit returns why a sender or a channel is not served, in words for the sender;
// empty if it is. Every way into the bot asks it.
func (p Policy) Admit(m slackevent.Message) (refused string) {
	if d := refusal(m, p); d != nil {
		return d.text
	}
	return ""
}

// Room returns why another question cannot wait, in words for the asker; empty if it
// can. The numbers are those that wait, of the asker and in all.
func (p Policy) Room(ofAsker, total int) (refused string) {
	if d := queueFull(knowledge{ofAsker: ofAsker, total: total}, p); d != nil {
		return d.text
	}
	return ""
}

// nothingAsked returns the decision on a message without a question in it, or nil.
func nothingAsked(m slackevent.Message, self slackevent.Identity) *decision {
	joins := m.ThreadTS != "" && slackevent.Mentions(m.Text, self.UserID)
	switch {
	case m.Readable(self.UserID) || joins:
		return nil
	case len(m.UnreadFiles) > 0:
		return refuse(reasonFilesOnly, blocks.SayFilesOnly.Text())
	}
	return refuse(reasonNoText, blocks.SayNoText.Text())
}

// stale returns the decision on a question that is found so late that an answer may
// not be needed any more, or nil.
func stale(age time.Duration, p Policy) *decision {
	if p.StaleAfter <= 0 || age <= p.StaleAfter {
		return nil
	}
	d := refuse(reasonStale, blocks.StillNeeded(blocks.Ago(age)))
	d.public, d.stale = true, true
	return d
}

// queueFull returns the decision on a question for which the queue has no room, or nil.
func queueFull(k knowledge, p Policy) *decision {
	switch {
	case p.MaxWaitingUser > 0 && k.ofAsker >= p.MaxWaitingUser:
		d := refuse(reasonTooManyOfAsker, blocks.TooManyOfYours(k.ofAsker))
		d.retryable = true
		return d
	case p.MaxWaiting > 0 && k.total >= p.MaxWaiting:
		d := refuse(reasonTooMany, blocks.SayTooMany.Text())
		d.retryable = true
		return d
	}
	return nil
}

// dailyLimitReached is the decision on a question of a channel that has used up its
// questions for the day: everyone there is notified once, later ones get a reaction.
func dailyLimitReached(first bool) decision {
	if !first {
		return decision{action: actionReact, reason: reasonDailyLimit, emoji: "no_entry", text: blocks.SayChannelSpent.Text()}
	}
	d := refuse(reasonDailyLimit, blocks.SayChannelSpent.Text())
	d.public = true
	return *d
}

func refuse(why reason, text string) *decision {
	return &decision{action: actionRefuse, reason: why, text: text}
}

// ask is the decision to ask a question.
func ask(m slackevent.Message, why reason, k knowledge, p Policy, now time.Time) decision {
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

	return decision{
		action: actionAsk,
		reason: why,
		thread: thread,
		pauses: moreMayFollow(m, p.Self),
		question: storage.Question{
			ID:              m.ID,
			Thread:          id,
			Asker:           m.Asker(),
			ByBot:           m.FromBot(),
			Agent:           thread.Agent,
			Origin:          origins[why],
			Text:            m.Content,
			HasFiles:        len(m.UnreadFiles) > 0,
			UnreadFiles:     m.UnreadFiles,
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
