package interact

import (
	"context"
	"fmt"

	"enjobridge/blocks"
	"enjobridge/bot/dispatch"
	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// openHome shows App Home to a person.
func (h *Handler) openHome(_ context.Context, i slackevent.Interaction) (func(), error) {
	return h.task(i, "showing App Home", func(ctx context.Context) error {
		return h.publishHome(ctx, i.User)
	}), nil
}

// switchTicketUpdates turns direct messages about a person's tickets on or off.
func (h *Handler) switchTicketUpdates(ctx context.Context, i slackevent.Interaction) (func(), error) {
	err := h.Store.Decide(ctx, storage.Scope{Team: h.Self.TeamID, Channel: i.Channel, Person: i.User}, func(s storage.Store) error {
		preferences, err := s.Preferences(ctx, i.User)
		if err != nil {
			return err
		}
		preferences.TicketNews = i.Value == blocks.NewsOn
		return s.SetPreferences(ctx, preferences)
	})
	if err != nil {
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
	if view.Outage, view.Waiting, err = h.statusText(ctx, user); err != nil {
		return blocks.HomeView{}, err
	}
	for n, agent := range h.Agents.List {
		view.Agents = append(view.Agents, blocks.HomeAgent{Name: agent.Name, Default: n == 0})
	}
	return view, nil
}

// statusText returns the bot's status in sentences: the outage of an agent, empty if
// there is none, and the queue.
func (h *Handler) statusText(ctx context.Context, user string) (outage, waiting string, err error) {
	s, err := h.stats(ctx, user)
	switch {
	case err != nil:
		return "", "", err
	case len(s.Down) == 0:
		return "", blocks.Waiting(s.Waiting, s.Mine, s.Wait), nil
	case len(h.Agents.List) == 1:
		outage = blocks.AgentDown()
	default:
		outage = blocks.AgentDown(s.Down...)
	}
	return outage, blocks.Waiting(s.Waiting, s.Mine, 0), nil // nobody knows how long an outage takes
}

// stats returns the state of the queue and the agents for a person. The store does not know
// how long a question waits, and which agents are down.
func (h *Handler) stats(ctx context.Context, user string) (dispatch.Stats, error) {
	if h.Working != nil {
		if s, ok := h.Working(user); ok {
			return s, nil
		}
	}
	if h.Questions != nil {
		return h.Questions.Stats(user), nil
	}
	waiting, err := h.Store.Waiting(ctx, storage.ThreadID{}, user)
	return dispatch.Stats{Waiting: waiting.All, Mine: waiting.OfAsker}, err
}
