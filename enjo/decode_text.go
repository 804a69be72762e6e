package enjo

import (
	"bytes"
	"encoding/json"
	"iter"
	"strings"
)

// The types in this file accept any JSON, because a value of an unexpected type
// must not lose the others. If a name occurs twice, or in another case, the
// first one with a value counts.

// value is any JSON except null.
type value []byte

// UnmarshalJSON stores a copy of raw.
func (v *value) UnmarshalJSON(raw []byte) error {
	if *v == nil && !bytes.Equal(raw, []byte("null")) {
		*v = bytes.Clone(raw)
	}
	return nil
}

// text is a string, or a readable form of any other value.
type text string

// UnmarshalJSON never fails.
func (t *text) UnmarshalJSON(raw []byte) error {
	if *t == "" {
		*t = text(readable(raw, "\n"))
	}
	return nil
}

// paragraphs separates paragraphs in Markdown.
const paragraphs = "\n\n"

// prose is text in Markdown.
type prose string

// UnmarshalJSON never fails.
func (p *prose) UnmarshalJSON(raw []byte) error {
	if *p == "" {
		*p = prose(readable(raw, paragraphs))
	}
	return nil
}

// identifier is a string or a number. Other values are dropped, because they
// could not be sent back to the API.
type identifier string

// UnmarshalJSON never fails.
func (i *identifier) UnmarshalJSON(raw []byte) error {
	if c := raw[0]; *i == "" && (c == '"' || c == '-' || c >= '0' && c <= '9') {
		*i = identifier(scalar(raw))
	}
	return nil
}

// readable returns valid JSON as text: a string as it is, an array as its
// elements with a separator between them, an object as lines of "name: value".
func readable(raw []byte, separator string) string {
	switch raw[0] {
	case '{':
		return lines(raw)
	case '[':
		var j joined
		for e := range elements(raw) {
			if e[0] == '{' {
				j.add(lines(e), separator)
			} else {
				j.add(inline(e), separator)
			}
		}
		return j.String()
	}
	return scalar(raw)
}

// lines returns an object as lines of "name: value", without the empty values.
func lines(object []byte) string {
	var j joined
	for name, v := range members(object) {
		if said := inline(v); said != "" {
			j.add(name+": "+said, "\n")
		}
	}
	return j.String()
}

// inline returns a value that is part of another one: a string as it is, a list
// of strings as "a, b", and deeper values as compact JSON.
func inline(raw []byte) string {
	switch {
	case raw[0] == '[' && isFlat(raw):
		var j joined
		for e := range elements(raw) {
			j.add(scalar(e), ", ")
		}
		return j.String()
	case isNested(raw):
		var b bytes.Buffer
		if err := json.Compact(&b, raw); err != nil {
			return ""
		}
		return strings.ToValidUTF8(b.String(), "�")
	}
	return scalar(raw)
}

// joined is text that is joined from parts.
type joined struct{ strings.Builder }

// add appends a part after the separator, unless the part is empty.
func (j *joined) add(part, separator string) {
	if part == "" {
		return
	}
	if j.Len() > 0 {
		j.WriteString(separator)
	}
	j.WriteString(part)
}

func isNested(raw []byte) bool { return raw[0] == '{' || raw[0] == '[' }

// isFlat reports whether an array contains no objects or arrays.
func isFlat(array []byte) bool {
	for e := range elements(array) {
		if isNested(e) {
			return false
		}
	}
	return true
}

// scalar returns a string, a number or a boolean as text; null is empty.
func scalar(raw []byte) string {
	switch raw[0] {
	case '"':
		var s string
		if err := json.Unmarshal(raw, &s); err != nil {
			return ""
		}
		return s
	case 'n':
		return ""
	}
	return string(raw)
}

// elements iterates over an array, with one element in memory at a time.
func elements(array []byte) iter.Seq[json.RawMessage] {
	return func(yield func(json.RawMessage) bool) {
		dec := json.NewDecoder(bytes.NewReader(array))
		_, err := dec.Token()
		for err == nil && dec.More() {
			var e json.RawMessage
			if err = dec.Decode(&e); err == nil && !yield(e) {
				return
			}
		}
	}
}

// members iterates over an object in order, with one member in memory at a
// time.
func members(object []byte) iter.Seq2[string, json.RawMessage] {
	return func(yield func(string, json.RawMessage) bool) {
		dec := json.NewDecoder(bytes.NewReader(object))
		_, err := dec.Token()
		for err == nil && dec.More() {
			var name json.Token
			if name, err = dec.Token(); err != nil {
				return
			}
			var v json.RawMessage
			if err = dec.Decode(&v); err == nil && !yield(name.(string), v) {
				return
			}
		}
	}
}
