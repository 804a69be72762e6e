package slackevent

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

const (
	wholeMessage = `{"ts":"1.000001","thread_ts":"1.000002","user":"U1","bot_id":"B1","subtype":"s","text":"hi","username":"Ada","edited":{"ts":"1.000004"},"team":"T1","user_team":"T2",
		"source_team":"T3","reply_count":3,"latest_reply":"1.000003","files":[{"name":"a","user":"U2"}],
		"metadata":{"event_type":"m","event_payload":{"k":"v"}}}`
	wholeConversation = `{"id":"C1","name":"general","is_ext_shared":true,"is_im":true}`
	wholeUser         = `{"id":"U1","name":"ada","real_name":"Ada","team_id":"T1","is_stranger":true,"profile":{"display_name":"ada l","real_name":"Ada L"}}`
	wholeIdentity     = `{"ok":true,"team_id":"T1","enterprise_id":"E1","user_id":"U1","bot_id":"B1"}`
)

// oddSeeds are fields that other apps have, or could, put into an object.
var oddSeeds = map[string]string{
	"attachments": `[{"id":"1","color":7}]`, "blocks": `[{"type":"future","elements":7}]`, "files": `{"0":{}}`, "text": `{}`, "metadata": `{"event_payload":[]}`,
	"profile": `"x"`, "is_im": `"yes"`, "reply_count": `1e99`, "user": `null`, "name": `7`, "team_id": `"x y"`, "bot_id": `""`, "topic": `[[[["x"]]]]`,
}

// fuzzField fuzzes one field of an object: whatever it holds, known or not, the others
// are decoded as before. clear clears what is decoded from each of the known fields;
// without a valid required field decoding may fail.
func fuzzField[T any](f *testing.F, whole string, decode func([]byte) (T, error), required []string, clear map[string]func(*T)) {
	for name, value := range oddSeeds {
		f.Add(name, []byte(value))
	}
	f.Fuzz(func(t *testing.T, name string, value []byte) {
		_, _ = decode(value) // does not panic
		if !json.Valid(value) {
			return
		}
		fields, err := DecodeObject([]byte(whole))
		if err != nil {
			t.Fatal(err)
		}
		want, err := decode([]byte(whole))
		if err != nil {
			t.Fatal(err)
		}
		fields = maps.Clone(fields)
		fields[name] = value
		raw, err := json.Marshal(fields)
		if err != nil {
			return // nested too deep
		}
		got, err := decode(raw)
		for _, known := range required {
			if strings.EqualFold(name, known) && err != nil {
				return
			}
		}
		if err != nil {
			t.Fatalf("with %q: %s it cannot be decoded: %v", name, value, err)
		}
		for known, clear := range clear {
			if strings.EqualFold(name, known) {
				clear(&got)
				clear(&want)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: %s changes other fields:\n%s", name, value, diff)
		}
	})
}

// Ensure that an odd field of a message of history changes no other.
func FuzzDecodePosted(f *testing.F) {
	home := func(p *Posted) { p.Home = Home{} }
	said := func(p *Posted) { p.Content = "" }
	name := func(p *Posted) { p.Name = "" }
	fuzzField(f, wholeMessage, DecodePosted, []string{"ts"}, map[string]func(*Posted){
		"ts": func(p *Posted) { p.TS = "" }, "thread_ts": func(p *Posted) { p.ThreadTS = "" }, "user": func(p *Posted) { p.User = "" },
		"bot_id": func(p *Posted) { p.BotID, p.Name = "", "" }, "subtype": func(p *Posted) { p.Subtype, p.Name = "", "" },
		"text": func(p *Posted) { p.Text, p.Content = "", "" }, "blocks": said, "attachments": func(p *Posted) { p.Content, p.UnreadFiles = "", nil },
		"username": name, "bot_profile": name, "edited": func(p *Posted) { p.EditedTS = "" },
		"team": home, "user_team": home, "source_team": home, "reply_count": func(p *Posted) { p.ReplyCount = 0 },
		"latest_reply": func(p *Posted) { p.LatestReply = "" }, "files": func(p *Posted) { p.Files, p.Content, p.UnreadFiles = nil, "", nil },
		"metadata": func(p *Posted) { p.MetadataType, p.Metadata = "", nil },
	})
}

// Ensure that an odd field of a file hides neither the file nor the others.
func FuzzDecodePosted_File(f *testing.F) {
	decode := func(raw []byte) ([]File, error) {
		p, err := DecodePosted([]byte(`{"ts":"1.2","files":[{"name":"first"},` + string(raw) + `,{"name":"last","user":"U3"}]}`))
		return p.Files, err
	}
	fuzzField(f, `{"name":"a","user":"U2"}`, decode, nil, map[string]func(*[]File){
		"name": func(files *[]File) { (*files)[1].Name = "" }, "user": func(files *[]File) { (*files)[1].User = "" },
	})
}

// Ensure that an odd field of a conversation changes no other.
func FuzzDecodeConversation(f *testing.F) {
	fuzzField(f, wholeConversation, DecodeConversation, []string{"id"}, map[string]func(*Conversation){
		"id": func(c *Conversation) { c.ID = "" }, "name": func(c *Conversation) { c.Name = "" },
		"is_ext_shared": func(c *Conversation) { c.Shared = true }, "is_im": func(c *Conversation) { c.Direct, c.Private = false, false },
		"is_private": func(c *Conversation) { c.Private = false }, "is_mpim": func(c *Conversation) { c.Private = false },
	})
}

// Ensure that an odd field of a user changes no other.
func FuzzDecodeUser(f *testing.F) {
	name := func(u *User) { u.Name = "" }
	decode := func(raw []byte) (User, error) { return DecodeUser(raw, acme) }
	fuzzField(f, wholeUser, decode, []string{"id"}, map[string]func(*User){
		"name": name, "real_name": name, "profile": name, "team_id": func(u *User) { u.Membership = "" }, "is_stranger": func(u *User) { u.Membership = "" },
		"enterprise_user": func(u *User) { u.Membership = "" },
	})
}

// Ensure that an odd field in the response of auth.test changes no other.
func FuzzDecodeIdentity(f *testing.F) {
	decode := func(raw []byte) (Identity, error) {
		o, err := DecodeObject(raw)
		if err != nil {
			return Identity{}, err
		}
		return DecodeIdentity(o)
	}
	fuzzField(f, wholeIdentity, decode, []string{"team_id", "user_id"}, map[string]func(*Identity){
		"team_id": func(i *Identity) { i.TeamID = "" }, "enterprise_id": func(i *Identity) { i.EnterpriseID = "" },
		"user_id": func(i *Identity) { i.UserID = "" }, "bot_id": func(i *Identity) { i.BotID = "" },
	})
}

// Ensure that a field is read only as the type that it has, and that missing and null
// fields are empty.
func TestField(t *testing.T) {
	o, err := DecodeObject([]byte(`{"text":"hi","number":7,"list":[1,"x"],"object":{"a":"b"},"null":null}`))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{"text": true, "number": false, "list": false, "object": false, "null": true, "missing": true} {
		if text, ok := Field[string](o, name); ok != want || (text != "") != (name == "text") || o.Text(name) != text {
			t.Errorf("%s is the text %q, %v", name, text, ok)
		}
	}
	if list, ok := Field[[]json.RawMessage](o, "list"); !ok || len(list) != 2 {
		t.Errorf("the list has %d items, %v", len(list), ok)
	}
	if got := o.Object("object").Text("a") + o.Object("text").Text("a") + o.Object("missing").Text("a"); got != "b" {
		t.Errorf("the objects hold %q", got)
	}
	for _, raw := range []string{``, `null`, `7`, `[]`, `{`} {
		if _, err := DecodeObject([]byte(raw)); err == nil {
			t.Errorf("%q counts as an object", raw)
		}
	}
}

// Ensure that names, which are cached, are bounded, and that a user is an object with
// an ID.
func TestDecodeUser_Bounds(t *testing.T) {
	long := strings.Repeat("é", 5<<20)
	user, err := DecodeUser([]byte(`{"id":"U1","name":"`+long+`"}`), acme)
	if err != nil || utf8.RuneCountInString(user.Name) > maxName+2 {
		t.Errorf("the name has %d bytes, %v", len(user.Name), err)
	}
	conversation, err := DecodeConversation([]byte(`{"id":"C1","name":"` + long + `"}`))
	if err != nil || utf8.RuneCountInString(conversation.Name) > maxName+2 {
		t.Errorf("the name has %d bytes, %v", len(conversation.Name), err)
	}
	for _, raw := range []string{``, `null`, `{}`, `{"id":7}`, `{"id":"u 1"}`} {
		if _, err := DecodeUser([]byte(raw), acme); err == nil {
			t.Errorf("%q counts as a user", raw)
		}
	}
}

// Ensure that deep nesting hides only its field.
func TestDecodePosted_Deep(t *testing.T) {
	deep := strings.Repeat("[", 9000) + strings.Repeat("]", 9000)
	got, err := DecodePosted([]byte(`{"ts":"1.2","text":"hi","files":` + deep + `,"metadata":{"event_type":"m","event_payload":{"a":` + deep + `}}}`))
	if err != nil || got.Text != "hi" || got.MetadataType != "m" {
		t.Errorf("got %+v, %v", got, err)
	}
}

// Ensure that a bot without a valid bot ID is known by its user, and that nobody is
// known without a user.
func TestDecodeIdentity(t *testing.T) {
	for raw, want := range map[string]Identity{
		wholeIdentity:                     {TeamID: "T1", EnterpriseID: "E1", UserID: "U1", BotID: "B1"},
		`{"team_id":"T1","user_id":"U1"}`: {TeamID: "T1", UserID: "U1"},
		`{"team_id":"T1","user_id":"U1","bot_id":"","enterprise_id":null}`:   {TeamID: "T1", UserID: "U1"},
		`{"team_id":"T1","user_id":"U1","bot_id":{},"enterprise_id":"x\ny"}`: {TeamID: "T1", UserID: "U1"},
		`{"team_id":"T1","bot_id":"B1"}`:                                     {},
		`{"team_id":"","user_id":"U1"}`:                                      {},
		`{"team_id":"T1","user_id":"u1 "}`:                                   {},
	} {
		o, err := DecodeObject([]byte(raw))
		if err != nil {
			t.Fatal(err)
		}
		got, err := DecodeIdentity(o)
		if !cmp.Equal(got, want) || (err == nil) != (want.UserID != "") {
			t.Errorf("%s: got %+v, %v", raw, got, err)
		}
	}
}
