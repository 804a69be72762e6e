package intake

import (
	"context"

	"github.com/rs/zerolog"

	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// The events of a [storage.Copy] that this package names.
const (
	// EventHistory means that the message was found in history.
	EventHistory = "history"
	// EventTimeout means that the message had waited for its twin, which did not come.
	EventTimeout = "timeout"
	// EventIdentified means that the message had waited for its twin, and a later message
	// said where their sender belongs.
	EventIdentified = "identified"
	// EventDeleted is Slack's event that a message was deleted.
	EventDeleted = "message_deleted"
)

// The decisions of a [storage.Copy] that others know.
const (
	DecisionAsk    = string(actionAsk)    // it became a question
	DecisionIgnore = string(actionIgnore) // nothing was done
)

// ReasonDecided is the reason of a [storage.Copy] about which an earlier one has decided.
const ReasonDecided = string(reasonDecided)

// note logs a decision on a message, and records it if the message is for the bot.
func (i *Intake) note(ctx context.Context, m slackevent.Message, s stored) {
	c := storage.Copy{
		Message: m.ID, At: i.slack.Now(), Event: m.Event, Retry: m.Retry, Decision: string(s.action), Reason: string(s.reason),
	}
	if c.Event == "" {
		c.Event = EventHistory
	}
	isFor := s.isFor(m, i.policy.Self)
	// History brings the same messages again and again, and nothing remembers another bot's.
	isNew := s.fresh && s.reason != reasonDecided && (c.Event != EventHistory || s.reason != reasonOtherBot)
	line := zerolog.Ctx(ctx).WithLevel(level(isFor && isNew)).Str("question", m.ID.String()).Str("ref", storage.Reference(m.ID)).Str("event", c.Event)
	if s.hint != "" {
		line = line.Str("bot", m.BotID).Str("hint", s.hint)
	}
	line.Str("decision", c.Decision).Str("reason", c.Reason).Bool("again", !s.fresh).Msg("intake: message decided")
	if isFor && (isNew || c.Event != EventHistory) {
		i.record(c)
	}
}

// noteChange logs and records what was decided about an edit or a deletion of a question;
// nothing if the message is none.
func (i *Intake) noteChange(ctx context.Context, id storage.MessageID, event string, retry int, d decision) {
	if d.action == "" {
		return
	}
	zerolog.Ctx(ctx).WithLevel(level(d.action != actionIgnore)).Str("question", id.String()).Str("ref", storage.Reference(id)).Str("event", event).
		Str("decision", string(d.action)).Str("reason", string(d.reason)).Msg("intake: change of a message decided")
	i.record(storage.Copy{
		Message: id, At: i.slack.Now(), Event: event, Retry: retry, Decision: string(d.action), Reason: string(d.reason),
	})
}

// level is the level at which a decision is logged: messages that are not for the bot, and
// those that were decided before, would fill the log.
func level(matters bool) zerolog.Level {
	if matters {
		return zerolog.InfoLevel
	}
	return zerolog.DebugLevel
}

// isFor reports whether the decision is on a message that is for the bot. Nothing is stored
// about others.
func (d decision) isFor(m slackevent.Message, self slackevent.Identity) bool {
	switch d.reason {
	case reasonMalformed, reasonSubtype, reasonOwn, reasonNotAddressed, reasonToAnother, reasonHasNotAsked:
		return false
	case reasonOtherBot:
		return slackevent.Mentions(m.Text, self.UserID)
	}
	return true
}
