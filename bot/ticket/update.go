package ticket

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"enjobridge/enjo"
)

// update is what a ticketing system reports about a ticket.
type update struct {
	ticket enjo.Ticket
	// closed says that the system counts the ticket's status as closed, whatever its name.
	closed bool
	// understood says that at least one field was understood.
	understood bool
}

// errNothingUnderstood says that an update has no known field.
var errNothingUnderstood = errors.New("no field of the update is understood: " +
	"send at least one of status, priority, type, url, description, created and lastModified")

// decodeUpdate decodes an update of a ticket. It accepts the documented names, those of
// Jira's issues (with their "fields") and those of ServiceNow's records, and ignores
// case, spaces and underscores. A value is a text, a number, or an object with a name.
func decodeUpdate(body []byte) (update, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil {
		return update{}, fmt.Errorf("the update is not a JSON object: %w", err)
	}
	var u update
	u.read(fields, 0)
	if !u.understood {
		return update{}, errNothingUnderstood
	}
	return u, nil
}

// wrappers are the plain names of the objects in which systems send a ticket's fields.
var wrappers = []string{"fields", "issue", "record", "ticket", "data", "result", "incident", "ticketdetails", "task", "current", "payload"}

// maxWrappers bounds how deep a ticket can be wrapped.
const maxWrappers = 3

// read reads the fields of an object. ServiceNow's display values (dv_ before the name)
// take precedence over the values, which often are numbers.
func (u *update) read(fields map[string]json.RawMessage, depth int) {
	names := slices.Sorted(maps.Keys(fields))
	for _, displayed := range []bool{false, true} {
		for _, name := range names {
			if plain, dv := strings.CutPrefix(plainName(name), "dv"); dv == displayed {
				u.readValue(plain, fields[name], depth)
			}
		}
	}
}

// readValue reads one field by its plain name, or the fields of a wrapper.
func (u *update) readValue(name string, value json.RawMessage, depth int) {
	if slices.Contains(wrappers, name) {
		if inner := unwrapped(value); inner != nil && depth < maxWrappers {
			u.read(inner, depth+1)
		}
		return
	}
	u.closed = u.closed || isClosedField(name, value)
	content := text(value, 0)
	isEmpty := bytes.Equal(value, []byte("null")) || bytes.Equal(value, []byte(`""`))
	if known := u.readField(name, content); known && (content != "" || isEmpty) {
		u.understood = true
	}
}

// unwrapped returns the fields of an object, or of the only object of an array; nil if
// the value is neither.
func unwrapped(value json.RawMessage) map[string]json.RawMessage {
	var inner map[string]json.RawMessage
	if json.Unmarshal(value, &inner) == nil {
		return inner
	}
	var list []map[string]json.RawMessage
	if json.Unmarshal(value, &list) == nil && len(list) == 1 {
		return list[0]
	}
	return nil
}

// readField sets one field, unless the text is empty, and reports whether its plain name
// is known.
func (u *update) readField(name, text string) (known bool) {
	set := func(field *string) bool {
		if text != "" {
			*field = text
		}
		return true
	}
	setTime := func(field *enjo.Time) bool {
		if text != "" {
			*field = parseTime(text)
		}
		return true
	}
	switch name {
	case "status", "state", "incidentstate":
		return set(&u.ticket.Status)
	case "priority":
		return set(&u.ticket.Priority)
	case "type", "issuetype", "sysclassname":
		return set(&u.ticket.Type)
	case "url", "link":
		return set(&u.ticket.URL)
	case "description":
		return set(&u.ticket.Description)
	case "lastmodified", "lastmodifieddate", "updated", "updatedat", "sysupdatedon":
		return setTime(&u.ticket.Modified)
	case "created", "createddate", "createdat", "syscreatedon":
		return setTime(&u.ticket.Created)
	}
	return false
}

// isClosedField reports whether a field says that the ticket is closed. Administrators of
// Jira can name a status freely, but its category is fixed.
// https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-workflow-status-categories/
func isClosedField(name string, value json.RawMessage) bool {
	var object map[string]json.RawMessage
	switch name {
	case "status":
		return json.Unmarshal(value, &object) == nil && isClosedField("statuscategory", object["statusCategory"])
	case "statuscategory":
		return json.Unmarshal(value, &object) == nil && text(object["key"], 0) == "done"
	}
	return false
}

// plainName normalises a field's name: systems differ in case and separators.
func plainName(name string) string {
	return strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.ToLower(name))
}

// text returns a value as a text: the text, the number, or the object's name.
func text(value json.RawMessage, depth int) string {
	var word string
	if json.Unmarshal(value, &word) == nil {
		return strings.TrimSpace(word)
	}
	var number json.Number
	if json.Unmarshal(value, &number) == nil {
		return number.String()
	}
	var named map[string]json.RawMessage
	if depth > 2 || json.Unmarshal(value, &named) != nil {
		return ""
	}
	for _, name := range []string{"display_value", "name", "value"} {
		if found := text(named[name], depth+1); found != "" {
			return found
		}
	}
	return ""
}

// parseTime parses a time, also one in milliseconds since 1970 with 12 or 13 digits (from
// 1973 on).
func parseTime(text string) enjo.Time {
	if n := len(text); n == 12 || n == 13 {
		if at, err := strconv.ParseInt(text, 10, 64); err == nil && at > 0 {
			return enjo.Time{At: time.UnixMilli(at).UTC(), Raw: text}
		}
	}
	return enjo.ParseTime(text)
}
