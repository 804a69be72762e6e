package slack

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// shape describes the values that Slack accepts at a place in a manifest. Its
// zero value accepts anything.
type shape struct {
	kind     kind
	keys     map[string]shape // possible keys of an object
	required []string         // required keys of an object
	each     *shape           // of the items of a list, or of the values of an object with free keys
	least    int              // characters of a text, items of a list, or keys of an object
	most     int              // the same; 0 means no limit
	pattern  *regexp.Regexp   // of a text; nil means any
	oneOf    []string         // texts; nil means any
	unique   bool             // no duplicate items in a list
}

// kind is the type of a value, as named in errors.
type kind string

const (
	anything kind = ""
	aMapping kind = "an object"
	aList    kind = "a list"
	aText    kind = "a text"
	aFlag    kind = "true or false"
	aNumber  kind = "a whole number"
)

// problem is what is wrong at a place in a manifest.
type problem struct {
	path string // such as features.slash_commands[0]; empty for the manifest
	text string
}

// Error returns the place and what is wrong there.
func (p problem) Error() string {
	if p.path == "" {
		return "the manifest " + p.text
	}
	return p.path + " " + p.text
}

// pointer returns the place as a JSON pointer.
func (p problem) pointer() string {
	return "/" + strings.NewReplacer("[", "/", "]", "", ".", "/").Replace(p.path)
}

// problems returns the problems in an error that joins or wraps them.
func problems(err error) []problem {
	switch e := err.(type) {
	case problem:
		return []problem{e}
	case interface{ Unwrap() []error }:
		var all []problem
		for _, inner := range e.Unwrap() {
			all = append(all, problems(inner)...)
		}
		return all
	case interface{ Unwrap() error }:
		return problems(e.Unwrap())
	}
	return []problem{{"", err.Error()}}
}

// check returns the errors that Slack would report for the value at the path.
func (s shape) check(path string, value any) []error {
	if s.kind != anything && kindOf(value) != s.kind {
		return []error{problem{path, "must be " + string(s.kind)}}
	}
	switch v := value.(type) {
	case map[string]any:
		return s.checkObject(path, v)
	case []any:
		return s.checkList(path, v)
	case string:
		return s.checkText(path, v)
	}
	return nil
}

// kindOf returns the type of a decoded value.
func kindOf(value any) kind {
	switch value.(type) {
	case map[string]any:
		return aMapping
	case []any:
		return aList
	case string:
		return aText
	case bool:
		return aFlag
	case int, int64, uint64:
		return aNumber
	}
	return "something else"
}

func (s shape) checkObject(path string, object map[string]any) []error {
	var errs []error
	if n := len(object); s.most > 0 && n > s.most {
		errs = append(errs, problem{path, fmt.Sprintf("has %d keys, must have %s", n, s.limits())})
	}
	for _, key := range s.required {
		if _, given := object[key]; !given {
			errs = append(errs, problem{join(path, key), "is missing"})
		}
	}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		inside, known := s.keys[key]
		switch {
		case known:
			errs = append(errs, inside.check(join(path, key), object[key])...)
		case s.each != nil:
			errs = append(errs, s.each.check(join(path, key), object[key])...)
		case s.keys != nil:
			known := strings.Join(slices.Sorted(maps.Keys(s.keys)), ", ")
			errs = append(errs, problem{join(path, key), "is not a key that a manifest has; there could be " + known})
		}
	}
	return errs
}

func (s shape) checkList(path string, list []any) []error {
	var errs []error
	if n := len(list); n < s.least || s.most > 0 && n > s.most {
		errs = append(errs, problem{path, fmt.Sprintf("has %d items, must have %s", n, s.limits())})
	}
	seen := make(map[string]bool, len(list))
	for i, item := range list {
		text, isText := item.(string)
		if s.unique && isText && seen[text] {
			errs = append(errs, problem{path, fmt.Sprintf("has %q twice", text)})
		}
		seen[text] = isText
		if s.each != nil {
			errs = append(errs, s.each.check(fmt.Sprintf("%s[%d]", path, i), item)...)
		}
	}
	return errs
}

func (s shape) checkText(path, text string) []error {
	n := utf8.RuneCountInString(text)
	switch {
	case n < s.least || s.most > 0 && n > s.most:
		return []error{problem{path, fmt.Sprintf("has %d characters, must have %s", n, s.limits())}}
	case s.oneOf != nil && !slices.Contains(s.oneOf, text):
		return []error{problem{path, fmt.Sprintf("is %q, must be %s", text, strings.Join(s.oneOf, " or "))}}
	case s.pattern != nil && !s.pattern.MatchString(text):
		return []error{problem{path, fmt.Sprintf("is %q, must match %s", text, s.pattern)}}
	}
	return nil
}

// limits describes the allowed lengths.
func (s shape) limits() string {
	switch {
	case s.most == 0:
		return fmt.Sprintf("at least %d", s.least)
	case s.least == 0:
		return fmt.Sprintf("at most %d", s.most)
	}
	return fmt.Sprintf("%d to %d", s.least, s.most)
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
