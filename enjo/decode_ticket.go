package enjo

import (
	"encoding/json"
	"time"
)

// ticket has the published fields of a ticket. A string or a number instead of
// an object is the ticket's link or ID.
type ticket struct {
	fields ticketFields
}

type ticketFields struct {
	URL              text     `json:"url"`
	Attributes       text     `json:"attributes"`
	ID               ticketID `json:"Id"`
	Type             text     `json:"Type"`
	Status           text     `json:"Status"`
	Priority         text     `json:"Priority"`
	Description      text     `json:"Description"`
	CreatedDate      text     `json:"CreatedDate"`
	LastModifiedDate text     `json:"LastModifiedDate"`
}

// UnmarshalJSON never fails.
func (t *ticket) UnmarshalJSON(raw []byte) error {
	if t.fields != (ticketFields{}) {
		return nil
	}
	if raw[0] == '[' {
		raw = first(raw)
	}
	switch raw[0] {
	case '{':
		return json.Unmarshal(raw, &t.fields)
	case '[', 't', 'f': // not a ticket
	default:
		if said := text(scalar(raw)); isLink(string(said)) {
			t.fields.URL = said
		} else {
			t.fields.ID = usableID(string(said))
		}
	}
	return nil
}

// first returns the first element of an array, or null if it is empty.
func first(array []byte) []byte {
	for e := range elements(array) {
		return e
	}
	return []byte("null")
}

// found returns the ticket, or nil.
func (t *ticket) found() *Ticket {
	f := &t.fields
	if *f == (ticketFields{}) {
		return nil
	}
	return &Ticket{
		ID:          string(f.ID),
		Type:        string(f.Type),
		Status:      string(f.Status),
		Priority:    string(f.Priority),
		Description: string(f.Description),
		URL:         string(f.URL),
		Attributes:  string(f.Attributes),
		Created:     ParseTime(string(f.CreatedDate)),
		Modified:    ParseTime(string(f.LastModifiedDate)),
	}
}

// The time formats of ticketing systems. These layouts also parse fractions of
// a second.
const (
	jiraTime       = "2006-01-02T15:04:05-0700"
	serviceNowTime = time.DateTime // without a zone: ServiceNow stores and sends UTC
)

// ParseTime parses RFC 3339 and the formats of Jira and ServiceNow. For other
// formats it returns only the raw text.
func ParseTime(s string) Time {
	for _, layout := range []string{time.RFC3339, jiraTime, serviceNowTime} {
		at, err := time.Parse(layout, s)
		if err != nil {
			continue
		}
		at = at.UTC()
		// Some times, such as those in the year 10000, can be parsed but not stored.
		if _, err := at.MarshalText(); err == nil {
			return Time{At: at, Raw: s}
		}
	}
	return Time{Raw: s}
}
