package enjo

import (
	"encoding/json"
	"testing"
	"unicode/utf8"
)

// FuzzDecode checks two laws. Any input gives an error or a reply that can be
// stored. No other field and no envelope makes an answer disappear.
func FuzzDecode(f *testing.F) {
	for _, beside := range []string{
		`"sources":[{"type":"Jira","name":"a","score":"87%","url":"https://x.example"},"b"]`,
		`"ticketDetails":{"Id":1,"Status":{"a":[1]},"CreatedDate":"2026-11-22T10:00:00.000-0700"}`,
		`"conversationId":{"a":"b"},"x":[[[{}]]]`,
		`"ticketDetails":[["a"],null],"sources":{"score":1e999}`,
	} {
		f.Add([]byte(`{"success":true,"data":{"answers":["a"],`+beside+`}}`), []byte(`{`+beside+`}`), "Hello")
	}
	f.Add([]byte(`{"success":"1","data":["a",{"b":null}],"status":[429]}`), []byte(`null`), "\u2028")
	f.Add([]byte("\ufeff<html>"), []byte(`[]`), "\x00")

	f.Fuzz(func(t *testing.T, body, beside []byte, answer string) {
		if e, err := decodeEnvelope(body); err == nil {
			e.refused()
			e.said()
			if reply, err := decodeReply(e.Data); err == nil {
				checkReply(t, reply)
			}
		}

		if !json.Valid(beside) || answer == "" || !utf8.ValidString(answer) {
			return
		}
		text, err := json.Marshal(answer)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"sources", "conversationId", "ticketDetails", "other"} {
			doc := `{"success":true,"other":` + string(beside) +
				`,"data":{"` + name + `":` + string(beside) + `,"answers":` + string(text) + `}}`
			e, err := decodeEnvelope([]byte(doc))
			if err != nil {
				if tooDeep(beside) {
					return
				}
				t.Fatalf("%s: %v", doc, err)
			}
			reply, err := decodeReply(e.Data)
			if err != nil {
				t.Fatalf("%s: %v", doc, err)
			}
			if reply.Text != answer {
				t.Fatalf("%s: got %q", doc, reply.Text)
			}
		}
	})
}

// tooDeep reports whether raw is nested so deeply that encoding/json fails once
// raw is part of another value.
func tooDeep(raw []byte) bool {
	return !json.Valid([]byte(`[[[[` + string(raw) + `]]]]`))
}
