package enjo

import (
	"encoding/json"
	"fmt"
	"math"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

func TestDecodeReply(t *testing.T) {
	hello := Reply{Text: "Hello"}
	with := func(change func(*Reply)) Reply {
		r := hello
		change(&r)
		return r
	}
	unscored := func(s ...Source) Reply {
		for i := range s {
			s[i].Score = -1
		}
		return with(func(r *Reply) { r.Sources = s })
	}
	ticket := func(made Ticket) Reply {
		return with(func(r *Reply) { r.Ticket = &made })
	}

	tests := []struct {
		name, data string
		want       Reply
	}{
		{"answers alone", `{"answers":"Hello"}`, hello},
		{"answers as given", `{"answers":" **Hello**\n<b>\u0000</b> "}`, Reply{Text: " **Hello**\n<b>\x00</b> "}},
		{"answers that are not UTF-8", "{\"answers\":\"a\xffb\\ud800\"}", Reply{Text: "a\ufffdb\ufffd"}},
		{"answers as an array", `{"answers":["Hello","",null,"world"]}`, Reply{Text: "Hello\n\nworld"}},
		{"answers as an array of objects", `{"answers":[{"text":"Hello"},["x","y"],[[1, 2]],3]}`, Reply{Text: "text: Hello\n\nx, y\n\n[[1,2]]\n\n3"}},
		{"answers as an object", `{"answers":{"greeting":"Hello","more":{"a":[1, 2]},"none":null}}`, Reply{Text: "greeting: Hello\nmore: {\"a\":[1,2]}"}},
		{"answers as a number", `{"answers":42.50}`, Reply{Text: "42.50"}},
		{"data as a string", `"Hello"`, hello},
		{"data as an array", `["Hello","world"]`, Reply{Text: "Hello\n\nworld"}},
		{"names in any case", `{"ANSWERS":"Hello","conversationid":"c"}`, with(func(r *Reply) { r.ConversationID = "c" })},
		{"a name twice", `{"answers":null,"Answers":"Hello","answers":"no"}`, hello},
		{"every name twice", `{"answers":"Hello","sources":["a"],"Sources":["b"],"conversationId":"c","CONVERSATIONID":"d",
			"ticketDetails":{"Id":"I","ID":"no"},"TicketDetails":{"Status":"no"}}`, Reply{
			Text: "Hello", Sources: []Source{{Name: "a", Score: -1}}, ConversationID: "c", Ticket: &Ticket{ID: "I"},
		}},
		{"a score twice", `{"answers":"Hello","sources":[{"score":0.5,"Score":0.6}]}`, with(func(r *Reply) { r.Sources = []Source{{Score: 0.5}} })},
		{"unknown fields", `{"answers":"Hello","x":{"answers":"no"},"":[]}`, hello},

		{"null everywhere", `{"answers":"Hello","sources":null,"conversationId":null,"ticketDetails":null}`, hello},
		{"no answer but a conversation", `{"answers":null,"conversationId":"c"}`, Reply{ConversationID: "c"}},
		{"booleans everywhere", `{"answers":"Hello","sources":true,"conversationId":true,"ticketDetails":false}`, hello},
		{"numbers everywhere", `{"answers":"Hello","sources":1,"conversationId":17,"ticketDetails":18}`, Reply{
			Text: "Hello", ConversationID: "17", Ticket: &Ticket{ID: "18"},
		}},
		{"empty everywhere", `{"answers":"Hello","sources":[[],{},"",null,{"name":""}],"conversationId":{},"ticketDetails":{"Id":null}}`, hello},

		{
			"a conversation ID that is as long as allowed", `{"answers":"Hello","conversationId":"` + strings.Repeat("c", maxConversationID) + `"}`,
			with(func(r *Reply) { r.ConversationID = strings.Repeat("c", maxConversationID) }),
		},
		{"a conversation ID that is too long", `{"answers":"Hello","conversationId":"` + strings.Repeat("c", maxConversationID+1) + `"}`, hello},
		{"a conversation ID that is empty", `{"answers":"Hello","conversationId":["c"]}`, hello},

		{
			"sources", `{"answers":"Hello","sources":[{"type":"Jira","name":"a","url":"u"},{"TYPE":5,"Name":["b","c"]}]}`,
			unscored(Source{Type: "Jira", Name: "a", URL: "u"}, Source{Type: "5", Name: "b\nc"}),
		},
		{"one source", `{"answers":"Hello","sources":{"name":"a"}}`, unscored(Source{Name: "a"})},
		{
			"sources as strings", `{"answers":"Hello","sources":["a","https://x.example/b","http://c",4,{"name":"d"}]}`,
			unscored(Source{Name: "a"}, Source{URL: "https://x.example/b"}, Source{URL: "http://c"}, Source{Name: "d"}),
		},
		{"one source as a string", `{"answers":"Hello","sources":"a"}`, unscored(Source{Name: "a"})},

		{
			"a ticket", `{"answers":"Hello","ticketDetails":{"url":"u","attributes":"a","Id":"I","Type":"T","Status":"S","Priority":"P","Description":"D"}}`,
			ticket(Ticket{URL: "u", Attributes: "a", ID: "I", Type: "T", Status: "S", Priority: "P", Description: "D"}),
		},
		{
			"a ticket in lower case", `{"answers":"Hello","ticketdetails":{"id":12345678901234567890,"type":null,"status":{"name":"Open"},"description":["a","b"]}}`,
			ticket(Ticket{ID: "12345678901234567890", Status: "name: Open", Description: "a\nb"}),
		},
		{
			"a ticket's attributes", `{"answers":"Hello","ticketDetails":{"attributes":{"team":"IT","vip":true,"n":1.0,"tags":["a",null,"b"],"x":{"y": 1},"e":"","z":null}}}`,
			ticket(Ticket{Attributes: "team: IT\nvip: true\nn: 1.0\ntags: a, b\nx: {\"y\":1}"}),
		},
		{"a ticket as a string", `{"answers":"Hello","ticketDetails":"IT-1"}`, ticket(Ticket{ID: "IT-1"})},
		{"a ticket as a link", `{"answers":"Hello","ticketDetails":"https://x.example/IT-1"}`, ticket(Ticket{URL: "https://x.example/IT-1"})},
		{"tickets", `{"answers":"Hello","ticketDetails":[{"Id":"IT-1"},{"Id":"IT-2"}]}`, ticket(Ticket{ID: "IT-1"})},
		{"no ticket", `{"answers":"Hello","ticketDetails":[]}`, hello},
		{
			"a ticket whose ID is an object", `{"answers":"Hello","ticketDetails":{"Id":{"id":"10042","KEY":"IT-42","self":"https://x.example","fields":{"id":"no"}},"Status":"Open"}}`,
			ticket(Ticket{ID: "IT-42", Status: "Open"}),
		},
		{"a ticket whose ID has a display value", `{"answers":"Hello","ticketDetails":{"Id":{"value":"3f","display_value":"INC1"}}}`, ticket(Ticket{ID: "INC1"})},
		{"a ticket whose ID is a value", `{"answers":"Hello","ticketDetails":{"Id":[{"value":42}]}}`, ticket(Ticket{ID: "42"})},
		{"a ticket whose ID is empty", `{"answers":"Hello","ticketDetails":{"Id":{"a":{"id":"no"}},"Status":"Open"}}`, ticket(Ticket{Status: "Open"})},
		{
			"a ticket whose ID is as long as allowed", `{"answers":"Hello","ticketDetails":{"Id":"` + strings.Repeat("I", MaxTicketID) + `"}}`,
			ticket(Ticket{ID: strings.Repeat("I", MaxTicketID)}),
		},
		{
			"a ticket whose ID is too long", `{"answers":"Hello","ticketDetails":{"Id":"` + strings.Repeat("I", MaxTicketID+1) + `","Status":"Open"}}`,
			ticket(Ticket{Status: "Open"}),
		},
		{"a ticket with only an ID that is too long", `{"answers":"Hello","ticketDetails":"` + strings.Repeat("I", MaxTicketID+1) + `"}`, hello},
		{"a ticket whose ID has invisible characters", `{"answers":"Hello","ticketDetails":{"Id":" IT\u00001\u202e\r\n","Status":"Open"}}`, ticket(Ticket{ID: "IT1", Status: "Open"})},
		{"a ticket as a string with a line break", `{"answers":"Hello","ticketDetails":"A\u2028B\n"}`, ticket(Ticket{ID: "A B"})},
		{"an empty ticket", `{"answers":"Hello","ticketDetails":{"Id":"","attributes":{}}}`, hello},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := decodeReply(value(tt.data))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestScores(t *testing.T) {
	tests := []struct {
		scores string // in an array
		want   []float64
	}{
		{`0, 0.5, 1`, []float64{0, 0.5, 1}},
		{`1`, []float64{1}},
		{`0.25, 1.0000001`, []float64{0.25, 1}},
		{`87, 50, 0.5`, []float64{0.87, 0.5, 0.005}},
		{`100, 1`, []float64{1, 0.01}},
		{`250, 50`, []float64{1, 0.5}},
		{`"0.5", " 1 "`, []float64{0.5, 1}},
		{`"87%", 0.5`, []float64{0.87, 0.5}},
		{`"250 %"`, []float64{1}},
		{`null, 0.5`, []float64{-1, 0.5}},
		{`-1, -0.0`, []float64{-1, 0}},
		{`"NaN", "Inf", "-Inf", 1e999, "1e999", 0.5`, []float64{-1, -1, -1, -1, -1, 0.5}},
		{`"high", "", true, [], {}, [1], 0.5`, []float64{-1, -1, -1, -1, -1, -1, 0.5}},
	}
	for _, tt := range tests {
		t.Run(tt.scores, func(t *testing.T) {
			var all []json.RawMessage
			if err := json.Unmarshal([]byte("["+tt.scores+"]"), &all); err != nil {
				t.Fatal(err)
			}
			var objects []string
			for _, s := range all {
				objects = append(objects, `{"name":"n","score":`+string(s)+`}`)
			}
			reply, err := decodeReply(value(`{"sources":[` + strings.Join(objects, ",") + `]}`))
			if err != nil {
				t.Fatal(err)
			}
			var got []float64
			for _, s := range reply.Sources {
				got = append(got, s.Score)
			}
			if diff := cmp.Diff(tt.want, got, cmpopts.EquateApprox(0, 1e-9)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestSourcesAreBounded(t *testing.T) {
	var all []string
	for i := range maxSources + 50 {
		all = append(all, fmt.Sprintf(`{"name":"%d"}`, i))
	}
	reply, err := decodeReply(value(`{"answers":"Hello","sources":[` + strings.Join(all, ",") + `]}`))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(reply.Sources); n != maxSources || reply.Sources[n-1].Name != fmt.Sprint(maxSources-1) {
		t.Errorf("got %d sources, the last one %v", n, reply.Sources[n-1])
	}
}

// Ensure that a small reply cannot be expensive: the cost of nesting must not
// multiply with its depth.
func TestNestingIsCheap(t *testing.T) {
	const depth = 9000 // encoding/json allows 10,000
	arrays := strings.Repeat("[", depth) + strings.Repeat("]", depth)
	objects := strings.Repeat(`{"Id":`, depth) + "1" + strings.Repeat("}", depth)
	for _, name := range []string{"answers", "sources", "conversationId", "ticketDetails", "other"} {
		for kind, nested := range map[string]string{"arrays": arrays, "objects": objects} {
			t.Run(name+", "+kind, func(t *testing.T) {
				doc := []byte(`{"message":` + nested + `,"data":{"` + name + `":` + nested + `,"conversationId":"c"}}`)
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				e, err := decodeEnvelope(doc)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := decodeReply(e.Data); err != nil {
					t.Fatal(err)
				}
				runtime.ReadMemStats(&after)
				if cost := after.TotalAlloc - before.TotalAlloc; cost > 16<<20 {
					t.Errorf("%d bytes cost %d", len(doc), cost)
				}
			})
		}
	}
}

func TestParseTime(t *testing.T) {
	tests := []struct {
		raw  string
		want time.Time
	}{
		{"2026-11-22T10:00:00Z", time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)},
		{"2026-11-22T10:00:00.25+02:00", time.Date(2026, 11, 22, 8, 0, 0, 25e7, time.UTC)},
		{"2026-11-22T10:00:00.123-0700", time.Date(2026, 11, 22, 17, 0, 0, 123e6, time.UTC)},
		{"2026-11-22T10:00:00+0530", time.Date(2026, 11, 22, 4, 30, 0, 0, time.UTC)},
		{"2026-11-22 10:00:00", time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)},

		{"", time.Time{}},
		{"22.11.2026", time.Time{}},
		{"1795341600", time.Time{}},
		{"2026-13-22T10:00:00Z", time.Time{}},
		{"9999-12-31T23:59:59-23:00", time.Time{}}, // cannot be stored
		{"0000-01-01T00:00:00+23:00", time.Time{}},
	}
	for _, tt := range tests {
		t.Run(tt.raw, func(t *testing.T) {
			if diff := cmp.Diff(Time{At: tt.want, Raw: tt.raw}, ParseTime(tt.raw)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// anyJSON draws a JSON document of any type with the API's published names.
func anyJSON(depth int) *rapid.Generator[any] {
	kinds := []*rapid.Generator[any]{
		rapid.Just[any](nil),
		rapid.Bool().AsAny(),
		rapid.Float64Range(-1e300, 1e300).AsAny(),
		rapid.Int64().AsAny(),
		rapid.String().AsAny(),
		rapid.SampledFrom([]string{
			"NaN", "-Inf", "87%", "0x1p-2", "https://x.example", "2026-11-22T10:00:00Z", "9999-12-31T23:59:59-23:59",
		}).AsAny(),
	}
	if depth > 0 {
		names := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{
			"type", "name", "score", "url", "attributes", "Id", "Type", "Status", "Priority", "Description", "CreatedDate", "LastModifiedDate",
		}))
		kinds = append(kinds,
			rapid.SliceOfN(anyJSON(depth-1), 0, 5).AsAny(),
			rapid.MapOfN(names, anyJSON(depth-1), 0, 5).AsAny())
	}
	return rapid.OneOf(kinds...)
}

// Ensure that an answer is decoded whatever the other fields contain, and that
// a decoded reply can be stored and read again.
func TestAnswerIsNeverLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.String().Filter(func(s string) bool { return s != "" }).Draw(t, "answer")
		fields := map[string]any{"answers": want}
		for _, name := range []string{"sources", "conversationId", "ticketDetails", "x"} {
			if rapid.Bool().Draw(t, "has "+name) {
				fields[name] = anyJSON(3).Draw(t, name)
			}
		}
		doc, err := json.Marshal(map[string]any{"success": true, "data": fields, "x": anyJSON(3).Draw(t, "beside")})
		if err != nil {
			t.Fatal(err)
		}

		e, err := decodeEnvelope(doc)
		if err != nil {
			t.Fatal(err)
		}
		got, err := decodeReply(e.Data)
		if err != nil {
			t.Fatal(err)
		}
		if got.Text != want {
			t.Errorf("got %q, want %q", got.Text, want)
		}
		checkReply(t, got)
	})
}

// checkReply fails unless the reply is as the client promises.
func checkReply(t rapid.TB, r Reply) {
	t.Helper()
	for _, s := range r.Sources {
		if math.IsNaN(s.Score) || s.Score > 1 || s.Score < 0 && s.Score != -1 {
			t.Errorf("a source has the score %v", s.Score)
		}
	}
	if r.Ticket != nil && (len(r.Ticket.ID) > MaxTicketID || string(usableID(r.Ticket.ID)) != r.Ticket.ID) {
		t.Errorf("the ticket has the ID %q", r.Ticket.ID)
	}
	stored, err := json.Marshal(r)
	if err != nil {
		t.Fatalf("it cannot be stored: %v", err)
	}
	var read Reply
	if err := json.Unmarshal(stored, &read); err != nil {
		t.Fatalf("it cannot be read again: %v", err)
	}
	if diff := cmp.Diff(r, read); diff != "" {
		t.Errorf("it changes when it is stored (-want +got):\n%s", diff)
	}
}
