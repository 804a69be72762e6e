package page

import (
	"encoding/json"
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
}

var hexColor = regexp.MustCompile(`^#?[0-9a-fA-F]{6}$`)

// namedColors are the color names that attachments can use.
var namedColors = map[string]string{"good": "#2f7d4f", "warning": "#9a6a00", "danger": "#b3261e"}

// attachments shows the attachments of a message. It omits invalid parts.
func (v *viewer) attachments(raw json.RawMessage) []attachment {
	var sent []struct {
		Color, Pretext, Title, Text, Footer, Fallback string
		AuthorName                                    string `json:"author_name"`
		TitleLink                                     string `json:"title_link"`
		Fields                                        []struct{ Title, Value string }
		Blocks                                        json.RawMessage
	}
	if json.Unmarshal(raw, &sent) != nil {
		return nil
	}
	var shown []attachment
	for _, s := range sent {
		a := attachment{Color: color(s.Color), Title: s.Title, Author: s.AuthorName, Footer: s.Footer}
		if strings.HasPrefix(s.TitleLink, "https://") || strings.HasPrefix(s.TitleLink, "http://") {
			a.TitleURL = s.TitleLink
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
		case s.Title == "":
			a.Body = v.markup(s.Fallback)
		}
		shown = append(shown, a)
	}
	return shown
}

// hasBlocks reports whether an attachment has blocks.
func hasBlocks(raw json.RawMessage) bool {
	var blocks []json.RawMessage
	return json.Unmarshal(raw, &blocks) == nil && len(blocks) > 0
}

func color(s string) string {
	if named := namedColors[s]; named != "" {
		return named
	}
	if hexColor.MatchString(s) {
		return "#" + strings.TrimPrefix(s, "#")
	}
	return ""
}
