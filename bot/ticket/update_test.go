package ticket

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"enjobridge/enjo"
)

// Ensure that the formats of the known ticketing systems are understood.
func TestDecodeUpdate(t *testing.T) {
	at := enjo.Time{At: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)}
	raw := func(text string) enjo.Time { at := at; at.Raw = text; return at }
	for name, test := range map[string]struct {
		body string
		want enjo.Ticket
	}{
		"our own names": {
			`{"id":"IT-1","status":"Open","priority":"High","type":"Incident","url":"https://x/1","description":"d","lastModified":"2026-11-22T10:00:00Z"}`,
			enjo.Ticket{Status: "Open", Priority: "High", Type: "Incident", URL: "https://x/1", Description: "d", Modified: raw("2026-11-22T10:00:00Z")},
		},
		"those of Enjo": {
			`{"Id":"IT-1","Status":"Open","LastModifiedDate":"2026-11-22T11:00:00.000+0100","CreatedDate":"yesterday"}`,
			enjo.Ticket{Status: "Open", Modified: raw("2026-11-22T11:00:00.000+0100"), Created: enjo.Time{Raw: "yesterday"}},
		},
		"an issue of Jira's": {
			`{"key":"IT-1","fields":{"status":{"name":"Done","id":"3"},"priority":{"name":"Low"},"issuetype":{"name":"Bug"},` +
				`"summary":"s","updated":"2026-11-22T10:00:00.000+0000"}}`,
			enjo.Ticket{Status: "Done", Priority: "Low", Type: "Bug", Modified: raw("2026-11-22T10:00:00.000+0000")},
		},
		"a record of ServiceNow's": {
			`{"record":{"number":"INC1","state":{"display_value":"Resolved","value":"6"},"priority":2,"sys_updated_on":"2026-11-22 10:00:00"}}`,
			enjo.Ticket{Status: "Resolved", Priority: "2", Modified: raw("2026-11-22 10:00:00")},
		},
		"an answer of ServiceNow's table API": {
			`{"result":{"number":"INC1","state":"6","incident_state":"6","sys_updated_on":"2026-11-22 10:00:00"}}`,
			enjo.Ticket{Status: "6", Modified: raw("2026-11-22 10:00:00")},
		},
		"a list of one": {`{"result":[{"state":"Closed"}]}`, enjo.Ticket{Status: "Closed"}},
		"an incident":   {`{"incident":{"state":"On Hold"}}`, enjo.Ticket{Status: "On Hold"}},
		"what ServiceNow shows people": {
			`{"dv_state":"Closed","state":7,"dv_priority":"2 - High","priority":2,"sys_class_name":"incident"}`,
			enjo.Ticket{Status: "Closed", Priority: "2 - High", Type: "incident"},
		},
		"what Enjo sends": {`{"ticketDetails":{"Status":"Open"}}`, enjo.Ticket{Status: "Open"}},
		"a webhook of Jira's": {
			`{"webhookEvent":"jira:issue_updated","timestamp":1,"issue":{"key":"IT-1","fields":{"status":{"name":"Open"}}}}`, enjo.Ticket{Status: "Open"},
		},
		"milliseconds":             {`{"status":"Open","lastModified":1795341600000}`, enjo.Ticket{Status: "Open", Modified: raw("1795341600000")}},
		"milliseconds as a text":   {`{"updated":"1795341600000"}`, enjo.Ticket{Modified: raw("1795341600000")}},
		"another number as a date": {`{"updated":17953416}`, enjo.Ticket{Modified: enjo.Time{Raw: "17953416"}}},
		"a field without a value":  {`{"priority":null}`, enjo.Ticket{}},
		"an empty field":           {`{"priority":""}`, enjo.Ticket{}},
		"other types": {
			`{"status":["Open"],"priority":null,"url":true,"type":{"name":{"name":{"name":{"name":"deep"}}}}}`, enjo.Ticket{},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := decodeUpdate([]byte(test.body))
			if diff := cmp.Diff(test.want, got.ticket); err != nil || diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
}

// Ensure that an update without a known field is an error.
func TestDecodeUpdate_NothingUnderstood(t *testing.T) {
	for _, body := range []string{
		`{}`, `null`, `{"result":{}}`, `{"key":"IT-1"}`, `{"Status of it":"Open"}`, `{"status":["Open"]}`, `{"status":true}`,
		`{"result":[{"state":"Open"},{"state":"Closed"}]}`, `{"result":[]}`, `{"comment":{"status":"Open"}}`,
		`{"data":{"data":{"data":{"data":{"status":"Open"}}}}}`,
	} {
		if got, err := decodeUpdate([]byte(body)); !errors.Is(err, errNothingUnderstood) || got != (update{}) {
			t.Errorf("%s: %+v, %v", body, got, err)
		}
	}
}

// Ensure that an update says whether the ticketing system counts the status as closed.
func TestDecodeUpdate_Closed(t *testing.T) {
	for body, want := range map[string]bool{
		`{"fields":{"status":{"name":"Verified","statusCategory":{"id":3,"key":"done"}}}}`: true,
		`{"status":"Verified","statusCategory":{"key":"done"}}`:                            true,
		`{"status":{"name":"In Review","statusCategory":{"key":"indeterminate"}}}`:         false,
		`{"status":{"name":"Verified","statusCategory":"done"}}`:                           false,
		`{"status":"Verified","priority":{"name":"done","statusCategory":{"key":"done"}}}`: false,
		`{"status":"Closed"}`: false, // its word says so
	} {
		if got, err := decodeUpdate([]byte(body)); err != nil || got.closed != want {
			t.Errorf("%s: %v, %v", body, got.closed, err)
		}
	}
}

// Ensure that no body makes the decoder panic, and that a decoded update can be stored.
func FuzzDecodeUpdate(f *testing.F) {
	f.Add([]byte(`{"status":{"name":"Done"},"fields":{"fields":{"fields":{}}}}`))
	f.Add([]byte(`{"result":[{"dv_state":"Done","updated":1795341600000}],"status":{"statusCategory":{"key":"done"}}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		u, err := decodeUpdate(body)
		if err != nil && u != (update{}) {
			t.Errorf("an error, and %+v", u)
		}
		if _, err := json.Marshal(u.ticket); err != nil {
			t.Errorf("%+v cannot be stored: %v", u, err)
		}
	})
}
