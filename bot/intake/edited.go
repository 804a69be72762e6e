package intake

import (
	"context"

	"enjobridge/blocks"
	"enjobridge/storage"
)

// askAgainButton asks what a message says now; its value is the message.
func askAgainButton(id storage.MessageID) blocks.Button {
	return blocks.AskAgain(id.String())
}

// offerAgain offers an asker, alone, to ask a question that was edited after it
// was asked. It does not wait.
func (n *notifier) offerAgain(ctx context.Context, q storage.Question) {
	notice := blocks.Edited(q.ID.String())
	n.running.Go(func() {
		ctx, cancel := context.WithTimeout(ctx, notifyTimeout)
		defer cancel()
		err := n.slack.PostEphemeral(ctx, q.ID.Channel, q.Thread.Root, q.Asker, notice)
		if err != nil {
			n.log.Warn().Err(err).Str("question", q.ID.String()).Msg("asker could not be offered to ask again")
		}
	})
}
