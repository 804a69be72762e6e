package interact

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"enjobridge/blocks"
	"enjobridge/bot/background"
	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/bot/supervise"
)

var (
	// taskLimits bound the replies to interactions. A person who clicks without a pause
	// uses a small part of them, and of Slack's rate limits.
	taskLimits = background.Limits{
		Running: 256, RunningEach: 4, Waiting: 4_000, WaitingEach: 20, Timeout: 5 * time.Minute, Burst: 20, Every: 2 * time.Second,
	}
	// modalLimits bound the opening of modals. They have their own places, because Slack
	// allows three seconds for it.
	modalLimits = background.Limits{
		Running: 64, RunningEach: 2, Waiting: 1_000, WaitingEach: 4, Timeout: 10 * time.Second, Burst: 10, Every: 2 * time.Second,
	}
	// refusalLimits bound the refusals. Each of a person is shown once in a while, although
	// the person tries again.
	refusalLimits = background.Limits{
		Running: 64, RunningEach: 1, Waiting: 4_000, WaitingEach: 1, Timeout: time.Minute, Burst: 1, Every: 10 * time.Second,
	}
	// slowDownLimits bound the requests to slow down, of which a person gets one at a time.
	slowDownLimits = background.Limits{
		Running: 16, RunningEach: 1, Waiting: 1_000, WaitingEach: 1, Timeout: time.Minute, Burst: 1, Every: time.Minute,
	}
)

// reportTimeout bounds the report to a person that a task failed.
const reportTimeout = 30 * time.Second

// tasks run in the background. They are lost if the process ends, so nothing that must
// last may depend on them.
type tasks struct {
	replies, modals, refusals, slowDowns *background.Pool

	dropped prometheus.Counter
	mu      sync.Mutex
	since   int // tasks dropped since the last log line
	log     zerolog.Logger
}

// newTasks returns tasks that are cancelled with ctx; close waits for them.
func newTasks(ctx context.Context, dropped prometheus.Counter, panics *supervise.Supervisor, log zerolog.Logger) *tasks {
	return &tasks{
		replies: background.New(ctx, taskLimits, panics, log), modals: background.New(ctx, modalLimits, panics, log),
		refusals: background.New(ctx, refusalLimits, panics, log), slowDowns: background.New(ctx, slowDownLimits, panics, log), dropped: dropped, log: log,
	}
}

// close starts no more tasks, and waits for those that run or wait.
func (t *tasks) close() {
	t.modals.Close() // first: a modal that cannot be opened starts a reply
	t.replies.Close()
	t.refusals.Close()
	t.slowDowns.Close()
}

// start runs a task in a pool. A person with too many tasks is asked to slow down
// instead, once a minute. It does not wait.
func (h *Handler) start(in *background.Pool, i slackevent.Interaction, what string, do func(context.Context) error) {
	t := h.tasks
	if in.Start(i.User, what, t.logged(what, do)) {
		return
	}
	t.dropped.Inc()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.since++
	const slow = "asking a person to slow down"
	if t.slowDowns.Start(i.User, slow, t.logged(slow, func(ctx context.Context) error { return h.reply(ctx, i, blocks.Say(blocks.SaySlowDown.Text())) })) {
		t.log.Warn().Str("task", what).Str("user", i.User).Int("dropped", t.since).Msg("interact: too many replies to one person, dropping some")
		t.since = 0
	}
}

// refusing returns a function that shows a refusal, unless the person saw the same one
// there just now.
func (h *Handler) refusing(i slackevent.Interaction, why refusal) func() {
	same := strings.Join([]string{i.User, string(i.Kind), i.Channel, string(why)}, " ")
	return func() {
		const what = "refusing"
		if !h.tasks.refusals.Start(same, what, h.tasks.logged(what, func(ctx context.Context) error { return h.refuse(ctx, i, why) })) {
			h.tasks.dropped.Inc()
		}
	}
}

// logged returns a task whose error is logged.
func (t *tasks) logged(what string, do func(context.Context) error) func(context.Context) {
	return func(ctx context.Context) {
		if err := do(ctx); err != nil {
			t.log.Warn().Err(err).Str("task", what).Str("hint", slackapi.Classify(err).Hint).Msg("interact: a task failed")
		}
	}
}

// task returns a function that starts a task for a person, and does not wait.
func (h *Handler) task(i slackevent.Interaction, what string, do func(context.Context) error) func() {
	return func() { h.start(h.tasks.replies, i, what, do) }
}

// taskFor returns a function that starts a task, and does not wait. If the task fails,
// the person sees that it did.
func (h *Handler) taskFor(i slackevent.Interaction, what string, do func(context.Context) error) func() {
	return h.task(i, what, func(ctx context.Context) error { return h.reportFailure(ctx, i, do(ctx)) })
}

// reportFailure shows the person that their task failed, also if it took too long.
func (h *Handler) reportFailure(ctx context.Context, i slackevent.Interaction, failed error) error {
	if failed == nil || errors.Is(ctx.Err(), context.Canceled) {
		return failed
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), reportTimeout)
	defer cancel()
	return errors.Join(failed, h.reply(ctx, i, blocks.Say(blocks.SayDidNotWork.Text())))
}
