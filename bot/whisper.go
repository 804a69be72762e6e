package bot

import (
	"context"
	"fmt"
	"net/url"

	"github.com/slack-go/slack"

	"enjobridge/blocks"
)

// whisperAttempts is how often it is tried to whisper.
const whisperAttempts = 5

// whisper shows a message to one person alone, in a thread, or at the channel's
// top if root is empty. Where Slack does not say whether it was shown it is shown
// again: twice is better than never.
// https://docs.slack.dev/reference/methods/chat.postEphemeral
func (p *poster) whisper(ctx context.Context, channel, root, user string, m blocks.Message) error {
	options := append(shown(m), slack.MsgOptionTS(root))
	for attempt := 1; ; attempt++ {
		_, err := p.api.PostEphemeralContext(ctx, channel, user, options...)
		if err == nil {
			return nil
		}
		if what, _, _ := troubleOf(err); (what != troubleWait && what != troubleUnknown) || attempt == whisperAttempts {
			return fmt.Errorf("whispering to %s in %s: %w", user, channel, err)
		}
		if err := p.rest(ctx, err, attempt); err != nil {
			return err
		}
	}
}

// shown are the options that show a message. Nothing is ever unfurled: that
// would fetch what an answer links to.
func shown(m blocks.Message) []slack.MsgOption {
	return []slack.MsgOption{
		slack.MsgOptionText(m.Text, false),
		slack.MsgOptionBlocks(m.Blocks...),
		slack.MsgOptionDisableLinkUnfurl(),
		slack.MsgOptionDisableMediaUnfurl(),
	}
}

// slackHooks is the host of Slack's response URLs.
const slackHooks = "hooks.slack.com"

// respond answers a slash command, which also works where the bot is no member.
// https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
func (d *desk) respond(ctx context.Context, address string, m blocks.Message) error {
	to, err := url.Parse(address)
	api, apiErr := url.Parse(d.cfg.SlackAPIURL)
	if err != nil || apiErr != nil || (to.Host != api.Host && (to.Host != slackHooks || to.Scheme != "https")) {
		return fmt.Errorf("a response URL that is not Slack's")
	}
	options := append(shown(m), slack.MsgOptionResponseURL(address, slack.ResponseTypeEphemeral))
	if _, _, _, err := d.api.SendMessageContext(ctx, "", options...); err != nil {
		return fmt.Errorf("answering a command: %w", err)
	}
	return nil
}
