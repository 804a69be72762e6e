package slack_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"enjobridge/sandbox/slack"
)

// Ensure that a channel that is read in pages is complete, from either end.
func TestPortions(t *testing.T) {
	f := openOutside(t)
	rapid.Check(t, func(rt *rapid.T) {
		channel := f.AddChannel(slack.Channel{Members: []string{f.ada}})
		n := rapid.IntRange(0, 12).Draw(rt, "messages")
		var all []string
		for range n {
			ts, err := f.Post(channel, f.ada, "text")
			if err != nil {
				rt.Fatal(err)
			}
			all = append(all, ts)
		}
		gone := map[string]bool{}
		for _, ts := range all {
			if rapid.Bool().Draw(rt, "deleted") {
				gone[ts] = true
				if err := f.Delete(channel, ts); err != nil {
					rt.Fatal(err)
				}
			}
		}
		left := slices.DeleteFunc(slices.Clone(all), func(ts string) bool { return gone[ts] })
		from := rapid.SampledFrom(append(slices.Clone(all), "", "1.000000", "9999999999.000000")).Draw(rt, "from")
		portion := rapid.IntRange(0, 15).Draw(rt, "portion")
		anything := func(*slack.Message) bool { return true }

		older := slices.DeleteFunc(slices.Clone(left), func(ts string) bool { return from != "" && ts >= from })
		older = older[max(0, len(older)-portion):]
		if diff := cmp.Diff(older, stamps(f.Before(channel, from, portion, anything)), equateEmpty); diff != "" {
			rt.Errorf("before %q: (-want +got)\n%s", from, diff)
		}
		newer := slices.DeleteFunc(slices.Clone(left), func(ts string) bool { return ts <= from })
		newer = newer[:min(len(newer), portion)]
		if diff := cmp.Diff(newer, stamps(f.After(channel, from, portion, anything)), equateEmpty); diff != "" {
			rt.Errorf("after %q: (-want +got)\n%s", from, diff)
		}
		if none := f.Before(channel, "", n, func(*slack.Message) bool { return false }); len(none) > 0 {
			rt.Errorf("messages that do not match are returned: %v", stamps(none))
		}
	})
}

// equateEmpty treats nil and empty slices as equal.
var equateEmpty = cmp.FilterValues(func(a, b []string) bool { return len(a) == 0 && len(b) == 0 }, cmp.Ignore())

func stamps(messages []slack.Message) []string {
	var all []string
	for _, m := range messages {
		all = append(all, m.TS)
	}
	return all
}

// Ensure that a client finds the manifest's features, and the number of the
// last change.
func TestFeatures(t *testing.T) {
	w, err := slack.Open(slack.Config{Manifest: []byte(`
display_information: {name: Desk, description: Helps}
features:
  app_home: {home_tab_enabled: true}
  slash_commands: [{command: /ask, description: Ask it, usage_hint: "[question]"}]
  shortcuts: [{name: Make a ticket, type: message, callback_id: make, description: Makes one}]
`)})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	want := slack.Features{
		Name: "Desk", Description: "Helps", HomeTab: true,
		Commands:  []slack.Command{{Name: "/ask", Description: "Ask it", UsageHint: "[question]"}},
		Shortcuts: []slack.Shortcut{{Name: "Make a ticket", Type: "message", CallbackID: "make", Description: "Makes one"}},
	}
	if diff := cmp.Diff(want, w.Features()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	before := w.Seq()
	id := w.AddUserGroup(slack.UserGroup{Handle: "it", Users: []string{w.AddUser(slack.User{Name: "ada"})}})
	if got := w.Seq(); got != before+1 {
		t.Errorf("one change took the number from %d to %d", before, got)
	}
	if groups := w.UserGroups(); len(groups) != 1 || groups[0].ID != id || groups[0].Name != "it" {
		t.Errorf("the groups are %v", groups)
	}
}
