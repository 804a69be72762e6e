// Package interact acts on what people do with buttons, modals, the slash command and
// App Home. It does not know how interactions arrive, or how a question is asked.
package interact

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/blocks"
	"enjobridge/bot/agents"
	"enjobridge/bot/backoff"
	"enjobridge/bot/dispatch"
	"enjobridge/bot/intake"
	"enjobridge/bot/keylock"
	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/bot/telemetry"
	"enjobridge/storage"
)

// Config configures an [Interact].
type Config struct {
	Store     storage.Store
	Slack     *slackapi.Client
	Self      slackevent.Identity
	Policy    intake.Policy
	Agents    agents.Agents
	Questions *dispatch.Dispatcher
	// EscalateTo are the IDs of the users and user groups that "Talk to a person" calls.
	EscalateTo []string
	// TicketPrompt is what "Create ticket" asks, and TicketStatusPrompt what "Check
	// status" asks; {id} is the ticket's ID.
	TicketPrompt, TicketStatusPrompt string
	BackOff                          backoff.Func
	Metrics                          *telemetry.Registry
	Log                              zerolog.Logger
}

// Interact acts on interactions. Slack never sends one again, so what must not be
// lost is stored before its ack; the rest is a task that begins after it.
type Interact struct {
	store                            storage.Store
	slack                            *slackapi.Client
	self                             slackevent.Identity
	policy                           intake.Policy
	agents                           agents.Agents
	questions                        *dispatch.Dispatcher
	escalateTo                       []string
	ticketPrompt, ticketStatusPrompt string
	backOff                          backoff.Func
	tasks                            *tasks
	locks                            keylock.Locks
	metrics                          metrics
	log                              zerolog.Logger
}

// New returns an Interact whose tasks are cut off with background.
func New(background context.Context, cfg Config) *Interact {
	return &Interact{
		store: cfg.Store, slack: cfg.Slack, self: cfg.Self, policy: cfg.Policy, agents: cfg.Agents, questions: cfg.Questions,
		escalateTo: cfg.EscalateTo, ticketPrompt: cfg.TicketPrompt, ticketStatusPrompt: cfg.TicketStatusPrompt,
		backOff: cfg.BackOff, tasks: newTasks(background, cfg.Log), metrics: newMetrics(cfg.Metrics), log: cfg.Log,
	}
}

// Close begins no more tasks, and waits for those that run.
func (d *Interact) Close() { d.tasks.close() }

// action stores what an interaction asks for, and returns what is to be done once
// it is acknowledged, which must not wait. A [refusal] is said to the person; after
// any other error the interaction is not acknowledged, which Slack shows.
type action func(ctx context.Context, i slackevent.Interaction) (afterwards func(), err error)

// action says what each control does.
func (d *Interact) action(i slackevent.Interaction) (do action, known bool) {
	switch i.Kind {
	case slackevent.BlockAction:
		do, known = map[string]action{
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
		do, known = map[string]action{
			blocks.CallbackFeedback: d.explainFeedback,
			blocks.CallbackComment:  d.comment,
		}[i.Name]
	case slackevent.SlashCommand:
		return d.command, true
	case slackevent.AppHomeOpened:
		return d.openHome, true
	}
	return do, known
}

// refusal is an error that is said to the person who did something, to them alone.
type refusal string

// Error returns what is said.
func (s refusal) Error() string { return string(s) }

const (
	refusedUnknown refusal = blocks.SayUnknownButton
	refusedOld     refusal = blocks.SayTooOld
	refusedUsed    refusal = blocks.SayUsed
)

// Handle makes what an interaction asks for last, and returns what is to be done
// once it is acknowledged.
func (d *Interact) Handle(ctx context.Context, event slackevent.Event) (func(), error) {
	i, ok := event.(slackevent.Interaction)
	if !ok {
		return func() {}, nil
	}
	afterwards, err := d.decide(ctx, i)
	said, isSorry := errors.AsType[refusal](err)
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
		return d.task("telling why nothing happens", func(ctx context.Context) error { return d.refuse(ctx, i, string(said)) }), nil
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
func (d *Interact) refuse(ctx context.Context, i slackevent.Interaction, why string) error {
	if i.Kind == slackevent.AppHomeOpened {
		return d.publish(ctx, i.User, blocks.HomeView{Outage: why})
	}
	return d.tell(ctx, i, blocks.Say(why))
}

// decide refuses whoever is not served, and else does what the control is for.
func (d *Interact) decide(ctx context.Context, i slackevent.Interaction) (func(), error) {
	// Where the person is from is always told, so the channel is taken for a
	// shared one, in which whoever is not known to be of this organisation is a
	// stranger.
	m := slackevent.Message{ID: storage.MessageID{Channel: i.Channel}, User: i.User, Home: i.Home, Shared: i.Kind != slackevent.AppHomeOpened}
	if i.Channel == "" {
		m.ChannelType = "im" // a modal or the home tab: no channel to be forbidden
	}
	if refused := d.policy.Admit(m); refused != "" {
		return nil, refusal(refused)
	}
	do, known := d.action(i)
	if !known {
		return nil, refusedUnknown
	}
	return do(ctx, i)
}

// question returns the question that a button's value names.
func (d *Interact) question(ctx context.Context, i slackevent.Interaction, value string) (storage.Question, error) {
	id, ok := storage.ParseMessageID(value)
	if !ok || (i.Channel != "" && id.Channel != i.Channel) {
		return storage.Question{}, refusedUnknown
	}
	q, err := d.store.Question(ctx, id)
	if errors.Is(err, storage.ErrNotFound) {
		return storage.Question{}, refusedOld
	}
	return q, err
}

// ask accepts the question that a button makes in a thread, which is as given if
// it is not known any more.
func (d *Interact) ask(ctx context.Context, i slackevent.Interaction, button string, q storage.Question) (afterwards func(), err error) {
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
		return nil, refusedUsed
	}
	d.log.Info().Str("question", q.ID.String()).Str("ref", storage.Reference(q.ID)).Str("button", button).Msg("button asks the agent")
	return func() { d.questions.Add(q) }, nil
}

// withinBounds returns a [refusal] if the button was used before, or if a message
// like it would be refused: for want of room in line, or for its channel's day.
func (d *Interact) withinBounds(ctx context.Context, q storage.Question, now time.Time) error {
	_, err := d.store.Question(ctx, q.ID)
	if err == nil {
		return refusedUsed
	} else if !errors.Is(err, storage.ErrNotFound) {
		return err
	}
	_, mine, all := d.questions.Depth(q.Thread, q.Asker)
	if refused := d.policy.Room(mine, all); refused != "" {
		return refusal(refused)
	}
	refused, err := d.policy.DailyLimit(ctx, d.store, q.ID, now)
	if refused != "" {
		return refusal(refused)
	}
	return err
}

// joins reports whether a question asks again what was said within a thread of people.
func joins(q storage.Question) bool {
	return q.Thread.Root != "" && len(q.Again) > 0 && storage.MessageTS(q.Again[0].TS) != q.Thread.Root
}

// task returns a function that goes on an errand, and does not wait.
func (d *Interact) task(what string, do func(context.Context) error) func() {
	return func() { d.tasks.start(what, do) }
}

// taskFor returns a function that goes on an errand for a person, and does not
// wait. If nothing comes of it, the person is told.
func (d *Interact) taskFor(i slackevent.Interaction, what string, do func(context.Context) error) func() {
	return d.task(what, func(ctx context.Context) error {
		err := do(ctx)
		if err == nil {
			return nil
		}
		return errors.Join(err, d.tell(ctx, i, blocks.Say(blocks.SayDidNotWork)))
	})
}

// openModal opens a modal, which Slack allows for three seconds after a press.
// https://docs.slack.dev/reference/methods/views.open
func (d *Interact) openModal(i slackevent.Interaction, view blocks.Modal) func() {
	return d.taskFor(i, "opening a modal", func(ctx context.Context) error {
		if err := d.slack.OpenView(ctx, i.Trigger, view); err != nil {
			return fmt.Errorf("opening the modal %s: %w", view.CallbackID, err)
		}
		return nil
	})
}

// tell says something to the person alone: where they pressed, in answer to
// their command, or in their direct messages if they did neither.
func (d *Interact) tell(ctx context.Context, i slackevent.Interaction, m blocks.Message) error {
	switch {
	case i.ResponseURL != "":
		return d.slack.Respond(ctx, i.ResponseURL, m)
	case i.Channel != "":
		return d.slack.PostEphemeral(ctx, i.Channel, i.ThreadTS, i.User, m)
	}
	return d.slack.DirectMessage(ctx, i.User, m)
}

// createTicket asks the agent for a ticket, in the conversation of the answer.
func (d *Interact) createTicket(ctx context.Context, i slackevent.Interaction) (func(), error) {
	q, err := d.question(ctx, i, i.Value)
	if err != nil {
		return nil, err
	}
	tickets, err := d.store.Tickets(ctx, q.Thread)
	if err != nil {
		return nil, err
	}
	if len(tickets) > 0 {
		return nil, refusal(blocks.TicketExists(tickets[len(tickets)-1].Latest.ID))
	}
	// Other answers of the thread have the button, too.
	unfinished, err := d.store.UnfinishedIn(ctx, q.Thread)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(unfinished, func(q storage.Question) bool { return q.MakesTicket && q.State != storage.Answered }) {
		return nil, refusal(blocks.SayAskingForTicket)
	}
	return d.ask(ctx, i, "ticket", storage.Question{Thread: q.Thread, Text: d.ticketPrompt, MakesTicket: true})
}
