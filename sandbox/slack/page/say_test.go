package page

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"enjobridge/sandbox/slack"
)

// newViewer returns a page for a workspace with a few names, as seen by one person.
func newViewer(t testing.TB) *viewer {
	t.Helper()
	w, err := slack.Open(slack.Config{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	w.AddUser(slack.User{ID: "UALICE", Name: "alice"})
	w.AddUser(slack.User{ID: "UDOT", Name: "j.doe"})
	w.AddUser(slack.User{ID: "UOTHER", Name: "stranger", Team: "TOTHER"})
	w.AddUserGroup(slack.UserGroup{ID: "SIT", Handle: "it-team", Users: []string{"UALICE"}})
	w.AddChannel(slack.Channel{ID: "CSUPPORT", Name: "support", Members: []string{"UALICE"}})
	w.AddChannel(slack.Channel{ID: "CSECRET", Name: "secret", Kind: slack.Private})
	v, known := New(w, Options{}).viewer("UALICE")
	if !known {
		t.Fatal("alice is nobody")
	}
	return v
}

// Ensure that names become mentions, but only where they are names.
func TestEncodeNames(t *testing.T) {
	v := newViewer(t)
	for text, want := range map[string]string{
		"@alice hi":               "<@UALICE> hi",
		"ask @Alice.":             "ask <@UALICE>.",
		"(@j.doe) and @j.doe...":  "(<@UDOT>) and <@UDOT>...",
		"@it-team, look":          "<!subteam^SIT>, look",
		"@here @channel":          "<!here> <!channel>",
		"see #support":            "see <#CSUPPORT>",
		"see #secret":             "see #secret", // she may not know about it
		"*@alice*":                "*<@UALICE>*",
		"mail bob@alice.example":  "mail bob@alice.example",
		"@nobody @ali @aliceface": "@nobody @ali @aliceface",
		"@ # @. #-":               "@ # @. #-",
	} {
		if got := v.encodeNames(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

// Ensure that a message can be edited as it was typed.
func TestTypedText(t *testing.T) {
	v := newViewer(t)
	piece := rapid.SampledFrom([]string{"@alice", "@j.doe", "@it-team", "@here", "#support", "@nobody", "a < b", "x & y", "https://example.com/?a=1&b=2", "me@example.com", "`code`", "🎉", "\n", "&amp;"})
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Trim(strings.Join(rapid.SliceOfN(piece, 1, 6).Draw(t, "pieces"), " "), " \n")
		if text == "" {
			return
		}
		ts, err := v.slack.Post("CSUPPORT", "UALICE", v.encodeNames(text))
		if err != nil {
			t.Fatal(err)
		}
		m, _ := v.slack.Message("CSUPPORT", ts)
		if got := v.typedText(m.Text); got != text {
			t.Errorf("%q was stored as %q and would be edited as %q", text, m.Text, got)
		}
	})
}

// Ensure that any text can be encoded and decoded.
func FuzzEncodeNames(f *testing.F) {
	for _, text := range []string{"@alice", "<@UALICE>", "<http://x|y>", "@", "#", "&lt;@UALICE&gt;", "<!subteam^SIT|x>", "<>"} {
		f.Add(text)
	}
	v := newViewer(f)
	f.Fuzz(func(t *testing.T, text string) {
		v.typedText(v.encodeNames(text))
		firstWord(text)
	})
}

// Ensure that the number of read positions is limited, and that they never go
// back.
func TestReads(t *testing.T) {
	v := newViewer(t)
	p := position{"UALICE", "CSUPPORT", ""}
	if v.reads.read(p, "1.000000") || v.reads.last(p) != v.reads.born {
		t.Error("messages older than the page are unread")
	}
	if !v.reads.read(p, "9999999999.000002") || v.reads.read(p, "9999999999.000001") || v.reads.last(p) != "9999999999.000002" {
		t.Errorf("the position is %s", v.reads.last(p))
	}
	for i := range maxPositions + 10 {
		v.reads.read(position{"UALICE", strings.Repeat("x", i%7) + string(rune(i)), ""}, "9999999999.000003")
	}
	if n := len(v.reads.positions); n > maxPositions {
		t.Errorf("%d positions are stored", n)
	}
}
