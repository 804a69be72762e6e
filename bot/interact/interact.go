// Package interact acts on what people do with buttons, modals, the slash command (or a
// mention with one of its words), App Home and the tab of direct messages. It does not
// know how interactions arrive, or how a question is asked.
//
// Who may use a control: everyone whom the policy admits in the channel of the control.
// A support team works on its users' threads together, so a button is not reserved for
// the asker: colleagues rate an answer, try a failed question again, create a ticket or
// call a person. A question that a button asks counts for the person who pressed it.
// Messages that only their reader sees, such as the offer to ask an edited question
// again, have buttons for that reader alone. The policy is asked at each press, and again
// when a modal is submitted, for the channel that the modal acts in. App Home and /enjo
// show people their own tickets only. The answer to a question after /enjo belongs to its
// asker until it is shared.
package interact

import (
	"context"
	"errors"
	"fmt"

	"github.com/rs/zerolog"

	"enjobridge/blocks"
	"enjobridge/bot/agents"
	"enjobridge/bot/backoff"
	"enjobridge/bot/deliver"
	"enjobridge/bot/dispatch"
	"enjobridge/bot/intake"
	"enjobridge/bot/keylock"
	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/bot/supervise"
	"enjobridge/bot/telemetry"
	"enjobridge/storage"
)

// Role is a part of the work of a [Handler].
type Role int

// The roles. If replicas share the store, each of them is an Acceptor, and the one with the
// lease is a Worker, too. Presses whose effect must not be lost go from the one to the other
// through the store.
const (
	Both     Role = iota
	Acceptor      // handles interactions, and only stores such presses
	Worker        // completes the presses that are stored: see [Handler.CompletePress]
)

// Questions is where accepted questions wait to be asked. No method waits.
type Questions interface {
	// Add takes a question; adding it again changes nothing.
	Add(storage.Question)
	// Depth returns how many questions of a thread are unfinished, and how many wait
	// of an asker and in all.
	Depth(thread storage.ThreadID, asker string) (inThread, ofAsker, total int)
	// Stats returns the current state for a person.
	Stats(user string) dispatch.Stats
}

// Config configures a [Handler].
type Config struct {
	Store  storage.Store
	Slack  *slackapi.Client
	Self   slackevent.Identity
	Policy intake.Policy
	// DailyLimit is shared with the intake.
	DailyLimit *intake.DailyLimit
	Agents     agents.Agents
	// Role says which part of the work is this handler's.
	Role Role
	// Questions is nil if replicas share the store: then that counts what waits, and
	// announces what is accepted.
	Questions Questions
	// Working returns the state of the queue and the agents for a person if this replica
	// works now; nil if Questions knows it.
	Working func(user string) (stats dispatch.Stats, working bool)
	// Deliver is nil in an [Acceptor].
	Deliver *deliver.Deliverer
	// Published is called when the store knows the thread of a shared answer.
	Published func(context.Context, storage.ThreadID)
	// Record stores that a question was accepted, later. It must not block; nil to store
	// nothing.
	Record func(storage.Copy)
	// EscalateTo are the IDs of the users and user groups that "Talk to a person" calls.
	EscalateTo []string
	// EscalateChannel is the ID of the channel in which it calls them from direct messages;
	// if it is empty, each user gets a direct message.
	EscalateChannel string
	// TicketPrompt is what "Create ticket" asks, and TicketStatusPrompt what "Check
	// status" asks; {id} is the ticket's ID.
	TicketPrompt, TicketStatusPrompt string
	// SuggestedPrompts are suggested in direct messages; empty for DefaultPrompts.
	SuggestedPrompts []string
	BackOff          backoff.Func
	Panics           *supervise.Supervisor
	Metrics          *telemetry.Registry
	Log              zerolog.Logger
}

// Handler acts on interactions. Slack sends each of them once, so everything that
// must not be lost is stored before the ack; the rest is a task that begins after the ack.
type Handler struct {
	Config
	actions  map[control]action
	tasks    *tasks
	prompted prompted
	locks    keylock.Locks
	metrics  metrics
}

// New returns a handler whose tasks are cancelled with background.
func New(background context.Context, cfg Config) *Handler {
	m := newMetrics(cfg.Metrics)
	h := &Handler{Config: cfg, tasks: newTasks(background, m.dropped.WithLabelValues(), cfg.Panics, cfg.Log), metrics: m}
	h.actions = map[control]action{
		{slackevent.BlockAction, blocks.ActionFeedback}:       h.rate,
		{slackevent.BlockAction, blocks.ActionSources}:        about(h.question, h.showSources),
		{slackevent.BlockAction, blocks.ActionCreateTicket}:   about(h.question, h.createTicket),
		{slackevent.BlockAction, blocks.ActionShare}:          h.share,
		{slackevent.BlockAction, blocks.ActionRetry}:          h.retry,
		{slackevent.BlockAction, blocks.ActionAnswerNow}:      h.retry,
		{slackevent.BlockAction, blocks.ActionCheckStatus}:    about(h.ticket, h.checkStatus),
		{slackevent.BlockAction, blocks.ActionSolved}:         about(h.ticket, h.solved),
		{slackevent.BlockAction, blocks.ActionReopen}:         about(h.ticket, h.reopen),
		{slackevent.BlockAction, blocks.ActionComment}:        about(h.ticket, h.openComment),
		{slackevent.BlockAction, blocks.ActionEscalate}:       about(h.question, h.escalate),
		{slackevent.BlockAction, blocks.ActionEscalationDone}: about(h.question, h.escalationDone),
		{slackevent.BlockAction, blocks.ActionTicketNews}:     h.switchTicketUpdates,
		{slackevent.ViewSubmission, blocks.CallbackFeedback}:  about(h.question, h.explainFeedback),
		{slackevent.ViewSubmission, blocks.CallbackComment}:   h.comment,
		{kind: slackevent.SlashCommand}:                       h.command,
		{kind: slackevent.AppHomeOpened}:                      h.openHome,

		{slackevent.BlockAction, blocks.ActionEscalationDoneElsewhere}: h.doneElsewhere,
	}
	return h
}

// Close starts no more tasks, and waits for those that run.
func (h *Handler) Close() { h.tasks.close() }

// control identifies a control: a button by its action_id, a modal by its callback_id.
type control struct {
	kind slackevent.InteractionKind
	name string
}

// action stores what an interaction asks for, and returns the function that does the
// rest after the ack, which must not wait. A [refusal] is shown to the person; after
// any other error the interaction is not acknowledged, and Slack shows an error.
type action func(ctx context.Context, i slackevent.Interaction) (afterwards func(), err error)

// about returns the action that finds what a control is about, and acts on it.
func about[T any](
	find func(context.Context, slackevent.Interaction) (T, error),
	do func(context.Context, slackevent.Interaction, T) (func(), error),
) action {
	return func(ctx context.Context, i slackevent.Interaction) (func(), error) {
		subject, err := find(ctx, i)
		if err != nil {
			return nil, err
		}
		return do(ctx, i, subject)
	}
}

// refusal is an error that is shown to the person who caused it.
type refusal string

// Error returns what is shown.
func (r refusal) Error() string { return string(r) }

var (
	refusedUnknown = refusal(blocks.SayUnknownButton.Text())
	refusedOld     = refusal(blocks.SayTooOld.Text())
	refusedUsed    = refusal(blocks.SayUsed.Text())
)

// Handle stores what an interaction asks for, and returns the function that does the
// rest after the ack.
func (h *Handler) Handle(ctx context.Context, event slackevent.Event) (func(), error) {
	i, ok := event.(slackevent.Interaction)
	if !ok {
		return func() {}, nil
	}
	if i.Kind == slackevent.MessagesOpened {
		return h.suggest(i), nil // it is refused silently
	}
	afterwards, err := h.act(ctx, i, control{i.Kind, i.Name})
	name := slackevent.Truncate(i.Name, 100)
	refused, isRefusal := errors.AsType[refusal](err)
	h.Log.Info().Str("control", string(i.Kind)).Str("name", name).Str("user", i.User).Str("refused", string(refused)).Msg("interact: interaction handled")
	outcome := outcomeDone
	switch {
	case isRefusal:
		outcome = outcomeRefused
		afterwards, err = h.refusing(i, refused), nil
	case err != nil:
		outcome = outcomeFailed
		err = fmt.Errorf("acting on the %s %s: %w", i.Kind, name, err)
	}
	h.metrics.interactions.WithLabelValues(string(i.Kind), outcome).Inc()
	return afterwards, err
}

// act does what a control is for, if the policy admits the person in the channel.
func (h *Handler) act(ctx context.Context, i slackevent.Interaction, c control) (func(), error) {
	if c == (control{slackevent.BlockAction, blocks.ActionOpenTicket}) {
		return func() {}, nil // Slack has opened the link
	}
	do, known := h.actions[c]
	if !known {
		return nil, refusedUnknown
	}
	if i.Kind == slackevent.ViewSubmission {
		// The modal was opened earlier: the person may have lost access since.
		if i.Channel = modalChannel(i); !i.Valid() {
			i.Channel = ""
		}
	}
	m := slackevent.Message{ID: storage.MessageID{Channel: i.Channel}, User: i.User, Membership: i.Membership}
	if inHome(c) || i.Channel != "" && i.Channel == h.EscalateChannel && c.name == blocks.ActionEscalationDoneElsewhere {
		m.ChannelType = "im" // no channel could be forbidden: there is none, or the operator chose it
	}
	if refused := h.Policy.Admit(m); refused != "" {
		return nil, refusal(refused)
	}
	return do(ctx, i)
}

// inHome reports whether a control is in App Home, and so in no channel.
func inHome(c control) bool {
	return c.kind == slackevent.AppHomeOpened || c == control{slackevent.BlockAction, blocks.ActionTicketNews}
}

// modalChannel returns the channel in which a modal acts; empty if its metadata is invalid.
func modalChannel(i slackevent.Interaction) string {
	if i.Name == blocks.CallbackComment {
		place, _ := parsePlace(i.Value)
		return place.Channel
	}
	id, _ := storage.ParseMessageID(i.Value)
	return id.Channel
}

// refuse shows a person why nothing happens. Who opens App Home sees it there,
// because that is no reason for a direct message.
func (h *Handler) refuse(ctx context.Context, i slackevent.Interaction, why refusal) error {
	if i.Kind == slackevent.AppHomeOpened {
		return h.publish(ctx, i.User, blocks.HomeView{Outage: string(why)})
	}
	return h.reply(ctx, i, blocks.Say(string(why)))
}

// question returns the question that a control's value names, in the channel of the
// control: a channel can get another ID, and a value must not lead to another channel.
func (h *Handler) question(ctx context.Context, i slackevent.Interaction) (storage.Question, error) {
	value, _, _ := deliver.CutExchange(i.Value)
	id, ok := storage.ParseMessageID(value)
	if !ok || i.Channel == "" {
		return storage.Question{}, refusedUnknown
	}
	here := id
	here.Channel = i.Channel
	q, err := h.Store.Question(ctx, here)
	switch {
	case errors.Is(err, storage.ErrNotFound):
		return h.privateElsewhere(ctx, i, id)
	case err == nil && q.Thread.IsPrivate():
		return h.published(ctx, i, q)
	}
	return q, err
}

// reply shows a message to the person alone: where they pressed, as the response to
// their command, or else in their direct messages.
func (h *Handler) reply(ctx context.Context, i slackevent.Interaction, m blocks.Message) error {
	switch {
	case i.Kind == slackevent.SlashCommand && i.ResponseURL != "":
		return h.Slack.Respond(ctx, i.ResponseURL, m)
	case i.ResponseURL != "" && h.Slack.Respond(ctx, i.ResponseURL, m) == nil: // the bot may not be in the channel
		return nil
	case i.Channel != "":
		return h.Slack.PostPrivately(ctx, i.Channel, i.ThreadTS, i.User, m)
	}
	_, _, err := h.Slack.DirectMessage(ctx, i.User, m)
	return err
}

// openModal returns a function that opens a modal, which Slack allows for three
// seconds after a press. https://docs.slack.dev/reference/methods/views.open
func (h *Handler) openModal(i slackevent.Interaction, view blocks.Modal) func() {
	return func() {
		h.start(h.tasks.modals, i, "opening a modal", func(ctx context.Context) error {
			err := h.Slack.OpenView(ctx, i.Trigger, view)
			if err != nil {
				// A reply can take long, and would keep other modals waiting.
				h.task(i, "telling a person about a failure", func(ctx context.Context) error {
					return h.reply(ctx, i, blocks.Say(blocks.SayDidNotWork.Text()))
				})()
				return fmt.Errorf("opening the modal %s: %w", view.CallbackID, err)
			}
			return nil
		})
	}
}
