package storage

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"enjobridge/enjo"
)

var someTime = time.Date(2026, 3, 2, 9, 0, 0, 123456789, time.UTC)

// someQuestion returns a question with no empty field.
func someQuestion() *Question {
	return &Question{
		ID:              MessageID{"T1", "C1", "1.1"},
		Thread:          ThreadID{"T1", "C1", "1.0"},
		Asker:           "U1",
		Agent:           "it",
		Origin:          Mention,
		ByBot:           true,
		Text:            "<@U2> \x00 how & why?\n日本🙂",
		NewConversation: true,
		MakesTicket:     true,
		WantsPerson:     true,
		HasFiles:        true,
		UnreadFiles:     []string{"VPN.png"},
		State:           Answered,
		Attempts:        2,
		NotBefore:       someTime,
		AcceptedAt:      someTime,
		AskedAt:         someTime,
		EndedAt:         someTime,
		With:            []MessageID{{"T1", "C1", "1.2"}},
		Posts:           []string{"2.1"},
		Outcome: &Outcome{
			Failure:   "rejected",
			Reference: "ref",
			Reply: &enjo.Reply{
				Text:           "So.",
				Sources:        []enjo.Source{{Type: "KB", Name: "n", URL: "u", Score: -1}, {Score: 0.25}},
				ConversationID: "c",
				Ticket:         someTicket(),
			},
			SentUntil:   "1.1",
			UnreadFiles: []string{"VPN.png"},
			Retracted:   true,
		},
	}
}

func someTicket() *enjo.Ticket {
	return &enjo.Ticket{
		ID: "IT-1", Type: "t", Status: "s", Priority: "p", Description: "d", URL: "u", Attributes: "a",
		Created: enjo.Time{At: someTime, Raw: "raw"}, Modified: enjo.Time{Raw: "?"},
	}
}

func someThread() *Thread {
	return &Thread{
		ID: ThreadID{"T1", "C1", ""}, Agent: "it", Conversation: "c", Joined: true, Muted: true, BotQuestions: 2, LastActive: someTime,
		Askers: map[string]string{"U1": "1.1"}, SentUntil: "1.1", Continues: ThreadID{"T1", "D1", "1.0"}, Posted: true,
	}
}

func someTicketRecord() *ticketRecord {
	return &ticketRecord{
		Ticket: Ticket{
			Thread: ThreadID{"T1", "C1", "1.0"}, Requester: "U1", Latest: *someTicket(), Card: "2.1", UpdatedAt: someTime,
		},
		Number: 7,
	}
}

// Ensure that every field of a record survives encoding and decoding.
func TestRecord_RoundTrip(t *testing.T) {
	for _, test := range []struct{ in, out record }{
		{someQuestion(), new(Question)},
		{someThread(), new(Thread)},
		{someTicketRecord(), new(ticketRecord)},
	} {
		value, err := encode(test.in)
		if err != nil {
			t.Fatal(err)
		}
		if err := decode(test.in.key(), value, test.out); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.in, test.out); diff != "" {
			t.Errorf("%T (-written +read):\n%s", test.in, diff)
		}
	}
}

// Ensure that a damaged record, or one under another key, is rejected.
func TestRecord_Damaged(t *testing.T) {
	value, err := encode(someThread())
	if err != nil {
		t.Fatal(err)
	}
	unknownState := someQuestion()
	unknownState.State = "thinking"
	unknown, err := json.Marshal(unknownState)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		key, value []byte
		into       record
	}{
		"nothing":          {someThread().key(), nil, new(Thread)},
		"truncated":        {someThread().key(), value[:len(value)-1], new(Thread)},
		"another's":        {ThreadID{"T1", "C2", ""}.key(), value, new(Thread)},
		"an unknown state": {unknownState.key(), unknown, new(Question)},
	} {
		if err := decode(test.key, test.value, test.into); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: error %v, want ErrCorrupt", name, err)
		}
	}
}

// Ensure that a record that can be decoded does not change when it is encoded and decoded
// again.
func FuzzRecord(f *testing.F) {
	for _, seed := range []record{someQuestion(), someThread(), someTicketRecord()} {
		value, err := encode(seed)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(value)
	}
	f.Add([]byte(`{"id":{"team":"T"},"state":"queued","accepted_at":"0000-01-01T00:00:00Z","outcome":{}}`))
	f.Add([]byte(`{"thread":{},"told":{"created":{"raw":""}},"number":18446744073709551615}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, value []byte) {
		rereads(t, value, new(Question), new(Question))
		rereads(t, value, new(Thread), new(Thread))
		rereads(t, value, new(ticketRecord), new(ticketRecord))
	})
}

// rereads checks the property of FuzzRecord for one kind of record.
func rereads(t *testing.T, value []byte, first, second record) {
	t.Helper()
	if json.Unmarshal(value, first) != nil {
		return
	}
	key := first.key()
	if err := decode(key, value, first); err != nil {
		if !errors.Is(err, ErrCorrupt) {
			t.Errorf("error %v, want ErrCorrupt", err)
		}
		return
	}
	again, err := encode(first)
	if err != nil {
		t.Fatal(err)
	}
	if err := decode(key, again, second); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, second, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%T (-read +read again):\n%s", first, diff)
	}
}
