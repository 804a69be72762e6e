package setup

import (
	"context"
	"errors"
	"io"
	"strings"

	"enjobridge/enjo"
)

// testQuestion is what the agent is asked. No agent opens a ticket for it.
const testQuestion = "What can you help me with?"

// connectAgent asks for the token and the bot ID of the agent, and asks the agent.
func (s *session) connectAgent(ctx context.Context) error {
	token := question{setting: "ENJO_TOKEN", name: "Enjo token", help: words.enjoHelp, prompt: words.enjoPrompt, hidden: true}
	botID := question{setting: "ENJO_BOT_ID", name: "bot ID", help: words.botHelp, prompt: words.botIDPrompt}
	s.say(words.agent)
	if err := s.value(ctx, token); err != nil {
		return err
	}
	if err := s.value(ctx, botID); err != nil {
		return err
	}
	for {
		s.say(words.asking, "QUESTION", testQuestion)
		err := s.askAgent(ctx)
		if err == nil || ctx.Err() != nil {
			return err
		}
		setting, problem := agentProblem(err)
		s.say(words.refused, "PROBLEM", problem)
		switch setting {
		case token.setting:
			err = s.another(ctx, token, problem)
		case botID.setting:
			err = s.another(ctx, botID, problem)
		default:
			var skip bool
			if skip, err = s.skips(ctx, problem); skip {
				return nil
			}
		}
		if err != nil {
			return err
		}
	}
}

// askAgent asks the agent, and shows its answer.
func (s *session) askAgent(ctx context.Context) error {
	agent, err := enjo.New(enjo.Config{
		BaseURL: s.Settings.EnjoURL, Token: s.values["ENJO_TOKEN"], Timeout: s.Settings.EnjoTimeout, Version: s.Version,
	})
	if err != nil {
		return err
	}
	defer agent.Close()
	reply, err := agent.Ask(ctx, s.values["ENJO_BOT_ID"], enjo.Message{Text: testQuestion})
	if err != nil {
		return err
	}
	s.say(words.answer, "ANSWER", shown(reply.Text))
	return nil
}

// another asks for another value, because a check refused the last one.
func (s *session) another(ctx context.Context, q question, problem string) error {
	delete(s.given, q.setting)
	err := s.value(ctx, q)
	if unanswered, ok := errors.AsType[*unansweredError](err); ok && unanswered.refused == "" {
		unanswered.refused = problem
	}
	return err
}

// skips asks whether to save without the answer of the agent.
func (s *session) skips(ctx context.Context, problem string) (bool, error) {
	answer, err := s.ask(ctx, words.agentRetry, false)
	switch {
	case errors.Is(err, io.EOF):
		return false, errors.New(problem)
	case err != nil:
		return false, err
	case strings.EqualFold(answer, "skip"):
		s.say(words.skipped)
		return true, nil
	}
	return false, nil
}
