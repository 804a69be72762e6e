package enjo

import (
	"encoding/json"
	"strings"
	"unicode"
)

// MaxTicketID is the longest ticket ID that is kept, in bytes. A ticket is stored
// under it, so that a longer one is dropped: the rest of the ticket stays.
const MaxTicketID = 512

// ticketID is a string or a number. Where systems send what they know the ticket
// by as an object, the ID is taken out of it.
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

// idWithin returns the ID that an object holds: Jira's key, which people know a
// ticket by, before what only the system knows.
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

// usableID returns an ID as it can be stored, put on a button, and known again
// when it comes back from there: one line without what nobody sees; empty if it
// is too long.
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
