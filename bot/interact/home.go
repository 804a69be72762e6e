package interact

import (
	"context"
	"fmt"
	"strings"
	"time"

	"enjobridge/blocks"
	"enjobridge/bot/queue"
	"enjobridge/bot/slackevent"
)

// openHome shows App Home to a person.
func (h *Handler) openHome(_ context.Context, i slackevent.Interaction) (func(), error) {
	return h.task(i, "showing App Home", func(ctx context.Context) error {
		return h.publishHome(ctx, i.User)
	}), nil
}

// switchTicketUpdates turns direct messages about a person's tickets on or off.
func (h *Handler) switchTicketUpdates(ctx context.Context, i slackevent.Interaction) (func(), error) {
	preferences, err := h.Store.Preferences(ctx, i.User)
	if err != nil {
		return nil, err
	}
	preferences.TicketNews = i.Value == blocks.NewsOn
	if err := h.Store.SetPreferences(ctx, preferences); err != nil {
		return nil, err
	}
	return h.openHome(ctx, i)
}

// publishHome composes App Home and shows it. One at a time of a person, so that the
// one that is shown last is the latest.
func (h *Handler) publishHome(ctx context.Context, user string) error {
	unlock, err := h.locks.Lock(ctx, "home/"+user)
	if err != nil {
		return err
	}
	defer unlock()
	view, err := h.home(ctx, user)
	if err != nil {
		return fmt.Errorf("composing App Home: %w", err)
	}
	return h.publish(ctx, user, view)
}

// publish shows App Home, without retries.
// https://docs.slack.dev/reference/methods/views.publish
func (h *Handler) publish(ctx context.Context, user string, view blocks.HomeView) error {
	if err := h.Slack.PublishView(ctx, user, blocks.Home(view)); err != nil {
		return fmt.Errorf("publishing App Home: %w", err)
	}
	return nil
}

// home returns the content of a person's App Home.
func (h *Handler) home(ctx context.Context, user string) (blocks.HomeView, error) {
	tickets, err := h.ticketLines(ctx, user)
	if err != nil {
		return blocks.HomeView{}, err
	}
	preferences, err := h.Store.Preferences(ctx, user)
	if err != nil {
		return blocks.HomeView{}, err
	}
	view := blocks.HomeView{Tickets: tickets, TicketNews: preferences.TicketNews}
	view.Outage, view.Lines = h.statusText(user)
	for n, agent := range h.Agents.List {
		view.Agents = append(view.Agents, blocks.HomeAgent{Name: agent.Name, Default: n == 0})
	}
	return view, nil
}

// statusText returns the bot's status in sentences: the outage of an agent, empty if
// there is none, and the queue, the limits and the latest failure.
func (h *Handler) statusText(user string) (outage string, lines []string) {
	s := h.Questions.Stats(user)
	switch {
	case len(s.Down) > 0 && len(h.Agents.List) == 1:
		outage = blocks.AgentDown()
	case len(s.Down) > 0:
		outage = blocks.AgentDown(s.Down...)
	}
	lines = []string{blocks.InLine(s.Waiting, s.Mine), limitText(s.Limits)}
	if s.Failed != "" {
		lines = append(lines, blocks.LastFailure(blocks.Ago(time.Since(s.FailedAt)), s.Failed))
	}
	return outage, lines
}

// limitText returns how much of the agent's limits is used.
func limitText(limits []queue.LimitUse) string {
	uses := make([]string, len(limits))
	for n, u := range limits {
		uses[n] = blocks.CallsIn(u.Made, u.Limit.Calls, short(u.Limit.Per))
	}
	return blocks.CallsMade(uses)
}

// short formats a duration without zeros at its end: 1m, not 1m0s.
func short(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
