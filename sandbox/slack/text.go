package slack

import (
	"encoding/json"
	"regexp"
	"strings"
)

var (
	// entity matches an entity in angle brackets, which a client sends for an item
	// that its user selected from a list.
	entity = regexp.MustCompile(`<(?:@[UW][A-Z0-9]+|#[CG][A-Z0-9]+(?:\|[^<>|]*)?|!(?:here|channel|everyone)|!subteam\^S[A-Z0-9]+)>`)
	// link matches text that a client turns into a link.
	link = regexp.MustCompile(`https?://[^\s<>|]*[^\s<>|.,;:!?'")\]]|[\w.+-]+@[\w-]+\.[\w.-]*\w`)
	// token matches an entity or link in a stored text.
	token = regexp.MustCompile(`<([^<>]+)>`)

	// emojiName matches an emoji's name, with an optional skin tone.
	emojiName = regexp.MustCompile(`^[a-z0-9_+'-]{1,100}(?:::skin-tone-[2-6])?$`)

	escaper   = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	unescaper = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")
)

// typed returns the stored form of a typed text. See
// https://docs.slack.dev/messaging/formatting-message-text#escaping.
func typed(text string) string {
	var b strings.Builder
	write := func(s string) { b.WriteString(s) }
	eachMatch(entity, text, write, func(plain string) {
		eachMatch(link, plain, func(url string) {
			if strings.Contains(url, "://") {
				write("<" + escaper.Replace(url) + ">")
			} else {
				write("<mailto:" + url + "|" + url + ">")
			}
		}, func(s string) { write(escaper.Replace(s)) })
	})
	return b.String()
}

// eachMatch calls hit for each match of the pattern and miss for each piece
// between, in order.
func eachMatch(pattern *regexp.Regexp, text string, hit, miss func(string)) {
	from := 0
	for _, at := range pattern.FindAllStringIndex(text, -1) {
		if at[0] > from {
			miss(text[from:at[0]])
		}
		hit(text[at[0]:at[1]])
		from = at[1]
	}
	if from < len(text) {
		miss(text[from:])
	}
}

// richText returns the blocks that a client sends with a text.
func richText(text, blockID string) json.RawMessage {
	return mustJSON([]object{{"type": "rich_text", "block_id": blockID, "elements": []object{richSection(text)}}})
}

// richSection returns the rich text section of a stored text.
func richSection(text string) object {
	var elements []object
	eachMatch(token, text, func(found string) {
		elements = append(elements, richElement(found[1:len(found)-1]))
	}, func(plain string) {
		elements = append(elements, object{"type": "text", "text": unescaper.Replace(plain)})
	})
	return object{"type": "rich_text_section", "elements": elements}
}

// richElement returns the rich text element for the content of <>.
func richElement(inside string) object {
	target, label, labelled := strings.Cut(inside, "|")
	switch {
	case strings.HasPrefix(target, "@"):
		return object{"type": "user", "user_id": target[1:]}
	case strings.HasPrefix(target, "#"):
		return object{"type": "channel", "channel_id": target[1:]}
	case strings.HasPrefix(target, "!subteam^"):
		return object{"type": "usergroup", "usergroup_id": strings.TrimPrefix(target, "!subteam^")}
	case strings.HasPrefix(target, "!"):
		return object{"type": "broadcast", "range": target[1:]}
	}
	element := object{"type": "link", "url": unescaper.Replace(target)}
	if labelled {
		element["text"] = unescaper.Replace(label)
	}
	return element
}

// mustJSON encodes a value from this package, which cannot fail.
func mustJSON(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic("slack: encoding own JSON: " + err.Error())
	}
	return b
}
