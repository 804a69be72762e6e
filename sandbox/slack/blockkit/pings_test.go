package blockkit

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPings(t *testing.T) {
	section := func(kind, text string) string {
		raw, err := json.Marshal([]any{map[string]any{"type": "section", "text": map[string]string{"type": kind, "text": text}}})
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	for _, test := range []struct {
		name, blocks, text string
		want               []string
	}{
		{
			"text without blocks", "", "<!channel> <@U1|ada> <!subteam^S1|@ops> <!here|here> <!everyone>",
			[]string{"<!channel>", "<@U1>", "<!subteam^S1>", "<!here>", "<!everyone>"},
		},
		{"no blocks", "[]", "<@U1>", []string{"<@U1>"}},
		{"null", "null", "<@U1>", []string{"<@U1>"}},
		{"text beside blocks", `[{"type":"divider"}]`, "<!channel>", nil},
		{"mrkdwn", section("mrkdwn", "<!here>"), "", []string{"<!here>"}},
		{"plain text", section("plain_text", "<!here>"), "", nil},
		{"escaped", section("mrkdwn", "&lt;!here&gt;"), "", nil},
		{"in code", section("mrkdwn", "`<!here>`"), "", []string{"<!here>"}},
		{"twice", section("mrkdwn", "<@U1> <@U1>"), "", []string{"<@U1>"}},
		{"broken", section("mrkdwn", "<!here <@U1> <!here"), "", []string{"<@U1>"}},
		{"links and channels", section("mrkdwn", "<https://example.com|<@U1> <#C1> <!date^1^{date}|x>"), "", []string{"<@U1>"}},
		{"markdown", `[{"type":"markdown","text":"**<!channel>** \u003c@U1\u003e"}]`, "", []string{"<!channel>", "<@U1>"}},
		{
			"rich text", `[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"<!here>"},` +
				`{"type":"user","user_id":"U1"},{"type":"usergroup","usergroup_id":"S1"},{"type":"broadcast","range":"channel"}]}]}]`, "",
			[]string{"<@U1>", "<!subteam^S1>", "<!channel>"},
		},
		{
			"field, context", `[{"type":"section","fields":[{"type":"mrkdwn","text":"<@U1>"}]},{"type":"context","elements":[{"type":"mrkdwn","text":"<@U2>"}]}]`, "",
			[]string{"<@U1>", "<@U2>"},
		},
		{
			"card and container", `[{"type":"card","title":{"type":"mrkdwn","text":"<@U1>"},"body":{"type":"plain_text","text":"<!channel>"},"subtext":{"type":"mrkdwn","text":"<!here>"}},` +
				`{"type":"container","title":{"type":"plain_text","text":"<@U9>"},"subtitle":{"type":"mrkdwn","text":"<@U2>"},"child_blocks":[` +
				`{"type":"section","text":{"type":"mrkdwn","text":"<!subteam^S1>"}}]}]`, "",
			[]string{"<!here>", "<@U1>", "<!subteam^S1>", "<@U2>"},
		},
		{
			"citation", `[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"citation","url":"https://x.example","text":"<!here>",` +
				`"index":1,"details":{"citation_type":"web","display_name":"<@U1>"}}]}]}]`, "", nil,
		},
		{"not blocks", `{"type":"mrkdwn"`, "<@U1>", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, Pings(json.RawMessage(test.blocks), test.text)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
