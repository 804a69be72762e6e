package setup

import (
	"errors"
	"strings"
	"testing"
	"time"

	enjosandbox "enjobridge/sandbox/enjo"
	slacksandbox "enjobridge/sandbox/slack"
)

// appOf creates the app, and returns what a person enters from the bot token on.
func (w *world) appOf(o Options) []func() string {
	w.t.Helper()
	w.create(o)
	return []func() string{w.install, func() string { return w.generate("connections:write") }, w.enjo.Token, w.enjo.BotID}
}

// Ensure that a failure of Slack does not cost what was entered: the person tries again.
func TestRun_SlackFails(t *testing.T) {
	for name, test := range map[string]struct {
		effect slacksandbox.CallEffect
		want   string
	}{
		"status":   {slacksandbox.Status(503), "Slack can't be reached: calling auth.test: HTTP status 503"},
		"limit":    {slacksandbox.RateLimit(30 * time.Second), "Slack asks to wait for"},
		"setup":    {slacksandbox.Fail("accesslimited"), "To fix it: Slack accepts the app from certain networks only"},
		"an error": {slacksandbox.Fail("odd_error"), "Slack refuses the call: calling auth.test: odd_error"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			o := w.options()
			answers := w.appOf(o)
			w.slack.Faults().OnCall(slacksandbox.Calls{Method: "auth.test", Times: 1}, test.effect)
			answers = append([]func() string{text(""), answers[0], text("")}, answers[1:]...)
			transcript, err := w.run(o, answers...)
			if err != nil || !strings.Contains(strings.Join(strings.Fields(transcript), " "), test.want) {
				t.Errorf("it does not say %q: error %v\n%s", test.want, err, transcript)
			}
			w.wantFile(o)
		})
	}
}

// Ensure that the codes of apps.manifest.create have their explanations.
func TestRun_CreationFails(t *testing.T) {
	for code, want := range map[slacksandbox.Error]string{
		"token_expired":       "valid for 12 hours",
		"no_permission":       "Ask an admin of the workspace whether you may create apps",
		"failed_creating_app": "Ask an admin of the workspace whether you may create apps",
		"missing_scope":       "another kind of token",
		"invalid_manifest":    "Slack does not accept the app's manifest",
	} {
		w := newWorld(t)
		w.slack.Faults().OnCall(slacksandbox.Calls{Method: "apps.manifest.create"}, slacksandbox.Fail(code))
		transcript, err := w.run(w.options(), w.slack.GenerateConfigToken, text(""))
		if !strings.Contains(strings.Join(strings.Fields(transcript), " "), want) {
			t.Errorf("%s does not say %q: error %v\n%s", code, want, err, transcript)
		}
	}
}

// Ensure that an agent that does not answer can be asked again, or left out.
func TestRun_AgentFails(t *testing.T) {
	for name, test := range map[string]struct {
		status  int
		answers []string
		want    string
	}{
		"again": {503, []string{""}, `It answers: "`},
		"skip":  {503, []string{"Skip"}, "The agent is not checked."},
		"limit": {429, []string{"skip"}, "Enjo allows no more calls right now."},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			o := w.options()
			answers := append([]func() string{text("")}, w.appOf(o)...)
			for _, answer := range test.answers {
				answers = append(answers, text(answer))
			}
			w.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Status, Status: test.status, Calls: 1})
			transcript, err := w.run(o, answers...)
			if err != nil || !strings.Contains(transcript, test.want) {
				t.Errorf("it does not say %q: error %v\n%s", test.want, err, transcript)
			}
			w.wantFile(o)
		})
	}
}

// Ensure that without an answer a wrong token in the environment ends the setup.
func TestRun_WrongAgentInEnvironment(t *testing.T) {
	w := newWorld(t)
	o := w.options()
	answers := append([]func() string{text("")}, w.appOf(o)[:2]...)
	o.Settings.Given = map[string]string{"ENJO_TOKEN": "wrong", "ENJO_BOT_ID": w.enjo.BotID()}
	o.Settings.Variables = map[string]string{"ENJO_TOKEN": "ENJO_TOKEN_FILE", "ENJO_BOT_ID": "ENJO_BOT_ID"}
	transcript, err := w.run(o, answers...)
	if unanswered, ok := errors.AsType[*unansweredError](err); !ok || !strings.Contains(unanswered.refused, "Enjo does not accept that token") {
		t.Errorf("the error is %v\n%s", err, transcript)
	}
	transcript, err = w.run(o, append(answers, w.enjo.Token)...)
	if err != nil || !strings.Contains(transcript, "But first remove ENJO_TOKEN_FILE from the environment.") {
		t.Errorf("the error is %v\n%s", err, transcript)
	}
}

// Ensure that a wrong token in an env file, which is replaced, need not be removed.
func TestRun_WrongAgentInEnvFile(t *testing.T) {
	w := newWorld(t)
	o := w.options()
	o.Settings.Given = map[string]string{"ENJO_TOKEN": "wrong", "ENJO_BOT_ID": w.enjo.BotID()}
	answers := append([]func() string{text("")}, w.appOf(o)[:3]...)
	transcript, err := w.run(o, answers...)
	if err != nil || !strings.Contains(transcript, "Using ENJO_TOKEN from the env file.") || strings.Contains(transcript, "first remove") {
		t.Errorf("the error is %v\n%s", err, transcript)
	}
	w.wantFile(o)
}
