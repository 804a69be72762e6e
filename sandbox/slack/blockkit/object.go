package blockkit

import (
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"unicode/utf8"
)

// object is a JSON object that is checked. Its methods report what is wrong
// with a field. Only need reports an absent field.
type object struct {
	c      *checker
	at     string
	fields map[string]any
}

// kind is the object's "type", or "" if it has none.
func (o object) kind() string {
	kind, _ := o.fields["type"].(string)
	return kind
}

func (o object) has(name string) bool {
	_, ok := o.fields[name]
	return ok
}

func (o object) fail(format string, args ...any) { o.c.fail(o.at, format, args...) }

// only refuses other fields: Slack refuses the whole payload for one unknown
// field.
func (o object) only(names ...string) {
	for _, name := range slices.Sorted(maps.Keys(o.fields)) {
		if !slices.Contains(names, name) {
			o.fail("invalid additional property: %s", clip(name))
		}
	}
}

func (o object) need(names ...string) {
	for _, name := range names {
		if !o.has(name) {
			o.fail("missing required field: %s", name)
		}
	}
}

// string checks a string's length in characters (Unicode code points), and
// returns the string, or "" if there is none.
func (o object) string(name string, shortest, longest int) string {
	v, ok := o.fields[name]
	if !ok {
		return ""
	}
	s, ok := v.(string)
	if !ok {
		o.c.fail(o.at+"/"+name, "must provide a string")
		return ""
	}
	o.c.length(o.at+"/"+name, s, shortest, longest)
	return s
}

// length checks the length of a string. Slack counts Unicode code points here,
// neither bytes nor UTF-16 units: 12,000 Chinese characters are accepted where
// 12,000 are allowed.
func (c *checker) length(at, s string, shortest, longest int) {
	switch n := utf8.RuneCountInString(s); {
	case n < shortest:
		c.fail(at, "must be more than %d characters", shortest-1)
	case n > longest:
		c.fail(at, "must be less than %d characters", longest+1)
	}
}

// url checks an address that a person can open: http or https, with a host.
func (o object) url(name string, longest int) {
	s := o.string(name, 1, longest)
	if s == "" {
		return
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		o.c.fail(o.at+"/"+name, "invalid url")
	}
}

// enum checks that a string is one of a few.
func (o object) enum(name string, allowed ...string) {
	before := len(o.c.problems)
	s := o.string(name, 0, anyLength)
	if o.has(name) && len(o.c.problems) == before && !slices.Contains(allowed, s) {
		o.c.fail(o.at+"/"+name, "must be a valid enum value")
	}
}

func (o object) bools(names ...string) {
	for _, name := range names {
		if v, ok := o.fields[name]; ok {
			if _, ok := v.(bool); !ok {
				o.c.fail(o.at+"/"+name, "must provide a boolean")
			}
		}
	}
}

// isTrue reports whether a field is the boolean true.
func (o object) isTrue(name string) bool { return o.fields[name] == true }

// numeric checks a number, which may have a fraction.
func (o object) numeric(name string) {
	if v, ok := o.fields[name]; ok {
		if _, ok := v.(json.Number); !ok {
			o.c.fail(o.at+"/"+name, "must provide a number")
		}
	}
}

// integer checks a whole number between two limits, inclusive.
func (o object) integer(name string, least, most int64) {
	v, ok := o.fields[name]
	if !ok {
		return
	}
	at := o.at + "/" + name
	number, _ := v.(json.Number)
	n, err := number.Int64()
	switch {
	case err != nil:
		o.c.fail(at, "must provide an integer")
	case n < least:
		o.c.fail(at, "must be greater than or equal to %d", least)
	case n > most:
		o.c.fail(at, "must be less than or equal to %d", most)
	}
}

// child checks a field that is an object.
func (o object) child(name string, check func(object)) {
	if v, ok := o.fields[name]; ok {
		o.c.object(o.at+"/"+name, v, check)
	}
}

// list checks a field that is an array of objects.
func (o object) list(name string, fewest, most int, check func(object)) {
	o.array(name, fewest, most, func(at string, v any) { o.c.object(at, v, check) })
}

// array checks a field that is an array. It ignores items beyond the limit,
// which are already refused.
func (o object) array(name string, fewest, most int, check func(at string, v any)) {
	if v, ok := o.fields[name]; ok {
		o.c.array(o.at+"/"+name, v, fewest, most, check)
	}
}

func (c *checker) array(at string, v any, fewest, most int, check func(at string, v any)) {
	items, ok := v.([]any)
	if !ok {
		c.fail(at, "must provide an array")
		return
	}
	if len(items) < fewest {
		c.fail(at, "no less than %d items allowed", fewest)
	}
	if len(items) > most {
		c.fail(at, "no more than %d items allowed", most)
		items = items[:most]
	}
	for i, item := range items {
		check(at+"/"+strconv.Itoa(i), item)
	}
}

func (c *checker) object(at string, v any, check func(object)) {
	fields, ok := v.(map[string]any)
	if !ok {
		c.fail(at, "must provide an object")
		return
	}
	check(object{c: c, at: at, fields: fields})
}

// strings checks a field that is an array of strings, each one of the allowed
// values, if there are any.
func (o object) strings(name string, fewest, most int, allowed ...string) {
	o.array(name, fewest, most, func(at string, v any) {
		s, ok := v.(string)
		switch {
		case !ok:
			o.c.fail(at, "must provide a string")
		case len(allowed) > 0 && !slices.Contains(allowed, s):
			o.c.fail(at, "must be a valid enum value")
		}
	})
}

// clip shortens an untrusted word for a message.
func clip(s string) string {
	const longest = 80
	if utf8.RuneCountInString(s) <= longest {
		return s
	}
	return string([]rune(s)[:longest]) + "…"
}
