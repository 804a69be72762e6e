package page

import (
	"fmt"
	"net/http"
	"regexp"
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

// open informs the app that the viewer has opened one of its tabs.
func (v *viewer) open(_ *http.Request, args struct{ Tab string }) (string, error) {
	if args.Tab == "home" {
		return "", v.slack.OpenHome(v.me.ID)
	}
	_, err := v.slack.OpenDM(v.me.ID)
	return "", err
}

// field is an element of a view or message, and its entered or selected value.
type field struct {
	Block, Action, Type string
	Values              []string
	Files               []chosenFile
}

// chosenFile is a file that was chosen in an element. The script gives it an ID
// that does not change, so that the app sees only one file.
type chosenFile struct {
	ID, Name string
	Content  []byte
}

// chosenID matches the IDs that the script may give files.
var chosenID = regexp.MustCompile(`^F[0-9A-Z]{10,20}$`)

// input returns the field in the workspace's form.
func (v *viewer) input(f field) (slack.Input, error) {
	in := slack.Input{Element: f.Block + "/" + f.Action, Values: f.Values}
	if f.Type == "datetimepicker" {
		for i, value := range f.Values {
			at, err := time.ParseInLocation("2006-01-02T15:04", value, v.zone)
			if err != nil {
				return in, fmt.Errorf("%q is not a date and time", value)
			}
			in.Values[i] = strconv.FormatInt(at.Unix(), 10)
		}
	}
	for _, file := range f.Files {
		switch {
		case !chosenID.MatchString(file.ID):
			return in, errMalformed
		case len(file.Content) > maxFileSize:
			return in, fmt.Errorf("%s is larger than %s", file.Name, size(maxFileSize))
		}
		in.Files = append(in.Files, slack.File{ID: file.ID, Name: file.Name, Content: file.Content})
	}
	return in, nil
}

func (v *viewer) inputs(fields []field) ([]slack.Input, error) {
	all := make([]slack.Input, 0, len(fields))
	for _, f := range fields {
		in, err := v.input(f)
		if err != nil {
			return nil, err
		}
		all = append(all, in)
	}
	return all, nil
}

// click clicks, selects or enters something in a message or view; state has the
// values of the other elements.
func (v *viewer) click(r *http.Request, args struct {
	Channel, TS, View string
	field
	State []field
},
) (string, error) {
	clicked, err := v.input(args.field)
	if err != nil {
		return "", err
	}
	others, err := v.inputs(args.State)
	if err != nil {
		return "", err
	}
	if args.View != "" {
		receipt, err := v.slack.UseView(v.me.ID, args.View, clicked, others...)
		return settle(r, receipt, err)
	}
	receipt, err := v.slack.Use(v.me.ID, args.Channel, args.TS, clicked, others...)
	return settle(r, receipt, err)
}

// submit submits a modal.
func (v *viewer) submit(r *http.Request, args struct {
	View   string
	Fields []field
},
) (string, error) {
	entered, err := v.inputs(args.Fields)
	if err != nil {
		return "", err
	}
	receipt, err := v.slack.SubmitView(v.me.ID, args.View, nil, entered...)
	return settle(r, receipt, err)
}

// closeModal closes a modal without submitting it.
func (v *viewer) closeModal(r *http.Request, args struct{ View string }) (string, error) {
	receipt, err := v.slack.CloseView(v.me.ID, args.View)
	return settle(r, receipt, err)
}

// shortcut selects one of the app's shortcuts: on a message, or a global one.
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

// read records up to where the viewer has read, and reports whether that has
// changed.
func (v *viewer) read(channel, thread, ts string) bool {
	return v.reads.read(position{v.me.ID, channel, thread}, ts)
}
