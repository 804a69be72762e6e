package slack

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

const (
	// ErrAmbiguousAction: several elements have this action_id.
	ErrAmbiguousAction Error = "ambiguous_action"
	// ErrTooManyFiles: more files than the element accepts.
	ErrTooManyFiles Error = "too_many_files"
)

// defaultMaxFiles is the limit of a file_input without an explicit one. See
// https://docs.slack.dev/reference/block-kit/block-elements/file-input-element.
const defaultMaxFiles = 10

// Input is a user's input or choice in an element of a message or view.
type Input struct {
	// Element is the element's action_id, or its block_id, a slash and its
	// action_id. An action_id must be unique only within its block.
	Element string
	// Values are the entered value or the selected ones; none empties the element.
	// Dates with times are in Unix seconds. Rich text is typed text, or a
	// rich_text object in JSON.
	Values []string
	// Files are for a file_input. A file with an ID that the same user has shared
	// before is that file.
	Files []File

	joined bool // the only value is a comma-separated list
}

// inputs returns values by element; several values of one element are separated
// by commas.
func inputs(values map[string]string) []Input {
	all := make([]Input, 0, len(values))
	for _, name := range slices.Sorted(maps.Keys(values)) {
		all = append(all, joined(name, values[name]))
	}
	return all
}

// joined returns an input with a comma-separated list; empty means none.
func joined(name, value string) Input {
	if value == "" {
		return Input{Element: name}
	}
	return Input{Element: name, Values: []string{value}, joined: true}
}

// picks returns the values in the form that the element accepts.
func (in Input) picks(e element) []string {
	if in.joined && several(reportings[e.kind()].field) {
		return strings.Split(in.Values[0], ",")
	}
	return in.Values
}

// find returns the index of the element with this block_id and action_id, or
// else of the only one with the action_id.
func find(all []element, name string) (int, error) {
	for _, is := range []func(element) bool{
		func(e element) bool { return e.blockID+"/"+e.actionID == name },
		func(e element) bool { return e.actionID == name },
	} {
		var found []int
		for i, e := range all {
			if is(e) {
				found = append(found, i)
			}
		}
		switch len(found) {
		case 0:
		case 1:
			return found[0], nil
		default:
			return 0, fmt.Errorf("%s is in %d blocks, so name one, as in %q: %w", name, len(found), all[found[0]].blockID+"/"+all[found[0]].actionID, ErrAmbiguousAction)
		}
	}
	return 0, fmt.Errorf("%s: %w", name, ErrActionNotFound)
}

// values is the state of a message or view: reports by block_id and action_id.
type values map[string]map[string]object

func (v values) put(e element, report object) {
	if v[e.blockID] == nil {
		v[e.blockID] = make(map[string]object)
	}
	v[e.blockID][e.actionID] = report
}

// state returns the state of the elements after the user's inputs; other
// elements have their initial value. The caller must hold mu.
func (w *Workspace) state(user string, all []element, entered []Input) (values, error) {
	given := make(map[int]Input, len(entered))
	for _, in := range entered {
		i, err := find(all, in.Element)
		if err != nil {
			return nil, err
		}
		given[i] = in
	}
	state := make(values)
	for i, e := range all {
		if !e.stateful() {
			continue
		}
		report := e.untouched()
		if in, named := given[i]; named {
			var err error
			if report, err = w.entered(user, e, in); err != nil {
				return nil, err
			}
		}
		state.put(e, report)
	}
	return state, nil
}

// entered returns the element's report of an input. The caller must hold mu.
func (w *Workspace) entered(user string, e element, in Input) (object, error) {
	if e.kind() != "file_input" {
		return e.answer(in.picks(e))
	}
	if len(in.Files) > e.maxFiles() {
		return nil, fmt.Errorf("sharing %d files in %s, which accepts %d: %w", len(in.Files), e.actionID, e.maxFiles(), ErrTooManyFiles)
	}
	files, err := w.shared(user, in.Files)
	if err != nil {
		return nil, fmt.Errorf("sharing files in %s: %w", e.actionID, err)
	}
	report, list := e.report(), []any{}
	for _, shown := range w.apiFiles(files) {
		list = append(list, shown)
	}
	report["files"] = list
	return report, nil
}

func (e element) maxFiles() int {
	number, _ := e.fields["max_files"].(json.Number)
	if n, err := number.Int64(); err == nil {
		return int(n)
	}
	return defaultMaxFiles
}

// used returns the entry of "actions" for the use of an element, the element,
// and the state of all elements. The caller must hold mu.
func (w *Workspace) used(user string, all []element, in Input, others []Input) (object, element, values, error) {
	if !w.manifest.interactive() {
		return nil, element{}, nil, ErrNotInteractive
	}
	i, err := find(all, in.Element)
	if err != nil {
		return nil, element{}, nil, err
	}
	e := all[i]
	state, err := w.state(user, all, append(others[:len(others):len(others)], in))
	if err != nil {
		return nil, element{}, nil, err
	}
	action := maps.Clone(state[e.blockID][e.actionID])
	if !e.stateful() {
		if action, err = e.answer(in.Values); err != nil {
			return nil, element{}, nil, err
		}
	}
	action["action_id"], action["block_id"], action["action_ts"] = e.actionID, e.blockID, w.newTS()
	return action, e, state, nil
}
