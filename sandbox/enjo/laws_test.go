package enjo

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// Ensure that the limiter agrees with the definition of a limit: a call is
// accepted if fewer than the limit's number were accepted in its window.
func TestLimiterAgreesWithDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
		windows := rapid.SampledFrom([]Windows{Sliding, Fixed}).Draw(t, "windows")
		limits := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Limit {
			return Limit{Calls: rapid.IntRange(1, 4).Draw(t, "calls"), Per: time.Duration(rapid.IntRange(1, 9).Draw(t, "per"))}
		}), 1, 3).Draw(t, "limits")
		limiter := newLimiter(Config{Limits: limits, Windows: windows, Clock: func() time.Time { return now }})
		var accepted []time.Time
		for _, step := range rapid.SliceOfN(rapid.IntRange(0, 4), 1, 60).Draw(t, "steps") {
			now = now.Add(time.Duration(step))
			want := true
			for _, l := range limits {
				inWindow := 0
				for _, at := range accepted {
					if windows == Sliding && at.After(now.Add(-l.Per)) ||
						windows == Fixed && !at.Before(now.Truncate(l.Per)) {
						inWindow++
					}
				}
				want = want && inWindow < l.Calls
			}
			_, wait := limiter.take("ip")
			if got := wait == 0; got != want {
				t.Fatalf("accepted is %v, want %v, after %v", got, want, accepted)
			}
			if want {
				accepted = append(accepted, now)
			}
		}
	})
}

// FuzzDecodeMessage checks that an accepted message has a text and survives
// being written and decoded again.
func FuzzDecodeMessage(f *testing.F) {
	for _, seed := range []string{
		`{"message":{"text":"VPN","conversationId":"c-1"}}`, `{"message":{"text":"VPN","conversationId":null},"more":[1]}`,
		`{"message":{"text":"\ud800","text":"twice"}}`, `{"message":null}`, `{"message":{"text":""}}`, `null`, `{"message":{"TEXT":"x"}}`, "",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		m, err := decodeMessage(body)
		if err != nil {
			return
		}
		if strings.TrimSpace(m.Text) == "" || !utf8.ValidString(m.Text) || !utf8.ValidString(m.ConversationID) {
			t.Fatalf("accepted %+v", m)
		}
		again, err := json.Marshal(map[string]any{"message": map[string]string{"text": m.Text, "conversationId": m.ConversationID}})
		if err != nil {
			t.Fatal(err)
		}
		if m2, err := decodeMessage(again); err != nil || m2 != m {
			t.Fatalf("%+v was read again as %+v, %v", m, m2, err)
		}
	})
}

// FuzzParseArticle checks that an accepted article has a title and an address,
// can be ranked, and survives being written and parsed again.
func FuzzParseArticle(f *testing.F) {
	err := fs.WalkDir(builtin, "articles", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			text, _ := fs.ReadFile(builtin, name)
			f.Add(string(text))
		}
		return err
	})
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{"", "---\n---\n", "---\ntitle: a\n---\n", "---\r\ntitle: a: b\r\n\r\n---\r\n## x\n## \n##y", "---\ntitle: a\ntitle: b\n---\n", "---\ntitle: a\nurl: ftp://x\n---\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, err := parseArticle("it/a.md", text)
		if err != nil {
			return
		}
		if a.title == "" || !strings.HasPrefix(strings.ToLower(a.url), "http") || len(a.sections) == 0 {
			t.Fatalf("accepted %+v", a)
		}
		for _, h := range newIndex([]article{a}).search(queryTerms(text)) {
			if !(h.score > 0 && h.score <= 1) {
				t.Fatalf("score %v", h.score)
			}
		}
		var again strings.Builder
		fmt.Fprintf(&again, "---\ntitle: %s\ntype: %s\nurl: %s\nkeywords: %s\n---\n", a.title, a.kind, a.url, a.keywords)
		for i, s := range a.sections {
			if i > 0 {
				fmt.Fprintf(&again, "\n## %s\n", s.heading)
			}
			again.WriteString(s.body)
		}
		a2, err := parseArticle("it/a.md", again.String())
		if diff := cmp.Diff(a, a2, cmp.AllowUnexported(article{}, section{})); err != nil || diff != "" {
			t.Fatalf("read again: %v\n%s", err, diff)
		}
	})
}

// FuzzAnswer checks that any questions in any order get answers with scores
// from 0 to 1, and that each ticket has a number.
func FuzzAnswer(f *testing.F) {
	b := &bot{Bot: Bot{ID: "b"}, index: builtinIndex(f)}
	f.Add("VPN", "and on Linux?")
	f.Add("open a ticket: \xff", "is IT-1042 done?")
	f.Add("status of IT-999999999999", "thanks")
	f.Fuzz(func(t *testing.T, first, second string) {
		d := newDialogue(1, 0)
		r := d.answer(b, message{Text: first}, time.Time{})
		for _, r := range []reply{r, d.answer(b, message{Text: second, ConversationID: r.ConversationID}, time.Time{})} {
			if r.Answers == "" || r.ConversationID == "" || r.Sources == nil {
				t.Fatalf("answered %+v", r)
			}
			for _, s := range r.Sources {
				if !(s.Score > 0 && s.Score <= 1) {
					t.Fatalf("score %v", s.Score)
				}
			}
			if d := r.TicketDetails; d != nil && (!ticketID.MatchString(d.ID) || d.Description == "") {
				t.Fatalf("ticket %+v", d)
			}
		}
	})
}
