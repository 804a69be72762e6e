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

// update are what a ticketing system tells of a ticket.
type update struct {
	ticket enjo.Ticket
	// done says that the system counts the ticket's status among those in which a
	// ticket is done with, whatever it is called.
	done bool
	// understood says that at least one field was.
	understood bool
}

// errNothingUnderstood says that news do not say anything.
var errNothingUnderstood = errors.New("no field of the news is understood: send at least one of status, priority, type, url, description, created and lastModified")

// decodeUpdate reads what a ticketing system tells of a ticket. It takes the names
// of the documentation, those of Jira's issues (with their "fields") and those of
// ServiceNow's records, without regard to case, spaces and underscores; each
// value as a text, a number, or an object that has a name.
func decodeUpdate(body []byte) (update, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil {
		return update{}, fmt.Errorf("news of a ticket are not a JSON object: %w", err)
	}
	var told update
	told.read(fields, 0)
	if !told.understood {
		return update{}, errNothingUnderstood
	}
	return told, nil
}

// wrappers are the plain names of what systems put a ticket's fields into.
var wrappers = []string{"fields", "issue", "record", "ticket", "data", "result", "incident", "ticketdetails", "task", "current", "payload"}

// maxWrappers bounds how deep a ticket can be wrapped.
const maxWrappers = 3

// read reads the fields of an object. What ServiceNow says of a field for people,
// with dv_ before its name, counts more than the field, which often is a number.
func (n *update) read(fields map[string]json.RawMessage, depth int) {
	names := slices.Sorted(maps.Keys(fields))
	for _, forPeople := range []bool{false, true} {
		for _, name := range names {
			if plain, dv := strings.CutPrefix(plainName(name), "dv"); dv == forPeople {
				n.readValue(plain, fields[name], depth)
			}
		}
	}
}

// readValue reads one field by its plain name, or those within it.
func (n *update) readValue(name string, value json.RawMessage, depth int) {
	if slices.Contains(wrappers, name) {
		if inner := unwrapped(value); inner != nil && depth < maxWrappers {
			n.read(inner, depth+1)
		}
		return
	}
	n.done = n.done || isDone(name, value)
	said := text(value, 0)
	isEmpty := bytes.Equal(value, []byte("null")) || bytes.Equal(value, []byte(`""`))
	if known := n.readField(name, said); known && (said != "" || isEmpty) {
		n.understood = true
	}
}

// unwrapped returns the fields of an object, or of the only one of an array; nil
// if it is neither.
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

// readField takes over one field, unless it is empty, and reports whether its
// plain name is known.
func (n *update) readField(name, text string) (known bool) {
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
		return set(&n.ticket.Status)
	case "priority":
		return set(&n.ticket.Priority)
	case "type", "issuetype", "sysclassname":
		return set(&n.ticket.Type)
	case "url", "link":
		return set(&n.ticket.URL)
	case "description":
		return set(&n.ticket.Description)
	case "lastmodified", "lastmodifieddate", "updated", "updatedat", "sysupdatedon":
		return setTime(&n.ticket.Modified)
	case "created", "createddate", "createdat", "syscreatedon":
		return setTime(&n.ticket.Created)
	}
	return false
}

// isDone reports whether a field says that the ticket is done with: Jira's status
// is of a category, and administrators name the statuses as they like.
// https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-workflow-status-categories/
func isDone(name string, value json.RawMessage) bool {
	var object map[string]json.RawMessage
	switch name {
	case "status":
		return json.Unmarshal(value, &object) == nil && isDone("statuscategory", object["statusCategory"])
	case "statuscategory":
		return json.Unmarshal(value, &object) == nil && text(object["key"], 0) == "done"
	}
	return false
}

// plainName is a field's name without what systems write differently.
func plainName(name string) string {
	return strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.ToLower(name))
}

// text returns a value as a text: what it says, or the name of what it is.
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

// parseTime reads a time, also one in milliseconds since 1970: of 12 or 13 digits,
// which is from 1973 on.
func parseTime(text string) enjo.Time {
	if n := len(text); n == 12 || n == 13 {
		if at, err := strconv.ParseInt(text, 10, 64); err == nil && at > 0 {
			return enjo.Time{At: time.UnixMilli(at).UTC(), Raw: text}
		}
	}
	return enjo.ParseTime(text)
}
