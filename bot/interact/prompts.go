package interact

import (
	"context"
	"sync"

	"enjobridge/blocks"
	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// DefaultPrompts are suggested in direct messages unless SUGGESTED_PROMPTS is set. They
// are those of manifest.yml, which Slack shows before the bot has suggested any.
var DefaultPrompts = []string{
	blocks.PromptHelp.Text(),
	blocks.PromptPassword.Text(),
	blocks.PromptLaptop.Text(),
	blocks.PromptTicket.Text(),
}

// maxPrompted bounds how many people are known to have suggestions.
const maxPrompted = 20_000

// prompted are the people who have suggestions in their direct messages: these stay, so
// they are set once in a process.
type prompted struct {
	mu     sync.Mutex
	people map[string]bool
}

// claim reports whether a person has no suggestions yet. From then on the person has.
func (p *prompted) claim(user string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.people[user] {
		return false
	}
	if p.people == nil || len(p.people) >= maxPrompted {
		p.people = make(map[string]bool)
	}
	p.people[user] = true
	return true
}

// release takes a claim back.
func (p *prompted) release(user string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.people, user)
}

// suggest returns a function that suggests questions to a person who has opened the
// direct messages with the bot, if that person may ask there. Nobody waits for them, so
// failures are only logged.
func (h *Handler) suggest(i slackevent.Interaction) func() {
	m := slackevent.Message{ID: storage.MessageID{Channel: i.Channel}, ChannelType: "im", User: i.User, Membership: i.Membership}
	return func() {
		if !h.Policy.AgentView || h.Policy.Admit(m) != "" || !h.prompted.claim(i.User) {
			return
		}
		started := h.tasks.replies.Start(i.User, "suggesting questions", func(ctx context.Context) {
			if err := h.setPrompts(ctx, i); err != nil {
				h.prompted.release(i.User)
				h.Log.Debug().Err(err).Str("hint", slackapi.Classify(err).Hint).Msg("interact: suggesting questions failed")
			}
		})
		if !started {
			h.prompted.release(i.User)
		}
	}
}

// setPrompts suggests questions.
func (h *Handler) setPrompts(ctx context.Context, i slackevent.Interaction) error {
	texts := h.SuggestedPrompts
	if len(texts) == 0 {
		texts = DefaultPrompts
	}
	var prompts []slackapi.Prompt
	for _, text := range texts {
		prompts = append(prompts, slackapi.Prompt{Title: blocks.Title(text), Message: text})
	}
	return h.Slack.SetPrompts(ctx, i.Channel, prompts)
}
