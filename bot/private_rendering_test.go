package bot_test

import (
	"slices"
	"strings"
	"testing"

	slacksandbox "enjobridge/sandbox/slack"
)

// sourcesAnswer is an answer whose rich rendering has a citation and a container.
const sourcesAnswer = `{"success":true,"data":{"answers":"Read *this* page [1].","sources":[` +
	`{"name":"One","url":"https://kb.example.com/1","score":0.9},{"name":"Two","url":"https://kb.example.com/2","score":0.8}]`

// ticketAnswer is the same with a ticket.
const ticketAnswer = sourcesAnswer + `,"ticketDetails":{"id":"IT-7","status":"Open","description":"My laptop is broken","url":"https://jira.example.com/IT-7"}}}`

// refuses makes Slack refuse private messages with sources and one of some texts in their blocks.
func (h *house) refuses(texts ...string) {
	h.slack.Faults().OnCall(slacksandbox.Calls{Method: "response_url", If: func(c slacksandbox.Call) bool {
		shown := c.Args["blocks"]
		return strings.Contains(shown, "kb.example.com") && slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(shown, text) })
	}}, slacksandbox.Fail("invalid_blocks"))
}

// uses returns how often a response URL was used.
func (h *house) uses() (n int) {
	for _, c := range h.slack.Calls() {
		if c.Method == "response_url" {
			n++
		}
	}
	return n
}

// Ensure that a private answer with blocks that Slack does not support arrives in the next
// rendering, for its asker alone, and that the next one costs no refused use.
func TestUnsupportedBlocksInAPrivateAnswer(t *testing.T) {
	for _, kind := range []string{"citation", "container", "card"} {
		bubbles(t, kind, func(t *testing.T) {
			h := build(t, plan{agent: answering(ticketAnswer)})
			h.slack.Faults().OnCall(slacksandbox.Calls{Method: "response_url"}, slacksandbox.Unsupported(kind))
			h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.*"}, slacksandbox.Unsupported(kind))
			for n := range 2 {
				before := h.uses()
				h.command(h.alice, h.support, "What should I read?")
				h.awaitEnded(n + 1)
				shown := h.ephemerals(h.slack.View, h.support, h.alice)
				if len(shown) != 2*(n+1) {
					t.Fatalf("%d messages after question %d", len(shown), n+1)
				}
				for n, wanted := range []string{"https://kb.example.com/2", "IT-7"} {
					m := shown[len(shown)-2+n]
					if h.has(m, wanted); strings.Contains(string(m.Blocks), `"type":"`+kind+`"`) {
						t.Errorf("the message has a %s: %s", kind, m.Blocks)
					}
				}
				refused := 0
				if n == 0 && kind != "card" { // a private ticket has no card
					refused = 1
				}
				if got := h.uses() - before; got != 2+refused {
					t.Errorf("question %d used the response URL %d times", n+1, got)
				}
			}
			h.wantPosted(h.slack.DM(h.alice), "", 0)
			h.wantPosted(h.support, "", 0)
		})
	}
}

// Ensure that the same answer arrives in the direct messages, if its response URL does not
// work.
func TestUnsupportedBlocksInDirectMessages(t *testing.T) {
	for _, kind := range []string{"citation", "container", "card"} {
		bubbles(t, kind, func(t *testing.T) {
			h := build(t, plan{agent: answering(ticketAnswer)})
			h.slack.Faults().OnCall(slacksandbox.Calls{Method: "response_url"}, slacksandbox.LoseResponse())
			h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.*"}, slacksandbox.Unsupported(kind))
			h.command(h.alice, h.support, "What should I read?")
			h.awaitEnded(1)
			dm := h.slack.DM(h.alice)
			h.awaitPosted(dm, "IT-7")
			h.wantPosted(dm, "https://kb.example.com/2", 1)
			h.wantPosted(dm, `"type":"`+kind+`"`, 0)
			h.wantPosted(h.support, "", 0)
		})
	}
}

// Ensure that a private answer of which Slack takes only a simple rendering arrives
// privately, within the uses that are left of its response URL, and that one of which it
// takes none there arrives in the direct messages.
func TestSimpleRenderingsOfAPrivateAnswer(t *testing.T) {
	rich, markdown, mrkdwn, plain := `"container"`, `"rich_text"`, `"mrkdwn"`, `"section"`
	for name, test := range map[string]struct {
		refused  []string
		ticket   bool
		uses     int
		directly bool
	}{
		"markdown":               {[]string{rich}, false, 2, false},
		"mrkdwn or plain":        {[]string{rich, markdown}, false, 3, false},
		"plain":                  {[]string{rich, markdown, mrkdwn}, false, 3, false},
		"markdown with a ticket": {[]string{rich}, true, 3, false},
		"plain with a ticket":    {[]string{rich, markdown, mrkdwn}, true, 3, false},
		"none":                   {[]string{rich, markdown, mrkdwn, plain}, false, 3, true},
	} {
		bubbles(t, name, func(t *testing.T) {
			answer := sourcesAnswer + "}}"
			if test.ticket {
				answer = ticketAnswer
			}
			h := build(t, plan{agent: answering(answer)})
			h.refuses(test.refused...)
			h.command(h.alice, h.support, "What should I read?")
			h.awaitEnded(1)
			if got := h.uses(); got != test.uses {
				t.Errorf("the response URL was used %d times, want %d", got, test.uses)
			}
			shown := texts(h.ephemerals(h.slack.View, h.support, h.alice))
			if strings.Contains(shown, "https://kb.example.com/2") == test.directly || strings.Contains(shown, "IT-7") != (test.ticket && !test.directly) {
				t.Errorf("the asker sees %s", shown)
			}
			direct := 0
			if test.directly {
				direct = 1
			}
			h.wantPosted(h.slack.DM(h.alice), "https://kb.example.com/2", direct)
		})
	}
}
