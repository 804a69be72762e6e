package slackevent

import (
	"cmp"
	"regexp"
	"strings"
)

// Names looks up the names of people and channels; "" for an unknown one.
type Names struct {
	User    func(id string) string
	Channel func(id string) string
}

// Limited returns names of which at most most are looked up: a message can have thousands.
func (n Names) Limited(most int) Names {
	left := most
	once := func(look func(string) string) func(string) string {
		known := make(map[string]string)
		return func(id string) string {
			if name, ok := known[id]; ok {
				return name
			}
			if left == 0 {
				return ""
			}
			left--
			known[id] = look(id)
			return known[id]
		}
	}
	return Names{User: once(n.User), Channel: once(n.Channel)}
}

// entity is Slack's markup in a text: a mention, a channel, a link or a special
// mention between < and >, with an optional label after a bar.
// https://docs.slack.dev/messaging/formatting-message-text/#retrieving-messages
var entity = regexp.MustCompile(`<([^<>|]*)(?:\|([^<>]*))?>`)

// userMention matches the mention of any person.
var userMention = regexp.MustCompile(`<@[UW][A-Z0-9]+(?:\|[^<>]*)?>`)

// Mentions reports whether a text as Slack sends it mentions the user.
func Mentions(text, user string) bool {
	return user != "" && (strings.Contains(text, "<@"+user+">") || strings.Contains(text, "<@"+user+"|"))
}

// MentionsAnyone reports whether a text as Slack sends it mentions a person.
func MentionsAnyone(text string) bool { return userMention.MatchString(text) }

// WithoutMention removes the mentions of the user from a text as Slack sends it.
func WithoutMention(text, user string) string {
	return userMention.ReplaceAllStringFunc(text, func(found string) string {
		if Mentions(found, user) {
			return ""
		}
		return found
	})
}

// unescaper undoes the only three escapes that Slack makes, in one pass, so
// that "&amp;lt;" becomes "&lt;" and not "<".
var unescaper = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")

// PlainText returns a text as people read it: with the names of people and channels,
// written-out links and no escapes. The mentions of the user self are removed.
func PlainText(text, self string, n Names) string {
	var out strings.Builder
	text = WithoutMention(text, self)
	end := 0
	for _, at := range entity.FindAllStringSubmatchIndex(text, -1) {
		out.WriteString(unescaper.Replace(text[end:at[0]]))
		label := ""
		if at[4] >= 0 {
			label = text[at[4]:at[5]]
		}
		out.WriteString(unescaper.Replace(readableEntity(text[at[2]:at[3]], label, n)))
		end = at[1]
	}
	out.WriteString(unescaper.Replace(text[end:]))
	return strings.TrimSpace(out.String())
}

// readableEntity returns an entity as people read it.
func readableEntity(target, label string, n Names) string {
	switch {
	case strings.HasPrefix(target, "@"):
		return "@" + cmp.Or(n.User(target[1:]), label, target[1:])
	case strings.HasPrefix(target, "#"):
		return "#" + cmp.Or(label, n.Channel(target[1:]), target[1:])
	case strings.HasPrefix(target, "!"):
		return readableSpecial(target[1:], label)
	}
	address := strings.TrimPrefix(target, "mailto:")
	if label == "" || label == address || label == target {
		return address
	}
	return label + " (" + address + ")"
}

// readableSpecial returns <!here>, <!subteam^…> or <!date^…> as people read it.
func readableSpecial(word, label string) string {
	kind, rest, _ := strings.Cut(word, "^")
	if kind == "subteam" {
		return "@" + strings.TrimPrefix(cmp.Or(label, rest), "@")
	}
	return cmp.Or(label, "@"+kind)
}

// Truncate cuts a text to at most most bytes, between runes.
func Truncate(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + " …"
}
