package slackevent

import (
	"cmp"
	"regexp"
	"strconv"
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
	return readableLink(target, label)
}

// readableLink returns a link as people read it. Slack makes links of addresses that
// people type; those appear as they were typed.
func readableLink(target, label string) string {
	address := strings.TrimPrefix(strings.TrimPrefix(target, "mailto:"), "tel:")
	switch {
	case label == "":
		return address
	case bareAddress(label) == bareAddress(address), strings.HasPrefix(target, "tel:") && digits(label) == digits(address):
		return label
	}
	return label + " (" + address + ")"
}

// bareAddress returns an address without what people leave out when they type it.
func bareAddress(address string) string {
	address = strings.ToLower(strings.TrimSuffix(address, "/"))
	return strings.TrimPrefix(strings.TrimPrefix(address, "https://"), "http://")
}

// digits returns a telephone number without its punctuation.
func digits(number string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -.()/\u00a0", r) {
			return -1
		}
		return r
	}, number)
}

// readableSpecial returns <!here>, <!subteam^…> or <!date^…> as people read it.
func readableSpecial(word, label string) string {
	kind, rest, _ := strings.Cut(word, "^")
	switch kind {
	case "here", "channel", "everyone":
		return "@" + kind
	case "subteam":
		return "@" + strings.TrimPrefix(cmp.Or(label, rest), "@")
	case "date":
		seconds, _, _ := strings.Cut(rest, "^")
		at, _ := strconv.Atoi(seconds)
		return cmp.Or(label, unixTime(at), "@date")
	}
	return cmp.Or(label, "@"+kind)
}
