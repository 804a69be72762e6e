package bot

import (
	"cmp"
	"regexp"
	"strings"
)

// names tells what people and channels are called; an unknown one is "".
type names struct {
	user    func(id string) string
	channel func(id string) string
}

// entity is what Slack puts between < and > in a text: a mention, a channel, a
// link or a special word, with an optional label behind a bar.
// https://docs.slack.dev/messaging/formatting-message-text/#retrieving-messages
var entity = regexp.MustCompile(`<([^<>|]*)(?:\|([^<>]*))?>`)

// userMention matches the mention of any person.
var userMention = regexp.MustCompile(`<@[UW][A-Z0-9]+(?:\|[^<>]*)?>`)

// mentions reports whether a text as Slack sends it mentions the user.
func mentions(text, user string) bool {
	return user != "" && (strings.Contains(text, "<@"+user+">") || strings.Contains(text, "<@"+user+"|"))
}

// mentionsAnyone reports whether a text as Slack sends it mentions a person.
func mentionsAnyone(text string) bool { return userMention.MatchString(text) }

// withoutMention takes the mentions of the user out of a text as Slack sends it.
func withoutMention(text, user string) string {
	return userMention.ReplaceAllStringFunc(text, func(found string) string {
		if mentions(found, user) {
			return ""
		}
		return found
	})
}

// unescaper undoes the only three escapes that Slack makes, in one pass, so
// that "&amp;lt;" becomes "&lt;" and not "<".
var unescaper = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")

// readableText turns a text as Slack sends it into what a person reads: people
// and channels by name, links written out, escapes undone, the bot itself left out.
func readableText(text, self string, n names) string {
	var out strings.Builder
	text = withoutMention(text, self)
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

// readableEntity is what a person reads of one entity.
func readableEntity(target, label string, n names) string {
	switch {
	case strings.HasPrefix(target, "@"):
		return "@" + cmp.Or(n.user(target[1:]), label, target[1:])
	case strings.HasPrefix(target, "#"):
		return "#" + cmp.Or(label, n.channel(target[1:]), target[1:])
	case strings.HasPrefix(target, "!"):
		return readableSpecial(target[1:], label)
	}
	address := strings.TrimPrefix(target, "mailto:")
	if label == "" || label == address || label == target {
		return address
	}
	return label + " (" + address + ")"
}

// readableSpecial is what a person reads of <!here>, <!subteam^…> and <!date^…>.
func readableSpecial(word, label string) string {
	kind, rest, _ := strings.Cut(word, "^")
	if kind == "subteam" {
		return "@" + strings.TrimPrefix(cmp.Or(label, rest), "@")
	}
	return cmp.Or(label, "@"+kind)
}

// words matches each word of a text.
var words = regexp.MustCompile(`[\pL\pN]+`)

// withoutWordsOf returns what an error says without the words of a text: an API
// may repeat what it was asked, and what people write must not get into the log.
func withoutWordsOf(text, said string) string {
	of := make(map[string]bool)
	for _, word := range words.FindAllString(strings.ToLower(text), -1) {
		of[word] = true
	}
	return words.ReplaceAllStringFunc(said, func(word string) string {
		if of[strings.ToLower(word)] {
			return "…"
		}
		return word
	})
}
