package interact

import (
	"context"
	"fmt"
	"time"

	"enjobridge/blocks"
	"enjobridge/bot/slackevent"
)

// openHome shows a person the home tab, as it is now.
func (d *Interact) openHome(_ context.Context, i slackevent.Interaction) (func(), error) {
	return d.task("showing the home tab", func(ctx context.Context) error { return d.publishHome(ctx, i.User) }), nil
}

// switchNews turns news of a person's tickets on or off.
func (d *Interact) switchNews(ctx context.Context, i slackevent.Interaction) (func(), error) {
	chosen, err := d.store.Preferences(ctx, i.User)
	if err != nil {
		return nil, err
	}
	chosen.TicketNews = i.Value == blocks.NewsOn
	if err := d.store.SetPreferences(ctx, chosen); err != nil {
		return nil, err
	}
	return d.openHome(ctx, i)
}

// publishHome shows the home tab to a person, as it is now.
func (d *Interact) publishHome(ctx context.Context, user string) error {
	done, err := d.locks.Lock(ctx, "home/"+user)
	if err != nil {
		return err
	}
	defer done()
	view, err := d.home(ctx, user)
	if err != nil {
		return fmt.Errorf("composing a home tab: %w", err)
	}
	return d.publish(ctx, user, view)
}

// publish shows a home tab.
// https://docs.slack.dev/reference/methods/views.publish
func (d *Interact) publish(ctx context.Context, user string, view blocks.HomeView) error {
	if err := d.slack.PublishView(ctx, user, blocks.Home(view)); err != nil {
		return fmt.Errorf("publishing a home tab: %w", err)
	}
	return nil
}

// home returns what a person's home tab tells.
func (d *Interact) home(ctx context.Context, user string) (blocks.HomeView, error) {
	lines, err := d.ticketLines(ctx, user)
	if err != nil {
		return blocks.HomeView{}, err
	}
	chosen, err := d.store.Preferences(ctx, user)
	if err != nil {
		return blocks.HomeView{}, err
	}
	now := d.questions.Stats(user)
	view := blocks.HomeView{Outage: outageText(now), Lines: statsLines(now, time.Now()), Tickets: lines, TicketNews: chosen.TicketNews}
	for n, agent := range d.agents.List {
		view.Agents = append(view.Agents, blocks.HomeAgent{Name: agent.Name, Default: n == 0})
	}
	return view, nil
}
