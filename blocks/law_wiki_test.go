package blocks

import (
	"regexp"
	"strings"
	"testing"
	"unicode"

	"enjobridge/enjo"
)

// wikiMarkup is the markup of wiki text that need not be visible: macros, the
// names of blocks, targets of links, and the options of images.
var wikiMarkup = regexp.MustCompile(`(?m)\{(?:code|noformat|quote|panel|info|note|tip|warning|expand|color|anchor)(?::[^}\n]*)?\}|^\s*h[1-6]\.\s|^\s*bq\.\s|` +
	`\|[^|\]\n]*:[^\]\n]*\]|\|#[^\]\n]*\]|\[[^\]\n]*:[^\]\n]*\]|!([^!\s|]+)\|[^!\n]*!|https?://\S*|&[^;\s]{1,40};`)

// certainOfTicket returns the letters and digits of a ticket's text that must
// be visible.
func certainOfTicket(text string) string {
	text = strings.TrimSpace(clean(text))
	if len(readHTML(text)) > 0 || !isWiki(text) {
		return certain(replaceUnescaped(cdata, text, "$1]"))
	}
	return lettersOf(wikiMarkup.ReplaceAllString(text, " $1 "))
}

// checkDescription checks the law of ticket texts: all of the text is visible
// in order, Slack accepts the ticket, and a card is not longer than it may be.
func checkDescription(t interface {
	Helper()
	Errorf(string, ...any)
}, text string,
) {
	t.Helper()
	shownPlain := describedPlain(text)
	shownMrkdwn := shownText(map[string]any{"type": "mrkdwn", "text": describedMrkdwn(text, 1_000_000)})
	for _, got := range []string{shownPlain, shownMrkdwn} {
		if lost := missing(got, certainOfTicket(text)); lost != "" {
			t.Errorf("lost %q\nshown %.2000q", lost, got)
		}
	}
	for _, limit := range []int{attributesLimit, descriptionLimit} {
		if got := describedMrkdwn(text, limit); length(got) > limit+len("\n_(shortened)_")+2 || strings.Count(got, "```")%2 != 0 {
			t.Errorf("%d characters of %d, or a fence is open: %q", length(got), limit, got)
		}
	}
	ticket := enjo.Ticket{ID: "IT-1", Description: text, Attributes: text}
	for _, m := range []Message{Ticket(TicketView{Ticket: ticket}, Rich), Ticket(TicketView{Ticket: ticket}, Markdown), Tickets([]TicketLine{{Ticket: ticket}})} {
		for _, problem := range checkMessage(m) {
			t.Errorf("%s", problem)
		}
	}
	if _, changed := TicketChange(ticket, ticket); changed {
		t.Errorf("a ticket differs from itself")
	}
}

func FuzzDescription(f *testing.F) {
	for _, text := range append(seeds(), wikiSeeds()...) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) { checkDescription(t, text) })
}

// Ensure that the law of ticket texts covers hostile ones.
func TestHostileDescriptions(t *testing.T) {
	for name, text := range hostileWiki(14_000) {
		t.Run(name, func(t *testing.T) { checkDescription(t, text) })
	}
}

// hostileWiki returns wiki markup of about size bytes that is hard to parse.
func hostileWiki(size int) map[string]string {
	fill := func(s string) string { return "h1. a\n" + strings.Repeat(s, size/len(s)+1) }
	return map[string]string{
		"code":           fill("{code}"),
		"code open":      fill("{code}a{noformat}"),
		"quotes":         fill("{quote}a"),
		"panels":         fill("{panel:title=a}\nb\n"),
		"stars":          fill("*a "),
		"stars closed":   fill("*a* "),
		"all styles":     fill("*_-+^~a "),
		"braces":         fill("{{"),
		"links":          fill("[a|https://x.example]"),
		"links open":     fill("[a|"),
		"images":         fill("!a.png|b "),
		"lists in lists": fill("********** a\n"),
		"lists by turns": fill("* a\n#*#*# b\n"),
		"rows":           fill("|a|b|\n"),
		"rows of lines":  fill("|a\nb|c\n* d|\n"),
		"row open":       "|a\n" + fill("b\n"),
		"wide row":       "||" + strings.Repeat("a||", size/3) + "\n",
		"ragged rows":    "||" + strings.Repeat("a||", size/6) + "\n" + strings.Repeat("|b|\n", size/8),
		"backslashes":    fill(`\`),
		"raised":         fill("x^2^"),
		"questions":      fill("??a"),
		"headings":       fill("h1. a\n"),
	}
}

func wikiSeeds() []string {
	all := []string{
		exampleWiki, "{code:java}\nx < y\n{code}", "bq. a\n{quote}b{quote}", "||a||b||\n|c|[x|y]|",
		"{color:red}a{color} [~accountid:5f] [^log.txt] [a|#b] [mailto:a@b.example]",
		"h1. a\n\\\\srv\\x \\*b\\* {{c}} !d.png|width=3! ??e?? (/) :)",
		"h1. [bank.example|https://evil.example] <!channel> <@U1> {noformat}<!here>{noformat}", "*# a\n#* b\n- c\n----\nd",
	}
	for _, text := range hostileWiki(300) {
		all = append(all, text)
	}
	return all
}

// lettersOf returns the letters and digits of a text.
func lettersOf(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, lined(text))
}
