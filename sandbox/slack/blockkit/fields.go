package blockkit

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

// fields is a JSON object that is rendered, not checked: a field that is
// missing or of another type is the zero value.
type fields map[string]any

// kind is the object's "type".
func (f fields) kind() string { return f.string("type") }

func (f fields) string(name string) string {
	s, _ := f[name].(string)
	return s
}

func (f fields) bool(name string) bool {
	b, _ := f[name].(bool)
	return b
}

func (f fields) int(name string) int {
	number, _ := f[name].(json.Number)
	n, _ := strconv.Atoi(number.String())
	return n
}

func (f fields) has(name string) bool {
	_, ok := f[name]
	return ok
}

// object returns a field that is an object, or nil.
func (f fields) object(name string) fields {
	object, _ := f[name].(map[string]any)
	return object
}

// objects returns a field that is an array of objects. Other values in it are
// shown as unknown objects.
func (f fields) objects(name string) []fields {
	items, _ := f[name].([]any)
	return toObjects(items)
}

func toObjects(items []any) []fields {
	objects := make([]fields, len(items))
	for i, item := range items {
		object, ok := item.(map[string]any)
		if !ok {
			object = map[string]any{"value": item}
		}
		objects[i] = object
	}
	return objects
}

func (f fields) strings(name string) []string {
	items, _ := f[name].([]any)
	var all []string
	for _, item := range items {
		if s, ok := item.(string); ok {
			all = append(all, s)
		}
	}
	return all
}

// text parses a text object.
func (f fields) text(name string) []node { return parseTextObject(f.object(name)) }

// parseTextObject parses a text object: mrkdwn is parsed, plain text is literal
// except for emoji.
func parseTextObject(f fields) []node {
	switch {
	case f == nil:
		return nil
	case f.kind() == "mrkdwn":
		return parseMrkdwn(f.string("text"))
	case f.kind() != "plain_text":
		return []node{unknown(f)}
	case f["emoji"] == false:
		return []node{textNode(f.string("text"))}
	}
	return withEmoji(f.string("text"))
}

// label is the text of a text object without markup, for attributes.
func (f fields) label(name string, r Resolver) string {
	return inlineText(f.text(name), r)
}

// unknown is the node for an unknown object.
func unknown(f fields) node {
	return node{kind: nodeUnknown, id: f.kind(), text: f.json()}
}

// json is the object as JSON, shortened if it is long. Only short JSON is
// indented, because indenting takes memory quadratic in the nesting depth.
func (f fields) json() string {
	const longest = 4000
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(map[string]any(f)); err != nil {
		return err.Error()
	}
	if b.Len() > longest {
		return strings.ToValidUTF8(b.String()[:longest], "") + "…"
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, []byte(strings.TrimSpace(b.String())), "", "  "); err != nil {
		return err.Error()
	}
	return indented.String()
}

// parseBlocks parses an array of blocks. Anything else is one unknown block.
func parseBlocks(raw json.RawMessage) []fields {
	if len(raw) == 0 {
		return nil
	}
	if len(raw) > maxPayload {
		return []fields{{"value": "too long to be shown: " + strconv.Itoa(len(raw)) + " bytes"}}
	}
	v, err := decode(raw)
	if err != nil {
		return []fields{{"value": string(raw)}}
	}
	items, ok := v.([]any)
	if !ok {
		return []fields{{"value": v}}
	}
	return toObjects(items)
}
