package page

import (
	"errors"
	"regexp"
	"slices"

	"enjobridge/sandbox/slack"
)

// builtin is a slash command of Slack itself, about the people that it names. No app
// learns of it.
type builtin struct {
	name, hint, description string
	do                      func(v *viewer, channel, user string) error
}

// builtins are the commands of Slack itself that the page knows.
var builtins = []builtin{
	{"/invite", "[@name]", "Add people or an app to this channel", func(v *viewer, channel, user string) error {
		return v.slack.InviteBy(channel, v.me.ID, user)
	}},
	{"/remove", "[@name]", "Remove people or an app from this channel", func(v *viewer, channel, user string) error {
		return v.slack.Kick(channel, user)
	}},
}

// mentioned matches a mention in Slack's notation.
var mentioned = regexp.MustCompile(`<@(\w+)>`)

// The reasons why a command of Slack itself is refused.
var (
	errNobodyNamed = errors.New("nobody is named")
	errNoMembers   = errors.New("this conversation has no members to change")
)

// runBuiltin runs a command of Slack itself; ran is false if it is another one.
func (v *viewer) runBuiltin(channel, command, rest string) (ran bool, err error) {
	for _, b := range builtins {
		if b.name == command {
			return true, v.forEachNamed(channel, rest, b.do)
		}
	}
	return false, nil
}

// forEachNamed runs a command for everyone whom the text names, in a channel that the
// viewer is in.
func (v *viewer) forEachNamed(channel, text string, do func(v *viewer, channel, user string) error) error {
	c, known := v.slack.View.Channel(channel)
	switch {
	case !known || !slices.Contains(c.Members, v.me.ID):
		return slack.ErrNotInChannel
	case c.Kind != slack.Public && c.Kind != slack.Private:
		return errNoMembers
	}
	named := mentioned.FindAllStringSubmatch(v.encodeNames(text), -1)
	if len(named) == 0 {
		return errNobodyNamed
	}
	for _, match := range named {
		if err := do(v, channel, match[1]); err != nil {
			return err
		}
	}
	return nil
}
