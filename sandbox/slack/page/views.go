package page

import (
	"cmp"
	"encoding/json"
	"html/template"

	"enjobridge/sandbox/slack"
)

// maxSelectable limits how many people or channels a menu offers.
const maxSelectable = 500

// home is the app's Home tab.
type home struct {
	Name     string
	Avatar   avatar
	Messages string // address of the Messages tab; empty if there is none
	ViewID   string
	Body     template.HTML // empty if the app has not published anything
}

// modal is the dialog that the app shows the viewer.
type modal struct {
	ViewID, Hash         string
	App                  string
	Title, Submit, Close string
	Body                 template.HTML
	Errors               string // JSON, by block_id
}

// options are the options of menus that Slack fills.
type options struct {
	People   []slack.User
	Channels []entry
}

// content is the content of a view's JSON.
type content struct {
	Title, Submit, Close struct{ Text string }
	Blocks               json.RawMessage
}

func (v *viewer) home() *home {
	h := &home{Name: v.features.Name, Avatar: v.avatarOf(v.slack.BotUserID())}
	if v.features.MessagesTab {
		h.Messages = v.channelURL(v.slack.DM(v.me.ID))
	}
	view, published := v.slack.Home(v.me.ID)
	if !published {
		return h
	}
	var c content
	if json.Unmarshal(view.JSON, &c) == nil {
		h.ViewID, h.Body = view.ID, v.blocks(c.Blocks)
	}
	return h
}

// modal returns the modal that the viewer sees, or nil.
func (v *viewer) modal() *modal {
	view, open := v.slack.Modal(v.me.ID)
	if !open {
		return nil
	}
	var c content
	if json.Unmarshal(view.JSON, &c) != nil {
		return nil
	}
	return &modal{
		ViewID: view.ID, Hash: view.Hash, App: v.features.Name,
		Title: c.Title.Text, Submit: c.Submit.Text, Close: cmp.Or(c.Close.Text, "Cancel"),
		Body: v.blocks(c.Blocks), Errors: string(asJSON(view.Errors)),
	}
}

// selectable returns the options for menus of people and channels.
func (v *viewer) selectable() options {
	var o options
	for _, u := range v.slack.Users() {
		if v.isPerson(u) && len(o.People) < maxSelectable {
			o.People = append(o.People, u)
		}
	}
	for _, c := range v.slack.Channels() {
		if (c.Kind == slack.Public || c.Kind == slack.Private) && v.maySee(c) && len(o.Channels) < maxSelectable {
			o.Channels = append(o.Channels, entry{ID: c.ID, Name: c.Name, Icon: icon(c)})
		}
	}
	return o
}
