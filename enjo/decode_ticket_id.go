package enjo

import (
	"encoding/json"
	"strings"
	"unicode"
)

// MaxTicketID limits the length of a ticket ID, in bytes, because tickets are
// stored under their ID. A longer ID is dropped; the rest of the ticket is
// kept.
const MaxTicketID = 512

// ticketID is a string or a number. Some systems send an object, from which the
// ID is taken.
type ticketID string

// UnmarshalJSON never fails.
func (i *ticketID) UnmarshalJSON(raw []byte) error {
	if *i != "" {
		return nil
	}
	if raw[0] == '[' {
		raw = first(raw)
	}
	var found identifier
	if raw[0] == '{' {
		found = idWithin(raw)
	} else if err := found.UnmarshalJSON(raw); err != nil {
		return err
	}
	*i = usableID(string(found))
	return nil
}

// idWithin returns the ID in an object. It prefers Jira's key, which people
// see, to the system's internal ID.
func idWithin(object []byte) identifier {
	var names struct {
		Key          identifier `json:"key"`
		Number       identifier `json:"number"`
		DisplayValue identifier `json:"display_value"`
		ID           identifier `json:"id"`
		Value        identifier `json:"value"`
	}
	if json.Unmarshal(object, &names) != nil {
		return ""
	}
	for _, id := range []identifier{names.Key, names.Number, names.DisplayValue, names.ID, names.Value} {
		if usableID(string(id)) != "" {
			return id
		}
	}
	return ""
}

// usableID returns an ID that can be stored, put on a button and recognised
// when it comes back: one line without invisible characters; empty if it is too
// long.
func usableID(id string) ticketID {
	id = strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.In(r, unicode.Cc, unicode.Cf):
			return -1
		}
		return r
	}, id))
	if len(id) > MaxTicketID {
		return ""
	}
	return ticketID(id)
}
