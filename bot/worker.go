package bot

import (
	"context"
	"sync"

	"enjobridge/bot/backfill"
	"enjobridge/bot/deliver"
	"enjobridge/bot/dispatch"
	"enjobridge/bot/interact"
	"enjobridge/bot/queue"
	"enjobridge/bot/report"
	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/bot/ticket"
	"enjobridge/bot/workspace"
	"enjobridge/storage"
)

// worker asks the agent and posts. There is one at a time for a store.
type worker struct {
	*base
	bot        *Bot
	store      storage.Store
	status     *deliver.Status
	deliverer  *deliver.Deliverer
	dispatcher *dispatch.Dispatcher
	presses    *interact.Handler
	history    *backfill.Backfill
	missed     backfill.Signal
	space      *workspace.Worker
	reconciler *ticket.Reconciler
	updated    <-chan struct{} // holds a token after a ticket was updated
	weekly     *report.Reporter
}

// workerConfig configures a worker: what depends on whether replicas share the store.
type workerConfig struct {
	store storage.Store
	slack *slackapi.Client
	// guard must agree right before the agent is called; nil if it always may be.
	guard func() error
	// reopened holds a token when history is to be read.
	reopened <-chan struct{}
	// updated holds a token after a ticket was updated; nil for that of the webhook.
	updated <-chan struct{}
	// shared says that other replicas use the store.
	shared bool
}

// newWorker connects the parts of a worker, whose work ends with hard. A question goes from
// the dispatcher to the deliverer.
func (b *Bot) newWorker(hard context.Context, c *base, cfg workerConfig, limiter *queue.Limiter) *worker {
	w := &worker{base: c, bot: b, store: cfg.store, missed: backfill.NewSignal(), updated: cfg.updated, weekly: c.report}
	if cfg.updated == nil {
		w.updated = b.webhook.Updated()
	}
	if cfg.shared {
		w.weekly = b.newReport(cfg.slack, cfg.store, c.self)
	}
	w.status = deliver.NewStatus(cfg.slack, b.cfg.SlackSpeed, b.cfg.AgentView, c.panics, b.log)
	cards := ticket.NewCards(cfg.store, cfg.slack, c.backOff, b.metrics)
	w.deliverer = deliver.New(deliver.Config{
		Slack: cfg.slack, Store: cfg.store, Status: w.status, Cards: cards, BackOff: c.backOff, Panics: c.panics, Metrics: b.metrics,
		Agents: c.agents.Names(), AgentName: c.agents.DisplayName, OfferTicket: !b.cfg.NoTicketButton, OffersPerson: b.cfg.offersPerson,
	})
	w.dispatcher = dispatch.New(hard, dispatch.Config{
		Store: cfg.store, Agent: b.agent, Agents: c.agents, Slack: cfg.slack, Limiter: limiter, Deliver: w.deliverer, Status: w.status,
		Self: c.self, AllowExternal: b.cfg.AllowExternal, ShareEmail: b.cfg.ShareEmail, ProbeEvery: b.cfg.ProbeEvery, BackOff: c.backOff,
		Guard: cfg.guard, Recovered: b.health.Recovered, Panics: c.panics, Metrics: b.metrics, Health: b.health, Log: b.log,
	})
	w.history = backfill.New(backfill.Config{
		Slack: cfg.slack, Store: cfg.store, Self: c.self, Identify: c.identify, Every: b.cfg.SweepEvery, Speed: b.cfg.SlackSpeed, Random: b.cfg.Random,
		Reopened: cfg.reopened, Missed: w.missed, Panics: c.panics, Log: b.log,
	}, func(ctx context.Context, m slackevent.Message) (func(context.Context) error, error) {
		return c.intake.Accept(ctx, m)
	})
	w.space = workspace.NewWorker(hard, workspace.WorkerConfig{
		Slack: cfg.slack, Policy: c.policy, History: w.history, Questions: w.dispatcher, AgentName: c.agents.DisplayName, Check: cfg.shared,
		Panics: c.panics, Log: b.log,
	})
	w.reconciler = ticket.NewReconciler(cards, cfg.store, cfg.slack, c.panics, b.log)
	if cfg.shared {
		w.presses = b.newInteract(hard, c, cfg.store, cfg.slack, links{role: interact.Worker, queue: w.dispatcher, deliver: w.deliverer})
	}
	return w
}

// run works until soft ends. What is in progress then goes on until hard ends; finish waits
// for it.
func (w *worker) run(soft, hard context.Context) {
	var working sync.WaitGroup
	defer working.Wait()
	working.Go(func() { w.dispatcher.Run(soft) })
	for name, run := range map[string]func(){
		"backfill":           func() { w.history.Run(soft) },
		"reconcile tickets":  func() { w.reconciler.Run(soft, hard, w.updated) },
		"delete old records": func() { w.bot.forget(soft, w.store) },
		"erase kept answers": func() { w.bot.eraseAnswers(soft, w.store) },
		"complete presses":   func() { w.presses.Complete(soft) },
		"report each week":   func() { w.weekly.Run(soft) },
	} {
		working.Go(func() { w.panics.Loop(soft, name, run) })
	}
}

// finish waits until nothing is in progress. The order is that of the causes.
func (w *worker) finish() {
	w.presses.Close()
	w.space.Close()
	w.dispatcher.Wait()
}
