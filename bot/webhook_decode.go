package bot

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"enjobridge/enjo"
)

// decodeNews reads what a ticketing system tells of a ticket. It takes the names
// of the documentation, those of Jira's issues (with their "fields") and those of
// ServiceNow's records, without regard to case, spaces and underscores; each
// value as a text, a number, or an object that has a name.
func decodeNews(body []byte) (enjo.Ticket, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil {
		return enjo.Ticket{}, fmt.Errorf("news of a ticket are not a JSON object: %w", err)
	}
	var told enjo.Ticket
	readNews(fields, &told, 0)
	return told, nil
}

// readNews reads the fields of an object, and of those within it that hold a ticket.
func readNews(fields map[string]json.RawMessage, told *enjo.Ticket, depth int) {
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		value := fields[name]
		switch plain := plainName(name); plain {
		case "fields", "issue", "record", "ticket", "data":
			var inner map[string]json.RawMessage
			if depth < 3 && json.Unmarshal(value, &inner) == nil {
				readNews(inner, told, depth+1)
			}
		default:
			readField(plain, newsText(value, 0), told)
		}
	}
}

// readField reads one field by its plain name; others are left out.
func readField(name, text string, told *enjo.Ticket) {
	if text == "" {
		return
	}
	switch name {
	case "status", "state", "incidentstate":
		told.Status = text
	case "priority":
		told.Priority = text
	case "type", "issuetype", "sysclassname":
		told.Type = text
	case "url", "link":
		told.URL = text
	case "description":
		told.Description = text
	case "lastmodified", "lastmodifieddate", "updated", "updatedat", "sysupdatedon":
		told.Modified = newsTime(text)
	case "created", "createddate", "createdat", "syscreatedon":
		told.Created = newsTime(text)
	}
}

// plainName is a field's name without what systems write differently.
func plainName(name string) string {
	return strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.ToLower(name))
}

// newsText returns a value as a text: what it says, or the name of what it is.
func newsText(value json.RawMessage, depth int) string {
	var text string
	if json.Unmarshal(value, &text) == nil {
		return strings.TrimSpace(text)
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
		if text := newsText(named[name], depth+1); text != "" {
			return text
		}
	}
	return ""
}

// newsTime reads a time, also as ServiceNow writes it, in UTC.
func newsTime(text string) enjo.Time {
	if at, err := time.Parse(time.DateTime, text); err == nil {
		return enjo.Time{At: at, Raw: text}
	}
	return enjo.ParseTime(text)
}
