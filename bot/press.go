package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/rs/zerolog"
	"github.com/slack-go/slack"

	"enjobridge/blocks"
	"enjobridge/bot/backoff"
	"enjobridge/bot/dispatch"
	"enjobridge/bot/intake"
	"enjobridge/bot/keylock"
	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// desk acts on what people do with the bot's buttons, modals, slash command and
// home tab. Slack never sends an interaction again, so what has to survive is
// stored before it is acknowledged; all else happens afterwards, on an errand.
type desk struct {
	cfg       Config
	self      slackevent.Identity
	policy    intake.Policy
	slack     *slackapi.Client
	store     storage.Store
	backOff   backoff.Func
	errands   *errands
	locks     keylock.Locks
	metrics   interactMetrics
	log       zerolog.Logger
	questions *dispatch.Dispatcher
}

// act stores what an interaction asks for, and returns what is to be done once
// it is acknowledged, which must not wait. A [sorry] is said to the person; after
// any other error the interaction is not acknowledged, which Slack shows.
type act func(ctx context.Context, i slackevent.Interaction) (afterwards func(), err error)

// acts says what each control does.
func (d *desk) acts(i slackevent.Interaction) (do act, known bool) {
	switch i.Kind {
	case slackevent.BlockAction:
		do, known = map[string]act{
			blocks.ActionFeedback:       d.rate,
			blocks.ActionSources:        d.showSources,
			blocks.ActionCreateTicket:   d.createTicket,
			blocks.ActionRetry:          d.retry,
			blocks.ActionAnswerNow:      d.retry,
			blocks.ActionCheckStatus:    d.checkStatus,
			blocks.ActionSolved:         d.solved,
			blocks.ActionReopen:         d.reopen,
			blocks.ActionComment:        d.openComment,
			blocks.ActionEscalate:       d.escalate,
			blocks.ActionEscalationDone: d.escalationDone,
			blocks.ActionTicketNews:     d.switchNews,
		}[i.Name]
	case slackevent.ViewSubmission:
		do, known = map[string]act{
			blocks.CallbackFeedback: d.explainRating,
			blocks.CallbackComment:  d.comment,
		}[i.Name]
	case slackevent.SlashCommand:
		return d.command, true
	case slackevent.AppHomeOpened:
		return d.openHome, true
	}
	return do, known
}

// sorry is an error that is said to the person who did something, to them alone.
type sorry string

// Error returns what is said.
func (s sorry) Error() string { return string(s) }

const (
	sorryUnknown sorry = blocks.SayUnknownButton
	sorryOld     sorry = blocks.SayTooOld
	sorryUsed    sorry = blocks.SayUsed
)

// keep makes what an interaction asks for last, and returns what is to be done
// once it is acknowledged.
func (d *desk) keep(ctx context.Context, event slackevent.Event) (func(), error) {
	i, ok := event.(slackevent.Interaction)
	if !ok {
		return func() {}, nil
	}
	afterwards, err := d.decide(ctx, i)
	said, isSorry := errors.AsType[sorry](err)
	d.log.Info().Str("control", string(i.Kind)).Str("name", logged(i)).Str("user", i.User).
		Str("refused", string(said)).Msg("interaction decided")
	outcome := "done"
	switch {
	case isSorry:
		outcome = "refused"
	case err != nil:
		outcome = "failed"
	}
	d.metrics.interactions.WithLabelValues(string(i.Kind), outcome).Inc()
	if isSorry {
		return d.errand("telling why nothing happens", func(ctx context.Context) error { return d.refuse(ctx, i, string(said)) }), nil
	}
	if err != nil {
		return nil, fmt.Errorf("acting on the %s %s: %w", i.Kind, logged(i), err)
	}
	return afterwards, nil
}

// logged is the name of a control as it may stand in the log: what follows a
// slash command is in the person's own words.
func logged(i slackevent.Interaction) string {
	if i.Kind == slackevent.SlashCommand {
		return ""
	}
	return slackevent.Truncate(i.Name, 100)
}

// refuse tells a person why nothing happens. Opening the home tab is no reason
// to write to anyone: that says it itself.
func (d *desk) refuse(ctx context.Context, i slackevent.Interaction, why string) error {
	if i.Kind == slackevent.AppHomeOpened {
		return d.publish(ctx, i.User, blocks.HomeView{Outage: why})
	}
	return d.whisper(ctx, i, blocks.Say(why))
}

// decide refuses whoever is not served, and else does what the control is for.
func (d *desk) decide(ctx context.Context, i slackevent.Interaction) (func(), error) {
	// Where the person is from is always told, so the channel is taken for a
	// shared one, in which whoever is not known to be of this organisation is a
	// stranger.
	m := slackevent.Message{ID: storage.MessageID{Channel: i.Channel}, User: i.User, Home: i.Home, Shared: i.Kind != slackevent.AppHomeOpened}
	if i.Channel == "" {
		m.ChannelType = "im" // a modal or the home tab: no channel to be forbidden
	}
	if refused := d.policy.Admit(m); refused != "" {
		return nil, sorry(refused)
	}
	do, known := d.acts(i)
	if !known {
		return nil, sorryUnknown
	}
	return do(ctx, i)
}

// question returns the question that a button's value names.
func (d *desk) question(ctx context.Context, i slackevent.Interaction, value string) (storage.Question, error) {
	id, ok := storage.ParseMessageID(value)
	if !ok || (i.Channel != "" && id.Channel != i.Channel) {
		return storage.Question{}, sorryUnknown
	}
	q, err := d.store.Question(ctx, id)
	if errors.Is(err, storage.ErrNotFound) {
		return storage.Question{}, sorryOld
	}
	return q, err
}

// ask accepts the question that a button makes in a thread, which is as given if
// it is not known any more.
func (d *desk) ask(ctx context.Context, i slackevent.Interaction, button string, q storage.Question) (afterwards func(), err error) {
	now := time.Now()
	thread, err := d.store.Thread(ctx, q.Thread)
	if errors.Is(err, storage.ErrNotFound) {
		thread = storage.Thread{ID: q.Thread, Agent: d.policy.AgentOf(i.Channel), Joined: joins(q)}
	} else if err != nil {
		return nil, err
	}
	thread.LastActive = now
	q.ID = storage.ButtonID(i.Message(d.self.TeamID), button)
	q.Asker, q.Agent, q.Origin, q.AcceptedAt = i.User, thread.Agent, storage.Button, now
	if err := d.withinBounds(ctx, q, now); err != nil {
		return nil, err
	}
	fresh, err := d.store.Accept(ctx, q, thread)
	if err != nil {
		return nil, err
	}
	if !fresh {
		return nil, sorryUsed
	}
	d.log.Info().Str("question", q.ID.String()).Str("ref", storage.Reference(q.ID)).Str("button", button).Msg("button asks the agent")
	return func() { d.questions.Add(q) }, nil
}

// withinBounds returns a [sorry] if the button was used before, or if a message
// like it would be refused: for want of room in line, or for its channel's day.
func (d *desk) withinBounds(ctx context.Context, q storage.Question, now time.Time) error {
	_, err := d.store.Question(ctx, q.ID)
	if err == nil {
		return sorryUsed
	} else if !errors.Is(err, storage.ErrNotFound) {
		return err
	}
	_, mine, all := d.questions.Depth(q.Thread, q.Asker)
	if refused := d.policy.Room(mine, all); refused != "" {
		return sorry(refused)
	}
	refused, err := d.policy.DailyLimit(ctx, d.store, q.ID, now)
	if refused != "" {
		return sorry(refused)
	}
	return err
}

// joins reports whether a question asks again what was said within a thread of people.
func joins(q storage.Question) bool {
	return q.Thread.Root != "" && len(q.Again) > 0 && storage.MessageTS(q.Again[0].TS) != q.Thread.Root
}

// errand returns a function that goes on an errand, and does not wait.
func (d *desk) errand(what string, do func(context.Context) error) func() {
	return func() { d.errands.run(what, do) }
}

// errandFor returns a function that goes on an errand for a person, and does not
// wait. If nothing comes of it, the person is told.
func (d *desk) errandFor(i slackevent.Interaction, what string, do func(context.Context) error) func() {
	return d.errand(what, func(ctx context.Context) error {
		err := do(ctx)
		if err == nil {
			return nil
		}
		return errors.Join(err, d.whisper(ctx, i, blocks.Say(blocks.SayDidNotWork)))
	})
}

// openModal opens a modal, which Slack allows for three seconds after a press.
// https://docs.slack.dev/reference/methods/views.open
func (d *desk) openModal(i slackevent.Interaction, view slack.ModalViewRequest) func() {
	return d.errandFor(i, "opening a modal", func(ctx context.Context) error {
		if err := d.slack.OpenView(ctx, i.Trigger, view); err != nil {
			return fmt.Errorf("opening the modal %s: %w", view.CallbackID, err)
		}
		return nil
	})
}

// whisper says something to the person alone: where they pressed, in answer to
// their command, or in their direct messages if they did neither.
func (d *desk) whisper(ctx context.Context, i slackevent.Interaction, m blocks.Message) error {
	switch {
	case i.ResponseURL != "":
		return d.slack.Respond(ctx, i.ResponseURL, m)
	case i.Channel != "":
		return d.slack.PostEphemeral(ctx, i.Channel, i.ThreadTS, i.User, m)
	}
	return d.slack.DirectMessage(ctx, i.User, m)
}

// createTicket asks the agent for a ticket, in the conversation of the answer.
func (d *desk) createTicket(ctx context.Context, i slackevent.Interaction) (func(), error) {
	q, err := d.question(ctx, i, i.Value)
	if err != nil {
		return nil, err
	}
	tickets, err := d.store.Tickets(ctx, q.Thread)
	if err != nil {
		return nil, err
	}
	if len(tickets) > 0 {
		return nil, sorry(blocks.TicketExists(tickets[len(tickets)-1].Told.ID))
	}
	// Other answers of the thread have the button, too.
	unfinished, err := d.store.UnfinishedIn(ctx, q.Thread)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(unfinished, func(q storage.Question) bool { return q.MakesTicket && q.State != storage.Answered }) {
		return nil, sorry(blocks.SayAskingForTicket)
	}
	return d.ask(ctx, i, "ticket", storage.Question{Thread: q.Thread, Text: d.cfg.TicketPrompt, MakesTicket: true})
}
