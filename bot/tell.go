package bot

import (
	"context"
	"sync"
	"time"

	"github.com/rs/zerolog"
	"github.com/slack-go/slack"

	"enjobridge/blocks"
)

// tellWithin bounds the telling of one refusal.
const tellWithin = time.Minute

// maxTelling bounds how many refusals are told at once; more are only logged.
const maxTelling = 32

// teller tells senders who get no answer why, to them alone.
type teller struct {
	api     *slack.Client
	post    *poster
	log     zerolog.Logger
	places  chan struct{}
	running sync.WaitGroup
}

func newTeller(api *slack.Client, post *poster, log zerolog.Logger) *teller {
	return &teller{api: api, post: post, log: log, places: make(chan struct{}, maxTelling)}
}

// tell tells a verdict to the message's sender. It does not wait.
func (t *teller) tell(ctx context.Context, m message, v verdict) {
	select {
	case t.places <- struct{}{}:
	default:
		t.log.Warn().Str("question", m.ID.String()).Msg("too many refusals to tell them all")
		return
	}
	t.running.Go(func() {
		defer func() { <-t.places }()
		ctx, cancel := context.WithTimeout(ctx, tellWithin)
		defer cancel()
		if err := t.say(ctx, m, v); err != nil {
			t.log.Warn().Err(err).Str("question", m.ID.String()).Msg("sender could not be told")
		}
	})
}

// say tells a verdict: thanks by a reaction, a refusal by a message that only
// the sender sees, or by a plain one in a direct message.
// https://docs.slack.dev/reference/methods/chat.postEphemeral
func (t *teller) say(ctx context.Context, m message, v verdict) error {
	if v.action == actionReact {
		return t.api.AddReactionContext(ctx, v.emoji, slack.NewRefToMessage(m.ID.Channel, m.ID.TS))
	}
	view := blocks.NoticeView{Text: v.tell}
	if v.again {
		view.Buttons = []blocks.Button{askAgainButton(m.ID)}
	}
	if v.stale {
		view.Buttons = []blocks.Button{{ActionID: blocks.ActionAnswerNow, Text: "Answer now", Value: m.ID.String(), Primary: true}}
	}
	notice := blocks.Notice(view)
	switch {
	case v.public:
		_, err := t.post.post(ctx, m.ID.Channel, m.thread(true).Root, notice, mark{question: m.ID})
		return err
	case m.direct():
		_, err := t.post.post(ctx, m.ID.Channel, m.ThreadTS, notice, mark{question: m.ID})
		return err
	}
	return t.post.whisper(ctx, m.ID.Channel, m.ThreadTS, m.User, notice)
}
