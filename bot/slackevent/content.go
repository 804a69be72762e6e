package slackevent

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// MaxContent is the length of [Message.Content], in characters. Slack allows a text as
// many.
// https://docs.slack.dev/reference/methods/chat.postMessage/#truncating
const MaxContent = 40_000

// The limits of one message's blocks, attachments and files. Slack's own are far lower;
// these keep an odd message from using up time and memory.
const (
	maxPart     = 2 << 20 // bytes of JSON of each of the three
	maxNodes    = 20_000  // objects and table rows in all
	maxDepth    = 8       // blocks within blocks
	maxForwards = 2       // forwarded messages within each other
)

// tooLarge is the note in a text that misses what is beyond these limits.
const tooLarge = "[cut: the message is too large to read all of it]"

// body has the fields of a message that people read. All but the text are decoded later,
// one by one: an odd one hides no other.
type body struct {
	Text        looseString     `json:"text"`
	Blocks      json.RawMessage `json:"blocks"`
	Attachments json.RawMessage `json:"attachments"`
	Files       json.RawMessage `json:"files"`
}

// content is a message as text, with entities and escapes as in Slack's own text.
type content struct {
	words  string // the sender's own
	whole  string // the words and everything else, at most [MaxContent] characters
	unread []string
	files  []File
}

// read returns the message as text. The words of a message are its text or, without one,
// its blocks. A person's text says the same as the blocks, but has no tables; a bot's is
// for notifications and can be shorter. Previews of links are left out, because Slack
// makes them, not the sender.
// https://docs.slack.dev/messaging/#composing-messages
func (b body) read(byBot bool) content {
	r := &reader{left: maxNodes}
	blocks, words := r.objects(r.decode(b.Blocks)), string(b.Text)
	var parts []string
	switch {
	case strings.TrimSpace(words) == "":
		words = r.blocks(blocks)
		parts = append(parts, words)
	case byBot:
		shown := r.blocks(blocks)
		if utf8.RuneCountInString(shown) <= utf8.RuneCountInString(words) {
			shown = words
		}
		parts = append(parts, shown)
	default:
		parts = append(parts, words, r.tables(blocks))
	}
	parts = append(parts, r.attachments(r.objects(r.decode(b.Attachments))))
	files := r.objects(r.decode(b.Files))
	parts = append(parts, r.files(files))
	if r.cut {
		parts = append(parts, tooLarge)
	}
	c := content{words: words, whole: Cut(paragraphs(parts...), MaxContent), unread: r.unread}
	for _, file := range files {
		c.files = append(c.files, File{Name: file.text("name"), User: file.text("user")})
	}
	return c
}

// reader turns the parts of one message into text, within limits.
type reader struct {
	left     int  // objects that may still be read
	depth    int  // of the current block
	forwards int  // around the current attachment
	cut      bool // a limit was reached
	unread   []string
}

// node is a JSON object.
type node map[string]any

// text returns a field; empty if it is no string.
func (n node) text(name string) string {
	text, _ := n[name].(string)
	return text
}

// first returns the first field with a text.
func (n node) first(names ...string) string {
	for _, name := range names {
		if text := n.text(name); strings.TrimSpace(text) != "" {
			return text
		}
	}
	return ""
}

// object returns a field; nil if it is no object.
func (n node) object(name string) node {
	object, _ := n[name].(map[string]any)
	return object
}

// number returns a field as a whole number; 0 if it is none.
func (n node) number(name string) int {
	number, _ := n[name].(float64)
	return int(min(max(number, -math.MaxInt32), math.MaxInt32))
}

// decode decodes a part of a message; nil if that is too large or no JSON.
func (r *reader) decode(raw json.RawMessage) (value any) {
	if len(raw) > maxPart {
		r.cut = true
		return nil
	}
	_ = json.Unmarshal(raw, &value) // a missing part is empty
	return value
}

// take reports whether one more object may be read.
func (r *reader) take() bool {
	if r.left == 0 {
		r.cut = true
		return false
	}
	r.left--
	return true
}

// objects returns the objects of an array; nothing if the value is none.
func (r *reader) objects(value any) []node {
	all, _ := value.([]any)
	var found []node
	for _, one := range all {
		if !r.take() {
			break
		}
		object, _ := one.(map[string]any)
		found = append(found, object)
	}
	return found
}

// Readable reports whether there is anything to read in the message besides mentions of
// the user self, and the names of files that cannot be read.
func (m Message) Readable(self string) bool {
	for line := range strings.Lines(WithoutMention(m.Content, self)) {
		for strings.HasPrefix(line, quoteMark) {
			line = strings.TrimPrefix(line, quoteMark)
		}
		if line = strings.TrimSpace(line); line != "" && !unreadLine.MatchString(line) && !forwardLine.MatchString(line) {
			return true
		}
	}
	return false
}

// Cut cuts a text to at most most characters, including a note that says how many
// characters are missing. The note needs up to 40.
func Cut(text string, most int) string {
	const note = 40
	length := utf8.RuneCountInString(text)
	if length <= most {
		return text
	}
	kept := strings.TrimRight(text[:prefix(text, max(most-note, 0))], " \n")
	return fmt.Sprintf("%s [cut: %s more characters]", kept, thousands(length-utf8.RuneCountInString(kept)))
}

// Truncate cuts a text to at most most characters.
func Truncate(text string, most int) string {
	end := prefix(text, most)
	if end == len(text) {
		return text
	}
	return text[:end] + " …"
}

// prefix returns how many bytes the first characters of a text have.
func prefix(text string, characters int) int {
	for at := range text {
		if characters == 0 {
			return at
		}
		characters--
	}
	return len(text)
}

// thousands returns a number with separators, as in 1,200.
func thousands(n int) string {
	digits := strconv.Itoa(n)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

// escaper makes Slack's three escapes, so that nothing in a plain text becomes an entity.
// https://docs.slack.dev/messaging/formatting-message-text/#escaping
var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// escape returns a plain text in the form of Slack's text.
func escape(text string) string { return escaper.Replace(text) }

// maxLabel bounds the names of files and authors in a text, in characters.
const maxLabel = 200

// label returns a name on one line.
func label(text string) string { return Truncate(oneLine(text), maxLabel) }

// oneLine joins the words of a text with single spaces.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// quoteMark starts each line of a quotation. It is escaped, as in Slack's text.
const quoteMark = "&gt; "

// lineBreaks are all that can look like the start of a line.
var lineBreaks = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\v", "\n", "\f", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n")

// quote marks each line of a text as quoted.
func quote(text string) string {
	return quoteMark + strings.ReplaceAll(lineBreaks.Replace(strings.TrimSpace(text)), "\n", "\n"+quoteMark)
}

// lines joins texts that are not blank, each on a line.
func lines(texts ...string) string { return joined("\n", texts) }

// paragraphs joins texts that are not blank with a blank line between them.
func paragraphs(texts ...string) string { return joined("\n\n", texts) }

func joined(separator string, texts []string) string {
	var filled []string
	for _, text := range texts {
		if strings.TrimSpace(text) != "" {
			filled = append(filled, text)
		}
	}
	return strings.Join(filled, separator)
}
