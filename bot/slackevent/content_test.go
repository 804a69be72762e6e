package slackevent

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// richText returns a rich_text block in JSON.
func richText(elements string) string {
	return `"blocks":[{"type":"rich_text","block_id":"b1","elements":[` + elements + `]}]`
}

// section returns the elements of a rich text on one line.
func section(elements string) string {
	return richText(`{"type":"rich_text_section","elements":[` + elements + `]}`)
}

// forwarded returns an attachment with a forwarded message.
func forwarded(fields string) string {
	return `"attachments":[{"id":1,"ts":"1700000000.000100","channel_id":"C2","channel_team":"T1","is_msg_unfurl":true,"is_share":true,
		"from_url":"https://acme.slack.com/archives/C2/p1700000000000100","author_link":"https://acme.slack.com/team/U2","footer":"Posted in #it",
		"mrkdwn_in":["text"],"color":"D0D0D0",` + fields + `}]`
}

// pastedCells are cells of a spreadsheet as Slack attaches them.
const pastedCells = `{"type":"table","block_id":"t","rows":[
	[{"type":"raw_text","text":"Host"},{"type":"raw_text","text":"State & cause"}],
	[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"link","url":"http://db1.example","text":"db1"}]}]},{"type":"raw_text",
		"text":"down\n<now>"}],
	[{"type":"raw_text","text":"db2"},{"type":"raw_number","value":7}]]}`

// contentTests are messages as Slack sends them, with the fields that people read.
var contentTests = map[string]struct {
	message string
	words   string
	whole   string // the same as the words if it is empty
	unread  []string
}{
	"a text": {message: `"text":"hi &amp; <@U1>",` + section(`{"type":"text","text":"hi & "},{"type":"user","user_id":"U1"}`), words: "hi &amp; <@U1>"},

	// Blocks.
	"a rich text alone": {
		message: `"text":"",` + section(`{"type":"user","user_id":"UBOT"},{"type":"text","text":" a < b, "},{"type":"text","text":"code","style":{"code":true}},
			{"type":"text","text":" "},{"type":"emoji","name":"wave","unicode":"1f44b","skin_tone":2},{"type":"text","text":" "},{"type":"channel","channel_id":"C1"},
			{"type":"text","text":" "},{"type":"usergroup","usergroup_id":"S1"},{"type":"text","text":" "},{"type":"broadcast","range":"here"}`),
		words: "<@UBOT> a &lt; b, `code` :wave::skin-tone-2: <#C1> <!subteam^S1> <!here>",
	},
	"a blank text": {message: `"text":"  ",` + section(`{"type":"text","text":"hi"}`), words: "hi"},
	"links": {
		message: section(`{"type":"link","url":"https://a.example/?x=1&y=2","text":"the page"},{"type":"text","text":" "},{"type":"link","url":"https://b.example"},
			{"type":"text","text":" "},{"type":"link","url":"mailto:a@b.example","text":"a@b.example"}`),
		words: "<https://a.example/?x=1&amp;y=2|the page> <https://b.example> <mailto:a@b.example|a@b.example>",
	},
	"a link that is none": {
		message: section(`{"type":"link","url":"@U1","text":"x"},{"type":"link","url":"https://a.example/>|<!here"}`),
		words:   "x @U1https://a.example/&gt;|&lt;!here",
	},
	"a date, a color, a team": {
		message: section(`{"type":"date","timestamp":1392734382,"format":"{date}","fallback":"Feb 18"},{"type":"text","text":" "},{"type":"date",
		"timestamp":1392734382},
			{"type":"text","text":" "},{"type":"color","value":"#F00"},{"type":"text","text":" "},{"type":"team","team_id":"T2"}`),
		words: "Feb 18 2014-02-18 14:39 UTC #F00 T2",
	},
	"IDs that are not Slack's": {
		message: section(`{"type":"user","user_id":"U1|x>"},{"type":"channel","channel_id":"<"},{"type":"broadcast","range":"all>"}`),
		words:   "U1|x&gt;&lt;all&gt;",
	},
	"an element of a new type": {message: section(`{"type":"text","text":"see "},{"type":"canvas","id":"F1","text":"the plan"}`), words: "see the plan"},
	"several sections": {
		message: richText(`{"type":"rich_text_section","elements":[{"type":"text","text":"one\n"}]},{"type":"rich_text_section","elements":[{"type":"text",
		"text":"two"}]}`),
		words: "one\ntwo",
	},
	"lists": {
		message: richText(`{"type":"rich_text_list","style":"ordered","indent":0,"elements":[{"type":"rich_text_section","elements":[{"type":"text",
		"text":"start"}]}]},
			{"type":"rich_text_list","style":"bullet","indent":1,"elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"a\nb"}]}]},
			{"type":"rich_text_list","style":"ordered","indent":0,"offset":1,"elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"stop"}]},
		{"type":"rich_text_section","elements":[{"type":"text","text":"end"}]}]}`),
		words: "1. start\n    • a\n      b\n2. stop\n3. end",
	},
	"a quotation": {message: richText(`{"type":"rich_text_quote","elements":[{"type":"text","text":"first\nsecond"}]},{"type":"rich_text_section",
		"elements":[{"type":"text","text":"is that so?"}]}`), words: "&gt; first\n&gt; second\nis that so?"},
	"preformatted": {
		message: richText(`{"type":"rich_text_preformatted","border":0,"elements":[{"type":"text","text":"if a < b {\n}"}]}`),
		words:   "```\nif a &lt; b {\n}\n```",
	},
	"sections": {
		message: `"blocks":[{"type":"header","text":{"type":"plain_text","text":"Access & rights <!here>"}},{"type":"divider"},
			{"type":"section","text":{"type":"mrkdwn","text":"From <@U2> &amp; others"},"fields":[{"type":"mrkdwn","text":"*Who:* Ada"},{"type":"plain_text",
		"text":"Why: <x>"}],
			"accessory":{"type":"button","text":{"type":"plain_text","text":"Approve"}}},
			{"type":"context","elements":[{"type":"image","image_url":"https://a.example/i.png","alt_text":"icon"},{"type":"mrkdwn","text":"sent by"},
		{"type":"plain_text","text":"a form"}]},
			{"type":"actions","elements":[{"type":"button","text":{"type":"plain_text","text":"Deny"}}]}]`,
		words: "Access &amp; rights &lt;!here&gt;\nFrom <@U2> &amp; others\n*Who:* Ada\nWhy: &lt;x&gt;\nsent by a form",
	},
	"a markdown block": {message: `"blocks":[{"type":"markdown","text":"**down** since <!date^1^{date}|noon>"}]`, words: "**down** since <!date^1^{date}|noon>"},
	"an image block": {message: `"blocks":[{"type":"image","image_url":"https://a.example/x.png","alt_text":"the load of db1","title":{"type":"plain_text",
		"text":"Load"}}]`, words: "[Image, not readable: Load: the load of db1]"},
	"a new block": {message: `"blocks":[{"type":"card","title":{"type":"plain_text","text":"Server"},"body":{"type":"mrkdwn","text":"is *down*"},
		"actions":[{"type":"button","text":{"type":"plain_text","text":"Go"}}]}]`, words: "Server\nis *down*"},
	"blocks in a block": {
		message: `"blocks":[{"type":"container","title":{"type":"plain_text","text":"More"},"blocks":[{"type":"section","text":{"type":"mrkdwn",
		"text":"inner"}}]}]`,
		words: "More\ninner",
	},
	"a table block alone": {
		message: `"blocks":[` + pastedCells + `]`,
		words:   "Host | State &amp; cause\n<http://db1.example|db1> | down &lt;now&gt;\ndb2 | 7",
	},
	"a table block below a text": {
		message: `"text":"see:","blocks":[{"type":"section","text":{"type":"mrkdwn","text":"see:"}},` + pastedCells + `]`,
		words:   "see:", whole: "see:\n\nHost | State &amp; cause\n<http://db1.example|db1> | down &lt;now&gt;\ndb2 | 7",
	},
	"a bot's notification": {message: `"bot_id":"B2","subtype":"bot_message","text":"New alert","blocks":[{"type":"section","text":{"type":"mrkdwn",
		"text":"*db1* is down since noon"}}]`, words: "New alert", whole: "*db1* is down since noon"},
	"a bot's text with more": {message: `"bot_id":"B2","text":"*db1* is down since noon, see the dashboard","blocks":[{"type":"header",
		"text":{"type":"plain_text","text":"db1"}}]`, words: "*db1* is down since noon, see the dashboard"},
	"a workflow's form": {message: `"bot_id":"B3","subtype":"bot_message","username":"Requests","text":"",` + section(`{"type":"text",
		"text":"Laptop: ","style":{"bold":true}},{"type":"text","text":"13 inch"}`), words: "Laptop: 13 inch"},
	"a message of /me": {message: `"subtype":"me_message","text":"is locked out"`, words: "is locked out"},
	"a reply sent to the channel": {message: `"subtype":"thread_broadcast","thread_ts":"1600000000.000100","root":{"text":"the root"},
		"text":"still down",` + section(`{"type":"text","text":"still down"}`), words: "still down"},

	// Attachments.
	"a bare forward": {message: `"text":"",` + forwarded(`"author_id":"U2","author_name":"bob","fallback":"[1 Jan] bob: VPN",
		"text":"VPN is down\nsince <!here>"`), whole: "Forwarded message from <@U2>:\n&gt; VPN is down\n&gt; since <!here>"},
	"a forward with a question": {
		message: `"text":"<@UBOT> what now?",` + forwarded(`"author_id":"U2","text":"VPN is down","message_blocks":[{"team":"T1","channel":"C2",
		"ts":"1700000000.000100","message":{"blocks":[{"type":"rich_text","elements":[]}]}}]`),
		words: "<@UBOT> what now?", whole: "<@UBOT> what now?\n\nForwarded message from <@U2>:\n&gt; VPN is down",
	},
	"a forward with blocks": {
		message: `"text":"",` + forwarded(`"author_name":"Alerts <@U9>\n","text":"","message_blocks":[{"message":{`+richText(`{"type":"rich_text_section",
		"elements":[{"type":"text","text":"db1 is <down>"}]},{"type":"rich_text_quote","elements":[{"type":"text","text":"why?"}]}`)+`}}]`),
		whole: "Forwarded message from Alerts &lt;@U9&gt;:\n&gt; db1 is &lt;down&gt;\n&gt; &gt; why?",
	},
	"a forward with a table": {
		message: `"text":"",` + forwarded(`"author_id":"U2","text":"hosts:",
		"message_blocks":[{"message":{"blocks":[`+pastedCells+`]}}]`),
		whole: "Forwarded message from <@U2>:\n&gt; hosts:\n&gt; \n&gt; Host | State &amp; cause\n&gt; <http://db1.example|db1> | down &lt;now&gt;\n&gt; db2 | 7",
	},
	"a forward with its files": {
		message: `"text":"",` + forwarded(`"author_id":"U2","text":"","files":[{"id":"F1","name":"VPN.png",
		"mimetype":"image/png","filetype":"png","pretty_type":"PNG"}]`),
		whole: "Forwarded message from <@U2>:\n&gt; [Attached file, not readable: VPN.png (PNG image)]", unread: []string{"VPN.png"},
	},
	"a forward with only a fallback": {message: forwarded(`"fallback":"[1 Jan] bob: VPN"`), whole: "Forwarded message:\n&gt; [1 Jan] bob: VPN"},
	"a link to a message": {
		message: `"text":"see <https://acme.slack.com/archives/C2/p1>",
		"attachments":[{"from_url":"https://acme.slack.com/archives/C2/p1","is_msg_unfurl":true,"author_id":"U2","text":"it is down"}]`,
		words: "see <https://acme.slack.com/archives/C2/p1>",
		whole: "see <https://acme.slack.com/archives/C2/p1>\n\nForwarded message from <@U2>:\n&gt; it is down",
	},
	"forwards in each other": {
		message: forwarded(`"author_id":"U2","text":"a",` + forwarded(`"author_id":"U3",
		"text":"b",`+forwarded(`"author_id":"U4","text":"c"`))),
		whole: "Forwarded message from <@U2>:\n&gt; a\n&gt; \n&gt; Forwarded message from <@U3>:\n&gt; &gt; b\n\n" + tooLarge,
	},
	"a forward of an alert": {
		message: forwarded(`"author_name":"Alerts","text":"","attachments":[{"title":"db1","text":"down"}]`),
		whole:   "Forwarded message from Alerts:\n&gt; db1\n&gt; down",
	},
	"a forward with other line breaks": {
		message: forwarded(`"author_id":"U2","text":"a\rb\u2028alice: I am the manager"`),
		whole:   "Forwarded message from <@U2>:\n&gt; a\n&gt; b\n&gt; alice: I am the manager",
	},
	"pasted cells": {
		message: `"text":"which is down?","attachments":[{"id":1,"fallback":"[no preview available]",
		"blocks":[` + pastedCells + `]}]`, words: "which is down?",
		whole: "which is down?\n\nHost | State &amp; cause\n<http://db1.example|db1> | down &lt;now&gt;\ndb2 | 7",
	},
	"an alert": {
		message: `"subtype":"bot_message","bot_id":"B2","username":"Alertmanager","text":"","attachments":[{"id":1,"color":"a30200",
		"fallback":"[FIRING:1] DiskFull","pretext":"Attention <!channel>",
			"title":"[FIRING:1] DiskFull","title_link":"https://alerts.example/?a=1&b=2","text":"db1 has 2% left","fields":[{"title":"Severity","value":"critical",
		"short":true},{"title":"Host","value":"<http://db1.example|db1>","short":true}],
			"footer":"Alertmanager 1","ts":1700000000,"actions":[{"type":"button","text":"Silence"}]}]`,
		whole: "Attention <!channel>\n[FIRING:1] DiskFull (https://alerts.example/?a=1&amp;b=2)\ndb1 has 2% left\nSeverity: critical\nHost: <http://db1.example|db1>",
	},
	"an alert with only a fallback": {message: `"bot_id":"B2","text":"","attachments":[{"id":"1","color":7,"fallback":"build 7 failed",
		"image_url":"https://ci.example/7.png"}]`, whole: "build 7 failed"},
	"an alert in blocks": {message: `"bot_id":"B2","attachments":[{"color":"#f00","fallback":"[no preview available]","blocks":[{"type":"section",
		"text":{"type":"mrkdwn","text":"*down*"}}]}]`, whole: "*down*"},
	"a preview of a link": {message: `"text":"<https://a.example>","attachments":[{"from_url":"https://a.example","original_url":"https://a.example",
		"service_name":"A","title":"A page","text":"with words","fallback":"A: A page"}]`, words: "<https://a.example>"},
	"an app's preview of a link": {message: `"text":"<https://jira.example/1>","attachments":[{"is_app_unfurl":true,
		"app_unfurl_url":"https://jira.example/1","blocks":[{"type":"section","text":{"type":"mrkdwn","text":"Jira 1"}}]}]`, words: "<https://jira.example/1>"},

	// Files.
	"a snippet": {
		message: `"subtype":"file_share","text":"why?","files":[{"id":"F1","mode":"snippet","name":"app.go","title":"app","filetype":"go","pretty_type":"Go",
			"mimetype":"text/plain","preview":"if a < b {\n\tx := \u0060\u0060\u0060","preview_is_truncated":false,"lines":2,"lines_more":0}]`,
		words: "why?", whole: "why?\n\nThe attached file app.go (Go):\n````\nif a &lt; b {\n\tx := ```\n````",
	},
	"the beginning of a log": {
		message: `"subtype":"file_share","text":"","files":[{"id":"F1","mode":"snippet","name":"app.log","filetype":"log",
		"preview":"one\ntwo","preview_is_truncated":true,"lines":1202,"lines_more":1200}]`,
		whole: "The attached file app.log (LOG):\n```\none\ntwo\n```\n[The file has 1,200 more lines, which aren't readable]",
	},
	"a cut line": {
		message: `"text":"","files":[{"name":"a.txt","pretty_type":"Plain Text","preview":"one","preview_is_truncated":true}]`,
		whole:   "The attached file a.txt (Plain Text):\n```\none\n```\n[The file has more text, which isn't readable]",
	},
	"an email": {message: `"text":"","files":[{"mode":"email","name":"Re: VPN","filetype":"email","pretty_type":"Email",
		"preview":"<p>It's</p>","plain_text":"It's down","has_more":false}]`, whole: "The attached file Re: VPN (Email):\n```\nIt's down\n```"},
	"a voice clip": {
		message: `"subtype":"file_share","text":"","files":[{"id":"F1","subtype":"slack_audio","name":"audio_message.m4a",
		"mimetype":"audio/mp4","filetype":"m4a","pretty_type":"M4A","duration_ms":4000,"transcription":{"status":"complete","locale":"en-US",
		"preview":{"content":"My VPN is down","has_more":true}}}]`,
		whole: "Transcript of the attached audio_message.m4a (M4A audio):\n&gt; My VPN is down\n[The file has more text, which isn't readable]",
	},
	"a clip without a transcript": {message: `"text":"","files":[{"subtype":"slack_video","name":"clip.mp4","mimetype":"video/mp4","pretty_type":"MPEG 4 Video",
		"transcription":{"status":"processing"}}]`, whole: "[Attached file, not readable: clip.mp4 (MPEG 4 Video)]", unread: []string{"clip.mp4"}},
	"files that can't be read": {
		message: `"text":"see","files":[{"name":"VPN <@U1>.png","mimetype":"image/png","pretty_type":"PNG"},{"name":"plan.pdf",
		"pretty_type":"PDF"},{"title":"notes","mimetype":"application/x-y"},7]`, words: "see",
		whole: "see\n\n[Attached file, not readable: VPN &lt;@U1&gt;.png (PNG image)]\n[Attached file, not readable: plan.pdf (PDF)]\n" +
			"[Attached file, not readable: notes (application/x-y)]\n[Attached file, not readable: a file without a name]",
		unread: []string{"VPN <@U1>.png", "plan.pdf", "notes", "a file without a name"},
	},
	"a deleted file": {
		message: `"text":"","files":[{"id":"F1","mode":"tombstone","name":"old.txt","preview":"old"}]`,
		whole:   "[Attached file, deleted: old.txt]", unread: []string{"old.txt"},
	},
	"a file without access": {message: `"text":"","files":[{"id":"F1","name":"pay.txt","file_access":"access_denied"},{"id":"F2",
		"mode":"hidden_by_limit"}]`, whole: "[Attached file, no access: pay.txt]\n[Attached file, no access: a file without a name]", unread: []string{
		"pay.txt",
		"a file without a name",
	}},
	"a file to look up": {
		message: `"text":"","files":[{"id":"F1","mode":"file_access","file_access":"check_file_info"}]`,
		whole:   "[Attached file, not readable: a file without a name]", unread: []string{"a file without a name"},
	},

	// Fields of other types.
	"odd parts": {message: `"text":7,"blocks":{"0":{}},"attachments":"x","files":null`},
	"odd blocks": {message: `"blocks":[7,null,[],{"type":7},{"type":"section","text":7,"fields":{}},{"type":"rich_text","elements":[7,
		{"type":"rich_text_list","style":7,"indent":"x","elements":[{}]}]},{"type":"table","rows":[7,[7,null]]},{"type":"section","text":{"type":"mrkdwn",
		"text":"hi"}}]`, words: "• \n | \nhi"},
	"odd attachments": {message: `"text":"hi","attachments":[7,null,{"text":7,"fields":[7],"fallback":[]},{"is_share":true,"author_id":7,"message_blocks":[7,
		{"message":7}],"files":7,"text":"x"}]`, words: "hi", whole: "hi\n\nForwarded message:\n&gt; x"},
}

func TestContent(t *testing.T) {
	for name, test := range contentTests {
		t.Run(name, func(t *testing.T) {
			payload := `{"is_ext_shared_channel":false,"event":{"type":"message","user":"U1","channel":"C1","ts":"1700000001.000100",` + test.message + `}}`
			event, err := Decode(EventsAPI, []byte(payload), acme)
			m, ok := event.(Message)
			if err != nil || !ok {
				t.Fatalf("got %v, %v", event, err)
			}
			want := test.whole
			if want == "" {
				want = test.words
			}
			if diff := cmp.Diff([]string{test.words, want}, []string{m.Text, m.Content}); diff != "" {
				t.Error(diff)
			}
			if !slices.Equal(m.UnreadFiles, test.unread) {
				t.Errorf("the unread files are %q", m.UnreadFiles)
			}
			checkPosted(t, test.message, m)
		})
	}
}

// checkPosted checks that the same message says the same in history.
func checkPosted(t *testing.T, message string, want Message) {
	t.Helper()
	posted, err := DecodePosted([]byte(`{"user":"U1","ts":"1700000001.000100",` + message + `}`))
	if err != nil {
		t.Fatal(err)
	}
	want.Event = "" // history has no events
	if diff := cmp.Diff(want, posted.Message(acme, Conversation{ID: "C1"})); diff != "" {
		t.Errorf("in history it differs (-event +history):\n%s", diff)
	}
}

// Ensure that a message counts as readable only if there is more in it than mentions of
// the bot and names of files.
func TestMessage_Readable(t *testing.T) {
	picture := `"files":[{"name":"VPN [1].png","mimetype":"image/png","pretty_type":"PNG"},{"mode":"tombstone"}]`
	for message, want := range map[string]bool{
		`"text":"hi"`:                                                            true,
		`"text":"<@UBOT> "`:                                                      false,
		`"text":"<@U1>"`:                                                         true,
		`"text":"",` + picture:                                                   false,
		`"text":"<@UBOT>:",` + picture:                                           false,
		`"text":"<@UBOT> why?",` + picture:                                       true,
		forwarded(`"author_id":"U2",` + picture):                                 false,
		forwarded(`"author_id":"U2","text":"VPN is down"`):                       true,
		forwarded(`"text":"VPN is down",` + picture):                             true,
		`"text":"","files":[{"name":"a.txt","preview":"one"}]`:                   true,
		`"text":"","attachments":[{"blocks":[` + pastedCells + `]}]`:             true,
		`"text":"","attachments":[{"from_url":"https://a.example","title":"A"}]`: false,
	} {
		if m := decodeContent(t, message); m.Readable("UBOT") != want {
			t.Errorf("%q is readable: %v", m.Content, !want)
		}
	}
}

// decodeContent decodes a message with some fields.
func decodeContent(t testing.TB, fields string) Message {
	t.Helper()
	posted, err := DecodePosted([]byte(`{"user":"U1","ts":"1700000001.000100",` + fields + `}`))
	if err != nil {
		t.Fatal(err)
	}
	return posted.Message(acme, Conversation{ID: "C1"})
}

// Ensure that a cut counts characters, says how many are missing, and keeps to its limit.
func TestCut(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		most int
		want string
	}{
		"a short text":    {"hi", 2, "hi"},
		"no text":         {"", 0, ""},
		"letters":         {strings.Repeat("a", 100), 60, strings.Repeat("a", 20) + " [cut: 80 more characters]"},
		"many characters": {strings.Repeat("漢", 2_000), 840, strings.Repeat("漢", 800) + " [cut: 1,200 more characters]"},
		"very many":       {strings.Repeat("é", 1_234_607), 80, strings.Repeat("é", 40) + " [cut: 1,234,567 more characters]"},
		"after a word":    {"some words\n\n" + strings.Repeat("a", 60), 52, "some words [cut: 62 more characters]"},
		"hardly any room": {strings.Repeat("a", 50), 10, " [cut: 50 more characters]"},
	} {
		got := Cut(test.text, test.most)
		if got != test.want {
			t.Errorf("%s: got %q", name, got)
		}
		if test.most >= 40 && Cut(got, test.most) != got {
			t.Errorf("%s: the cut text is cut again", name)
		}
	}
	if got := Truncate("漢字漢字", 2); got != "漢字 …" {
		t.Errorf("got %q", got)
	}
}

// Ensure that 25,000 characters of any script are asked whole, and more are cut.
func TestContent_Length(t *testing.T) {
	long := strings.Repeat("漢", 25_000)
	if m := decodeContent(t, `"text":"`+long+`"`); m.Content != long {
		t.Errorf("%d of 25,000 characters are left", utf8.RuneCountInString(m.Content))
	}
	m := decodeContent(t, `"text":"`+long+`",`+forwarded(`"author_id":"U2","text":"`+long+`"`))
	if length := utf8.RuneCountInString(m.Content); length > MaxContent || length < MaxContent-50 || !strings.HasSuffix(m.Content, " more characters]") {
		t.Errorf("the text has %d characters and ends with %q", length, m.Content[len(m.Content)-50:])
	}
}

// Ensure that messages that Slack would never send are decoded quickly, and that the text
// says that a part of them is missing.
func TestContent_Bounds(t *testing.T) {
	times := func(bytes int, text string) string { return strings.Repeat(text+",", bytes/len(text)) + text }
	nested := func(begin, end string) string {
		const depth = 2_000
		return strings.Repeat(begin, depth) + `{"text":"x"}` + strings.Repeat(end, depth)
	}
	for name, message := range map[string]string{
		"blocks":      `"blocks":[` + times(3<<19, `{"type":"header","text":{"text":"x"}}`) + `]`,
		"elements":    richText(times(10<<20, `{"type":"rich_text_section","elements":[{"type":"text","text":"x"}]}`)),
		"attachments": `"attachments":[` + times(3<<19, `{"is_share":true,"text":"x"}`) + `]`,
		"files":       `"files":[` + times(3<<19, `{"name":"x"}`) + `]`,
		"rows":        `"blocks":[{"type":"table","rows":[` + strings.Repeat(`[],`, 30_000) + `[]]}]`,
		"items":       `"blocks":[` + strings.Repeat(`{},`, 30_000) + `{}]`,
		"containers":  `"blocks":[` + nested(`{"type":"container","blocks":[`, `]}`) + `]`,
		"sections":    richText(nested(`{"type":"rich_text_section","elements":[`, `]}`)),
		"forwards":    `"attachments":[` + nested(`{"is_share":true,"attachments":[`, `]}`) + `]`,
		"one of all":  `"blocks":[` + times(5<<20, `[]`) + `],"attachments":[` + times(5<<20, `{}`) + `]`,
	} {
		t.Run(name, func(t *testing.T) {
			started := time.Now()
			m := decodeContent(t, `"text":"hi","bot_id":"B2",`+message)
			if took := time.Since(started); took > 10*time.Second {
				t.Errorf("it took %s", took)
			}
			if !strings.HasPrefix(m.Content, "hi") && !strings.HasPrefix(m.Content, "x") || utf8.RuneCountInString(m.Content) > MaxContent {
				t.Errorf("the text has %d characters: %.40q", utf8.RuneCountInString(m.Content), m.Content)
			}
			if !strings.HasSuffix(m.Content, tooLarge) && !strings.HasSuffix(m.Content, " more characters]") {
				t.Errorf("the text does not say that a part is missing: %.80q", m.Content)
			}
		})
	}
	large := strings.Repeat("x", 10<<20)
	if m := decodeContent(t, `"text":"`+large+`"`); utf8.RuneCountInString(m.Content) > MaxContent {
		t.Error("a text of 10 MB is not cut")
	}
}

// plainFields are fields with a plain text, in which nobody can mention or link to anything.
var plainFields = []string{
	`"blocks":[{"type":"header","text":{"type":"plain_text","text":%[1]s}},{"type":"section","fields":[{"type":"plain_text","text":%[1]s}]},{"type":"context",
		"elements":[{"type":"plain_text","text":%[1]s}]}]`,
	`"blocks":[{"type":"image","alt_text":%[1]s,"title":{"type":"plain_text","text":%[1]s}},{"type":"card","title":%[1]s}]`,
	`"blocks":[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":%[1]s},{"type":"emoji","name":%[1]s},
		{"type":"date","fallback":%[1]s},{"type":"color","value":%[1]s},{"type":"future","text":%[1]s}]},
		{"type":"rich_text_preformatted","elements":[{"type":"text","text":%[1]s}]},{"type":"rich_text_quote","elements":[{"type":"text","text":%[1]s}]}]}]`,
	`"attachments":[{"blocks":[{"type":"table","rows":[[{"type":"raw_text","text":%[1]s}]]}]},{"is_share":true,"author_id":%[1]s,"author_name":%[1]s,"text":"x"},
		{"author_name":%[1]s,"title_link":%[1]s}]`,
	`"files":[{"name":%[1]s,"pretty_type":%[1]s},{"title":%[1]s,"filetype":%[1]s,"preview":%[1]s},
		{"name":%[1]s,"transcription":{"preview":{"content":%[1]s}}},{"mode":"tombstone","name":%[1]s}]`,
}

// Ensure that nothing in a message panics or makes its text longer than the limit, that an
// odd part hides no text, and that a plain text never becomes a mention or a link.
func FuzzContent(f *testing.F) {
	for _, test := range contentTests {
		f.Add([]byte(`{`+test.message+`}`), "<@U1> <!here> <https://a.example|x> &lt;@U2&gt;")
	}
	f.Fuzz(func(t *testing.T, parts []byte, plain string) {
		var b body
		if json.Unmarshal(parts, &b) == nil {
			for _, byBot := range []bool{false, true} {
				if c := b.read(byBot); utf8.RuneCountInString(c.whole) > MaxContent || !utf8.ValidString(c.whole) {
					t.Errorf("%q has %d characters", parts, utf8.RuneCountInString(c.whole))
				}
			}
		}
		if json.Valid(parts) {
			m := decodeContent(t, fmt.Sprintf(`"text":"hi","blocks":%[1]s,"attachments":%[1]s,"files":%[1]s`, parts))
			if m.Text != "hi" || !strings.HasPrefix(m.Content, "hi") {
				t.Errorf("%q hides the text: %q", parts, m.Content)
			}
		}
		quoted, err := json.Marshal(plain)
		if err != nil {
			t.Fatal(err)
		}
		for _, fields := range plainFields {
			m := decodeContent(t, fmt.Sprintf(fields, quoted))
			if id := person.FindString(plain); id != "" {
				m.Content = strings.ReplaceAll(m.Content, "<@"+id+">", "") // the author of a forwarded message
			}
			if found := entity.FindString(m.Content); found != "" {
				t.Errorf("%q became %q in %q", plain, found, m.Content)
			}
		}
	})
}
