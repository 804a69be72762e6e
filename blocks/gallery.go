package blocks

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"enjobridge/enjo"
)

// Example is a message, modal or home tab, for review and for tests.
type Example struct {
	Name        string   // unique, of lower-case letters, digits and dashes
	Description string   // what it shows
	Kind        string   // "message", "modal" or "home"
	Calls       []string // the IDs that it pings, and of the channels that it links to; most examples have none
	// One of these is set, depending on Kind.
	Messages []Message
	Modal    *slack.ModalViewRequest
	Home     *slack.HomeTabViewRequest
}

// Gallery returns everything that the bot shows, in all its states.
func Gallery() []Example {
	var all []Example
	all = append(all, answerExamples()...)
	all = append(all, markupExamples()...)
	all = append(all, verbatimExamples()...)
	all = append(all, ticketExamples()...)
	all = append(all, ticketStatusExamples()...)
	all = append(all, newsExamples()...)
	all = append(all, htmlExamples()...)
	all = append(all, escalationExamples()...)
	all = append(all, noticeExamples()...)
	all = append(all, wordExamples()...)
	all = append(all, privateExamples()...)
	all = append(all, reportExamples()...)
	return append(all, viewExamples()...)
}

func messageExample(name, description string, messages ...Message) Example {
	return Example{Name: name, Description: description, Kind: "message", Messages: messages}
}

func answerExamples() []Example {
	full := AnswerView{
		Reply: enjo.Reply{Text: exampleAnswer, Sources: exampleSources(12)}, Agent: "IT Helpdesk", Question: exampleQuestion,
		ShowFeedback: true, ShowCreateTicket: true, ShowEscalate: true,
	}
	texts := func(text string) AnswerView {
		v := full
		v.Reply = enjo.Reply{Text: text, Sources: exampleSources(1)}
		return v
	}
	bare := AnswerView{Reply: enjo.Reply{Text: "Your laptop is ready at the front desk.", Sources: exampleSources(2)}}
	noted := texts("The file name says it is an invoice.")
	noted.Note = NoteFiles([]string{"VPN.png", "log.zip"})
	manyFiles, unnamedFile := noted, noted
	manyFiles.Note, unnamedFile.Note = NoteFiles([]string{"VPN.png", "log.zip", "<!here>.txt", "screen.mov", "notes.docx"}), NoteFiles(nil)
	withTicket := texts("I opened a ticket for you.")
	withTicket.Reply.Ticket = &enjo.Ticket{ID: "IT-7", Status: "Open"}
	empty := texts(" \n")
	empty.Reply.Sources, empty.ShowRetry = nil, true
	requested := withTicket
	requested.ForTicket = true
	weak := texts("Open Self Service.")
	weak.Reply.Sources = exampleSources(5)

	return []Example{
		messageExample("answer", "An answer with all features of Markdown, twelve sources and every button.", Answer(full, Rich)...),
		messageExample("answer-markdown", "The same after Slack refused the container.", Answer(full, Markdown)...),
		messageExample("answer-mrkdwn", "The same after Slack refused the markdown block.", Answer(full, Mrkdwn)...),
		messageExample("answer-plain", "The same after Slack refused mrkdwn, too.", Answer(full, Plain)...),
		messageExample("answer-file", "The same after Slack refused all blocks.", Answer(full, AsFile)...),
		messageExample("answer-bare", "All options off: text, sources and author.", Answer(bare, Rich)...),
		messageExample("answer-note-files", "The note about more files than it names, and about files without a name.", slices.Concat(
			Answer(manyFiles, Rich), Answer(unnamedFile, Rich))...),
		messageExample("answer-note", "The bridge's own note before the answer.", Answer(noted, Rich)...),
		messageExample("answer-with-ticket", "A ticket was created, so that none is offered.", Answer(withTicket, Rich)...),
		messageExample("answer-empty", "The agent's answer is empty.", Answer(empty, Rich)...),
		messageExample("answer-for-ticket", "The answer to a request for a ticket.", Answer(requested, Rich)...),
		messageExample("answer-weak-sources", "Weak sources are left to the button.", Answer(weak, Markdown)...),
		messageExample("answer-literal", "Text that Markdown could misread is shown unchanged.", Answer(texts(exampleLiteral), Rich)...),
		messageExample("answer-hostile", "Pings, misleading links, scripts and images are inactive.", Answer(texts(exampleHostile), Rich)...),
		messageExample("answer-hostile-mrkdwn", "The same in mrkdwn.", Answer(texts(exampleHostile), Mrkdwn)...),
		messageExample("answer-embedded", "Embedded images and targets that are not active are shown shortened.", Answer(texts(exampleEmbedded()), Rich)...),
		messageExample("answer-html", "Remnants of HTML are rendered.", Answer(texts(exampleHTML), Rich)...),
		messageExample("answer-right-to-left", "Arabic and Hebrew.", Answer(texts(exampleRightToLeft), Rich)...),
		messageExample("answer-long", "An answer longer than a message: several messages, in reading order.", Answer(texts(exampleLong(60)), Rich)...),
		messageExample("answer-long-file", "An answer longer than five messages: its beginning, and a file.", Answer(texts(exampleLong(150)), Rich)...),
		messageExample("answer-table-wide", "More columns than a table can have.", Answer(texts(exampleTable(25, 3)), Rich)...),
		messageExample("answer-table-long", "More rows than a table can have: the header is repeated.", Answer(texts(exampleTable(3, 150)), Rich)...),
	}
}

func ticketExamples() []Example {
	t := exampleTicket()
	minimal := enjo.Ticket{ID: "INC0010023"}
	odd := t
	odd.URL, odd.ID = "javascript:alert(1)", "<!channel>"
	odd.Created, odd.Modified = enjo.Time{Raw: "last Tuesday"}, enjo.Time{}
	long := t
	long.Description = strings.Repeat("The screen stays black after the update. ", 100)
	long.Attributes = strings.Repeat(`{"component":"display"} `, 100)
	resolved := t
	resolved.Status, resolved.Priority = "Resolved", "Low"
	resolved.Description += "\nIt works again."
	change, _ := TicketChange(t, resolved)
	first, _ := TicketChange(minimal, t)
	rtl := t
	rtl.Status, rtl.Description = "مفتوح", "الشاشة سوداء بعد التحديث."
	return []Example{
		ticketExample("ticket", "A ticket with every field.", t),
		ticketExample("ticket-minimal", "A ticket with only an ID.", minimal),
		ticketExample("ticket-empty", "A ticket without any field.", enjo.Ticket{}),
		ticketExample("ticket-odd", "No web link, markup in the ID, a time that cannot be parsed.", odd),
		ticketExample("ticket-long", "Long texts are shortened, with a notice.", long),
		ticketExample("ticket-right-to-left", "A ticket in Arabic.", rtl),
		messageExample("ticket-change", "A change, in one line.", change),
		messageExample("ticket-change-first", "A change of a field that was empty.", first),
	}
}

func noticeExamples() []Example {
	return []Example{
		messageExample("notice", "A failure, with a way to try again.", Notice(NoticeView{
			Text: SayNoAnswer.Text(), Next: NextNoAnswer.Text(), Reference: "EB-7F3A91", Buttons: []Button{TryAgain(exampleQuestion)},
		})),
		messageExample("notice-plain", "A single sentence.", Notice(NoticeView{Text: SayStranger.Text()})),
		messageExample("notice-stale", "A question that was found late.", Notice(NoticeView{
			Text: StillNeeded(Ago(3 * time.Hour)), Buttons: []Button{AnswerNow(exampleQuestion)},
		})),
		messageExample("notice-empty", "A notice without text, which must not happen.", Notice(NoticeView{})),
		messageExample("notice-long", "Texts that are too long, and markup in them.", Notice(NoticeView{
			Text: strings.Repeat("<!channel> & so on. ", 100), Next: strings.Repeat("Wait. ", 300),
			Reference: strings.Repeat("r", 200), Buttons: []Button{{ActionID: ActionRetry, Text: strings.Repeat("again ", 30), Value: "v"}},
		})),
	}
}

func viewExamples() []Example {
	modal := func(name, description string, m slack.ModalViewRequest) Example {
		return Example{Name: name, Description: description, Kind: "modal", Modal: &m}
	}
	home := func(name, description string, h HomeView) Example {
		view := Home(h)
		return Example{Name: name, Description: description, Kind: "home", Home: &view}
	}
	long, rightToLeft := sourceModals()
	agents := []HomeAgent{{Name: "IT Helpdesk", Default: true}, {Name: "HR"}, {Name: "الموارد البشرية"}}
	var many []HomeAgent
	for i := range 60 {
		many = append(many, HomeAgent{Name: fmt.Sprintf("Agent %d", i+1)})
	}
	return []Example{
		modal("sources", "All sources of an answer.", Sources(exampleSources(12))),
		modal("sources-none", "An answer without sources.", Sources(nil)),
		modal("sources-many", "More sources than a modal can hold.", Sources(exampleSources(3000))),
		modal("sources-long", "Sources with endless names, kinds and addresses.", long),
		modal("sources-right-to-left", "Sources in Arabic and Hebrew.", rightToLeft),
		modal("feedback", "What was wrong with an answer.", FeedbackReason(exampleQuestion)),
		modal("comment", "A comment on a ticket.", TicketComment(exampleQuestion)),
		home("home", "The home tab.", HomeView{Agents: agents, Waiting: Waiting(2, 1, 8*time.Second), Tickets: exampleLines(3), TicketNews: true}),
		home("home-tickets", "The home tab of somebody with many tickets.", HomeView{Tickets: exampleLines(25)}),
		home("home-empty", "The home tab without content.", HomeView{}),
		home("home-outage", "The home tab while the agent cannot be reached.", HomeView{
			Agents: agents, Waiting: Waiting(1, 0, 0), Outage: AgentDown(),
		}),
		home("home-many", "The home tab with more agents than it lists.", HomeView{Agents: many}),
	}
}

func exampleTicket() enjo.Ticket {
	at := func(hour int) enjo.Time {
		moment := time.Date(2026, 11, 22, hour, 30, 0, 0, time.UTC)
		return enjo.Time{At: moment, Raw: moment.Format(time.RFC3339)}
	}
	return enjo.Ticket{
		ID: "IT-4711", Type: "Incident", Status: "Open", Priority: "High", URL: "https://example.atlassian.net/browse/IT-4711",
		Description: "The screen stays black after the update.", Attributes: "Component: display",
		Created: at(9), Modified: at(10),
	}
}

func exampleSources(n int) []enjo.Source {
	sources := make([]enjo.Source, n)
	for i := range sources {
		sources[i] = enjo.Source{
			Type: []string{"Knowledge Base", "Jira", "Confluence"}[i%3], Name: fmt.Sprintf("How to reset a password, part %d", i+1),
			URL: fmt.Sprintf("https://kb.example.com/articles/%d?lang=en&view=full", i+1), Score: 0.97 / float64(i+1),
		}
	}
	if n > 2 {
		sources[2].URL = "" // one without a link
		sources[1].Score = -1
	}
	return sources
}

const exampleAnswer = `## Reset your password

To reset **your own** password, open [Self Service](https://it.example.com/self?lang=en&step=1) and do *this*:

1. Choose **Forgot password**.
2. Enter your e-mail address, such as ` + "`jane@example.com`" + `.
3. Follow the link within 15 minutes:
   - on a laptop, in any browser;
   - on a phone, in Safari or Chrome.

- [x] You have your phone at hand
- [ ] You are in the office

> The link works once.
> Ask for another if it has ~~expired~~ been used.

` + "```sh\nauthctl status --user \"$USER\"\n```" + `

| System | Where | Takes |
|---|:-:|--:|
| E-mail | [Self Service](https://it.example.com/self) | 1 min |
| VPN | IT portal | 5 min |
| SAP | | 1 day |

---

See also https://it.example.com/faq_all and <https://it.example.com/vpn|the guide to VPN>.`

const exampleLiteral = "Use `List<String>` or `a && b`, and \\*mark\\* names such as __init__.py.\n\n" +
	"```go\nif a < b && c > d {\n\tfmt.Println(\"<!channel>\")\n}\n```\n\n" +
	"3. The list starts at three.\n4. `<b>` is no tag here.\n   ```\n   x < y\n   ```\n5. Last.\n\n" +
	"| Pattern | Meaning |\n|---|---|\n| `a\\|b` | a **or** b |\n\n## What is `<br>`?"

const exampleHostile = "<!channel> <!here> <!everyone> <!subteam^S012345> <@U012345> <#C012345|general> @channel\n\n" +
	"```\n<!channel>\n```\n\n`<!here>` &lt;!everyone&gt; &#60;@U012345&#62;\n\n" +
	"[www.bank.example](https://evil.example/login) [click](javascript:alert(1)) [x](data:text/html,x) " +
	"<https://evil.example|https://bank.example> [pay](https://bank.example@evil.example)\n\n" +
	"![tracking](https://evil.example/pixel.png)\n\n<script>alert(1)</script> <img src=\"https://evil.example/x.png\">\n\n" +
	"\u202Etxt.exe\u202C \x1b[31mred\x1b[0m \xff"

const exampleHTML = `<h2>Reset</h2><p>Open <a href="https://it.example.com/self?a=1&amp;b=2">Self Service</a> &amp; choose <b>Forgot</b>.<br>Then:</p>
<ol><li>Wait &lt;5 minutes</li><li>Follow the <i>link</i></li></ol><custom>Done.</custom>`

const exampleRightToLeft = "## إعادة تعيين كلمة المرور\n\nافتح **الخدمة الذاتية** واتبع [الرابط](https://it.example.com/ar).\n\n" +
	"1. اختر *نسيت كلمة المرور*.\n2. أدخل بريدك الإلكتروني: `jane@example.com`.\n\n> שלום, זה ציטוט.\n\n| النظام | المدة |\n|---|--:|\n| البريد | ١ دقيقة |"

func exampleLong(steps int) string {
	var out strings.Builder
	for i := range steps {
		fmt.Fprintf(&out, "%d. Step %d: %s\n\n", i+1, i+1, strings.Repeat("Read the instructions, then go on. 👩‍💻 ", 8))
	}
	out.WriteString("```log\n" + strings.Repeat("2026-11-22T10:00:00Z worker started\n", 400) + "```\n")
	return out.String()
}

func exampleEmbedded() string {
	image := "data:image/png;base64," + strings.Repeat("iVBORw0KGgoAAAANSUhEUgAA", 3300)
	return "Click ![the green button](" + image + ") below the logo:\n\n<img alt=\"The logo\" src=\"" + image + "\">\n\n" +
		"Its address is " + image + ", [the script](javascript:" + strings.Repeat("run();", 200) + ") is inactive."
}

func exampleTable(columns, rows int) string {
	var out strings.Builder
	for i := range rows + 2 {
		for j := range columns {
			switch i {
			case 0:
				fmt.Fprintf(&out, "| Column %d ", j+1)
			case 1:
				out.WriteString("|---")
			default:
				fmt.Fprintf(&out, "| %d.%d ", i-1, j+1)
			}
		}
		out.WriteString("|\n")
	}
	return out.String()
}
