package page

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"enjobridge/sandbox/slack"
)

// join makes the viewer a member of a channel.
func (v *viewer) join(_ *http.Request, args struct{ Channel string }) (string, error) {
	c, known := v.channel(args.Channel)
	if !known || c.Kind != slack.Public {
		return "", slack.ErrChannelNotFound
	}
	return v.channelURL(c.ID), v.slack.Invite(c.ID, v.me.ID)
}

// dm opens direct messages with another person.
func (v *viewer) dm(_ *http.Request, args struct{ User string }) (string, error) {
	if _, person := v.viewer(args.User); !person {
		return "", slack.ErrUserNotFound
	}
	for _, c := range v.slack.Channels() {
		if c.Kind == slack.Direct && slices.Contains(c.Members, v.me.ID) && slices.Contains(c.Members, args.User) {
			return v.channelURL(c.ID), nil
		}
	}
	return v.channelURL(v.slack.AddChannel(slack.Channel{Kind: slack.Direct, Members: []string{v.me.ID, args.User}})), nil
}

// open tells the app that the viewer looks at one of its tabs.
func (v *viewer) open(_ *http.Request, args struct{ Tab string }) (string, error) {
	if args.Tab == "home" {
		return "", v.slack.OpenHome(v.me.ID)
	}
	_, err := v.slack.OpenDM(v.me.ID)
	return "", err
}

// field is one element of a view or message, and what was entered or picked.
type field struct {
	Action, Type, Value string
}

// value returns what the workspace wants to be told: of a moment, the Unix time.
func (v *viewer) value(f field) (string, error) {
	if f.Type != "datetimepicker" || f.Value == "" {
		return f.Value, nil
	}
	at, err := time.ParseInLocation("2006-01-02T15:04", f.Value, v.zone)
	if err != nil {
		return "", fmt.Errorf("%q is not a date and time", f.Value)
	}
	return strconv.FormatInt(at.Unix(), 10), nil
}

// click clicks, picks or enters something in a message or in a view.
func (v *viewer) click(r *http.Request, args struct {
	Channel, TS, View string
	field
},
) (string, error) {
	value, err := v.value(args.field)
	if err != nil {
		return "", err
	}
	if args.View != "" {
		receipt, err := v.slack.ClickView(v.me.ID, args.View, args.Action, value)
		return settle(r, receipt, err)
	}
	receipt, err := v.slack.Click(v.me.ID, args.Channel, args.TS, args.Action, value)
	return settle(r, receipt, err)
}

// submit submits a modal.
func (v *viewer) submit(r *http.Request, args struct {
	View   string
	Fields []field
},
) (string, error) {
	values := make(map[string]string, len(args.Fields))
	for _, f := range args.Fields {
		value, err := v.value(f)
		if err != nil {
			return "", err
		}
		values[f.Action] = value
	}
	receipt, err := v.slack.SubmitView(v.me.ID, args.View, values)
	return settle(r, receipt, err)
}

// closeModal closes a modal without submitting it.
func (v *viewer) closeModal(r *http.Request, args struct{ View string }) (string, error) {
	receipt, err := v.slack.CloseView(v.me.ID, args.View)
	return settle(r, receipt, err)
}

// shortcut picks one of the app's shortcuts: on a message, or a global one.
func (v *viewer) shortcut(r *http.Request, args struct{ Callback, Channel, TS string }) (string, error) {
	if args.TS != "" {
		receipt, err := v.slack.MessageShortcut(v.me.ID, args.Channel, args.TS, args.Callback)
		return settle(r, receipt, err)
	}
	receipt, err := v.slack.Shortcut(v.me.ID, args.Callback)
	return settle(r, receipt, err)
}

// stop clicks the Stop button of a thread in which the app works.
func (v *viewer) stop(_ *http.Request, args struct{ Channel, Thread string }) (string, error) {
	return "", v.slack.Stop(args.Channel, v.me.ID, args.Thread)
}

// read notes up to where the viewer has read, and reports whether that is news.
func (v *viewer) read(channel, thread, ts string) bool {
	return v.reads.read(mark{v.me.ID, channel, thread}, ts)
}
