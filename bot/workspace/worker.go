package workspace

import (
	"context"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/blocks"
	"enjobridge/bot/background"
	"enjobridge/bot/intake"
	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/bot/supervise"
	"enjobridge/storage"
)

// History finds the messages whose events are missing. No method waits.
type History interface {
	// GapUntil says that events are missing until a time.
	GapUntil(time.Time)
	// Joined says that a channel is to be read from its watermark.
	Joined(channel string)
}

// Questions are those that this process works on.
type Questions interface {
	// Moved says that a channel has got another ID, and which unfinished questions the
	// store has under it.
	Moved(from, to string, unfinished []storage.Question)
}

// WorkerConfig configures a [Worker].
type WorkerConfig struct {
	Slack     *slackapi.Client
	Policy    intake.Policy
	History   History
	Questions Questions
	// AgentName returns the agent's name for people; empty if there is only one.
	AgentName func(agent string) string
	// Check says that an introduction can have been posted already.
	Check  bool
	Panics *supervise.Supervisor
	Log    zerolog.Logger
}

// Worker does what comes of events about the workspace, in the process that asks and posts.
type Worker struct {
	WorkerConfig
	tasks *background.Pool
}

var _ Effects = (*Worker)(nil)

// taskLimits bound the posts to channels that the bot was added to.
var taskLimits = background.Limits{Running: 4, RunningEach: 1, Waiting: 1_000, WaitingEach: 2, Timeout: 2 * time.Minute}

// NewWorker returns a worker whose tasks are cancelled with ctx.
func NewWorker(ctx context.Context, cfg WorkerConfig) *Worker {
	return &Worker{WorkerConfig: cfg, tasks: background.New(ctx, taskLimits, cfg.Panics, cfg.Log)}
}

// Close starts no more tasks, and waits for those that run or wait.
func (w *Worker) Close() { w.tasks.Close() }

// GapUntil implements [Effects].
func (w *Worker) GapUntil(until time.Time) { w.History.GapUntil(until) }

// Joined implements [Effects].
func (w *Worker) Joined(_ context.Context, channel string, greeted time.Time) (func(), error) {
	return func() {
		w.History.Joined(channel)
		if !greeted.IsZero() {
			w.tasks.Start(channel, "introduce the bot", func(ctx context.Context) { w.welcome(ctx, channel, greeted) })
		}
	}, nil
}

// Moved implements [Effects].
func (w *Worker) Moved(_ context.Context, from, to string, unfinished []storage.Question) (func(), error) {
	return func() { w.Questions.Moved(from, to, unfinished) }, nil
}

// partWelcome is the part of the welcome in its marker; an outcome's count from 0.
const partWelcome = -5

// welcome posts who the bot is and how to ask, at the top of a channel. Answers are in
// threads, so it does not come between a question and its answer.
func (w *Worker) welcome(ctx context.Context, channel string, now time.Time) {
	id := storage.MessageID{Team: w.Policy.Self.TeamID, Channel: channel, TS: slackevent.FormatTS(now)}
	_, _, err := w.Slack.PostOnce(w.Log.WithContext(ctx), slackapi.Post{
		To:      slackapi.Target{Thread: storage.ThreadID{Team: id.Team, Channel: channel}, Since: slackevent.FormatTS(now.Add(-time.Minute))},
		Message: blocks.Say(blocks.Welcome(w.AgentName(w.Policy.AgentOf(channel)))), Marker: slackapi.Marker{Question: id, Part: partWelcome},
		Check: w.Check, Brief: true,
	})
	if err != nil {
		w.Log.Warn().Err(err).Str("channel", channel).Str("hint", slackapi.Classify(err).Hint).Msg("workspace: introducing the bot failed")
	}
}
