// Package setup connects a Slack workspace with an Enjo agent in a dialogue: it creates
// the Slack app, says what to click, asks for the tokens, checks each with a real call,
// and writes them to an env file at the end.
package setup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"enjobridge/internal/settings"
)

// Options configure a [Run].
type Options struct {
	Manifest []byte // of the Slack app, in YAML
	File     string // the env file to write
	Force    bool   // replace an existing File
	Program  string // how people start enjobridge
	Version  string
	Settings settings.Setup
}

// Run asks the questions at out, reads the answers from in, and writes the env file. If in
// is a terminal, it does not show tokens. Until everything is checked, it writes nothing.
func Run(ctx context.Context, o Options, in io.Reader, out io.Writer) error {
	if err := checkFile(o.File, o.Force); err != nil {
		return err
	}
	manifest, err := manifestJSON(o.Manifest)
	if err != nil {
		return err
	}
	s := &session{
		Options: o, manifest: manifest, values: make(map[string]string),
		given: maps.Clone(o.Settings.Given), pages: pagesOf(o.Settings.SlackURL), dialogue: dialogue{in: in, out: out},
	}
	if err := s.steps(ctx); err != nil {
		return s.explained(ctx, err)
	}
	if err := s.save(); err != nil {
		return err
	}
	s.say(words.saved, "FILE", o.File)
	s.print("\n   " + s.command() + "\n")
	s.say(words.ask)
	for _, name := range order {
		if variable := o.Settings.Variables[name]; variable != "" && o.Settings.Given[name] != s.values[name] {
			s.say(words.overridden, "SETTING", variable)
		}
	}
	return s.err
}

// session is one dialogue.
type session struct {
	Options
	dialogue
	manifest string // in JSON
	pages    pages
	given    map[string]string // values of the environment that were not refused, by setting
	values   map[string]string // by setting
	created  bool              // the app was created in this session
}

// steps asks everything.
func (s *session) steps(ctx context.Context) error {
	s.say(words.welcome)
	for _, step := range []func(context.Context) error{s.createApp, s.installApp, s.connectApp, s.connectAgent} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// explained returns the error that ended the dialogue, with what to do next.
func (s *session) explained(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		err = errStopped
	}
	if s.created {
		return fmt.Errorf("%w\nhint: the app %s exists now: run setup again without SLACK_CONFIG_TOKEN, and press Enter at step 1", err, s.pages.app)
	}
	return err
}

// errStopped is returned after Ctrl-C.
var errStopped = errors.New("setup was stopped, and nothing was saved")

// value asks for the value of a setting until check accepts it. A value from the
// environment comes first.
func (s *session) value(ctx context.Context, q question) error {
	value := s.given[q.setting]
	if value != "" {
		s.sayGiven(q.setting)
	} else {
		s.say(q.help, s.pages.words()...)
	}
	refused := ""
	for {
		if value == "" {
			answer, err := s.ask(ctx, q.prompt, q.hidden)
			if errors.Is(err, io.EOF) {
				return &unansweredError{q, refused}
			} else if err != nil {
				return err
			}
			if value = answer; value == "" {
				continue
			}
		}
		problem, err := s.check(ctx, q, value)
		switch {
		case err != nil:
			return err
		case problem == "":
			s.values[q.setting] = value
			return nil
		}
		s.say(words.refused, "PROBLEM", problem)
		if value == s.given[q.setting] {
			delete(s.given, q.setting)
			s.say(q.help, s.pages.words()...)
		}
		value, refused = "", problem
	}
}

// sayGiven says where the value of a setting comes from.
func (s *session) sayGiven(setting string) {
	if variable := s.Settings.Variables[setting]; variable != "" {
		s.say(words.given, "SETTING", variable)
		return
	}
	s.say(words.givenFile, "SETTING", setting)
}

// check returns why a value is not accepted; empty if it is. It repeats a check that failed
// for another reason than the value when the person says so.
func (s *session) check(ctx context.Context, q question, value string) (problem string, err error) {
	if problem := settings.Problem(q.setting, value); problem != "" {
		return "That " + problem + ".", nil
	}
	if q.check == nil {
		return "", nil
	}
	return s.untilAnswered(ctx, func() error { return q.check(ctx, value) })
}

// untilAnswered makes a check until its outcome is not a *[delay]. It returns the text of a
// *[refusal].
func (s *session) untilAnswered(ctx context.Context, check func() error) (problem string, err error) {
	for {
		err := check()
		if refused, ok := errors.AsType[*refusal](err); ok {
			return refused.text, nil
		}
		delayed, ok := errors.AsType[*delay](err)
		if !ok || ctx.Err() != nil {
			return "", err
		}
		s.say(words.refused, "PROBLEM", delayed.text)
		if _, err := s.ask(ctx, words.retry, false); errors.Is(err, io.EOF) {
			return "", errors.New(delayed.text)
		} else if err != nil {
			return "", err
		}
	}
}

// refusal says why a value is wrong, and what to do.
type refusal struct{ text string }

// Error returns the text.
func (r *refusal) Error() string { return r.text }

// delay says why a value could not be checked, and what to do.
type delay struct{ text string }

// Error returns the text.
func (d *delay) Error() string { return d.text }

// question asks for the value of a setting.
type question struct {
	setting string
	name    string // for errors, such as "bot token"
	help    string // what to click
	prompt  string
	hidden  bool // what is typed is not shown
	// check makes a real call. A *refusal says that the value is wrong, and a *delay that
	// it is not known whether it is. Other errors end the dialogue. It may be nil.
	check func(ctx context.Context, value string) error
}

// unansweredError is the error for a question without an answer.
type unansweredError struct {
	question
	refused string // why the last value was refused; empty if there was none
}

// Error says what to do.
func (e *unansweredError) Error() string {
	if e.refused != "" {
		return fmt.Sprintf("the %s was refused, and there is no other one: %s", e.name, e.refused)
	}
	variables := e.setting
	if e.hidden {
		variables += " or " + e.setting + "_FILE"
	}
	return fmt.Sprintf("there is no answer for the %s: run setup in a terminal, or set %s", e.name, variables)
}

// command returns the command that starts the bot.
func (s *session) command() string { return s.Program + " -env-file " + quoted(s.File) }

// quoted returns a word for a shell.
func quoted(word string) string {
	plain := func(c rune) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("-_./:~", c)
	}
	if word != "" && !slices.ContainsFunc([]rune(word), func(c rune) bool { return !plain(c) }) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
