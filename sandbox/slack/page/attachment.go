package page

import (
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"regexp"
	"strings"
)

// attachment is a message's secondary content, with a bar at its left. See
// https://docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments.
type attachment struct {
	Color           string // #rrggbb; empty means gray
	Pretext, Body   template.HTML
	Title, TitleURL string
	Author, Footer  string
	// Source is the address of a forwarded message, Files are the names of its files.
	Source string
	Files  []string
}

// sentAttachment has the fields of an attachment that are shown.
type sentAttachment struct {
	Color                                  any // a text or a number
	Pretext, Title, Text, Footer, Fallback string
	AuthorName                             string `json:"author_name"`
	TitleLink                              string `json:"title_link"`
	Fields                                 []struct{ Title, Value string }
	Blocks                                 json.RawMessage
	IsShare                                bool   `json:"is_share"`
	FromURL                                string `json:"from_url"`
	Files                                  []struct{ Title string }
}

var hexColor = regexp.MustCompile(`^#?[0-9a-fA-F]{6}$`)

// namedColors are the color names that attachments can use.
var namedColors = map[string]string{"good": "#2f7d4f", "warning": "#9a6a00", "danger": "#b3261e"}

// attachments shows the attachments of a message. It omits invalid parts.
func (v *viewer) attachments(raw json.RawMessage) []attachment {
	var sent []json.RawMessage
	if json.Unmarshal(raw, &sent) != nil {
		return nil
	}
	var shown []attachment
	for _, one := range sent {
		var s sentAttachment
		// A field of another type is skipped, and the others are still read.
		if err, skipped := json.Unmarshal(one, &s), (*json.UnmarshalTypeError)(nil); err == nil || errors.As(err, &skipped) {
			shown = append(shown, v.attachment(s))
		}
	}
	return shown
}

func (v *viewer) attachment(s sentAttachment) attachment {
	a := attachment{Color: color(s.Color), Title: s.Title, Author: s.AuthorName, Footer: s.Footer}
	if strings.HasPrefix(s.TitleLink, "https://") || strings.HasPrefix(s.TitleLink, "http://") {
		a.TitleURL = v.ownURL(s.TitleLink)
	}
	if s.IsShare {
		a.Source = v.ownURL(s.FromURL)
	}
	for _, f := range s.Files {
		a.Files = append(a.Files, f.Title)
	}
	if s.Pretext != "" {
		a.Pretext = v.markup(s.Pretext)
	}
	text := s.Text
	for _, f := range s.Fields {
		text += "\n*" + f.Title + "*\n" + f.Value
	}
	switch {
	case hasBlocks(s.Blocks):
		a.Body = v.blocks(s.Blocks)
	case text != "":
		a.Body = v.markup(strings.TrimPrefix(text, "\n"))
	case s.Title == "" && len(s.Files) == 0:
		a.Body = v.markup(s.Fallback)
	}
	return a
}

// hasBlocks reports whether an attachment has blocks.
func hasBlocks(raw json.RawMessage) bool {
	var blocks []json.RawMessage
	return json.Unmarshal(raw, &blocks) == nil && len(blocks) > 0
}

// color returns a color as #rrggbb; empty means gray.
func color(sent any) string {
	s, _ := sent.(string)
	if number, is := sent.(float64); is && number >= 0 && number < 1<<24 {
		s = fmt.Sprintf("%06x", int(number))
	}
	if named := namedColors[s]; named != "" {
		return named
	}
	if hexColor.MatchString(s) {
		return "#" + strings.TrimPrefix(s, "#")
	}
	return ""
}
