package blockkit

import (
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// nodes renders formatted text.
func (w *htmlWriter) nodes(nodes []node) {
	for _, n := range nodes {
		w.node(n)
	}
}

func (w *htmlWriter) node(n node) {
	switch n.kind {
	case nodeText:
		w.text(n.text)
	case nodeBold:
		w.wrap("strong", "", n)
	case nodeItalic:
		w.wrap("em", "", n)
	case nodeStrike:
		w.wrap("s", "", n)
	case nodeUnderline:
		w.wrap("u", "", n)
	case nodeHighlight:
		w.wrap("mark", "", n)
	case nodeCode:
		w.wrap("code", "bk-code", n)
	case nodeLink:
		w.linkNode(n)
	case nodeImage: // within text, Slack shows a link
		w.linkNode(node{url: n.url, kids: []node{textNode(named(n.text, n.url))}})
	case nodeCitation:
		w.citation(n)
	case nodeEmoji:
		w.emoji(n.text)
	case nodeDate:
		w.date(n)
	case nodeColor:
		w.color(n.text)
	case nodeUnknown:
		w.unknownNode(n)
	case nodeUser, nodeChannel, nodeUsergroup, nodeBroadcast, nodeTeam:
		w.reference(n)
	default:
		w.blockNode(n)
	}
}

func (w *htmlWriter) blockNode(n node) {
	switch n.kind {
	case nodeHeading:
		w.wrap("h3", "bk-header", n)
	case nodeQuote:
		w.wrap("blockquote", "bk-quote", n)
	case nodePre:
		w.preformatted(n)
	case nodeRule:
		w.open("hr", "class", "bk-divider")
	case nodeList:
		w.list(n)
	case nodeItem:
		w.item(n)
	case nodeTable:
		w.tableBox("Table", n, "")
	default:
		w.wrap("p", "bk-p", n)
	}
}

func (w *htmlWriter) wrap(tag, class string, n node) {
	w.el(tag, []string{"class", class}, func() { w.nodes(n.kids) })
}

func (w *htmlWriter) preformatted(n node) {
	w.pre = true
	w.el("pre", []string{"class", "bk-pre"}, func() {
		if strings.HasPrefix(plainText(n.kids), "\n") {
			w.literal("\n") // a browser removes the first one
		}
		w.nodes(n.kids)
	})
	w.pre = false
}

// linkNode renders a link. If it cannot be opened, its address is shown, so
// that the label hides nothing.
func (w *htmlWriter) linkNode(n node) {
	w.link(n.url, "bk-link", func() { w.nodes(n.kids) })
	if !safeURL(n.url) && plainText(n.kids) != n.url {
		w.text(" <" + n.url + ">")
	}
}

// citation renders a reference to a source; the source's title is its tooltip.
func (w *htmlWriter) citation(n node) {
	if !safeURL(n.url) || w.links > 0 {
		w.el("span", []string{"class", "bk-citation", "title", n.id}, func() { w.text(n.text) })
		return
	}
	w.el("a", append([]string{"class", "bk-citation", "title", n.id}, linkAttrs(n.url)...), func() { w.text(n.text) })
}

func (w *htmlWriter) emoji(name string) {
	characters, ok := emoji(name)
	if !ok {
		w.text(":" + name + ":")
		return
	}
	w.el("span", []string{"class", "bk-emoji", "role", "img", "aria-label", name + " emoji", "title", ":" + name + ":"}, func() {
		w.literal(characters)
	})
}

func (w *htmlWriter) date(n node) {
	at, text := n.date(w.r)
	show := func() { w.text(text) }
	if at.IsZero() {
		show()
		return
	}
	w.el("time", []string{"class", "bk-date", "datetime", at.Format(time.RFC3339)}, func() {
		if n.url == "" {
			show()
		} else {
			w.link(n.url, "bk-link", show)
		}
	})
}

var hexColor = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^#[0-9A-Fa-f]{6}$`) })

// unknownNode shows an unknown inline object as code.
func (w *htmlWriter) unknownNode(n node) {
	if n.flag {
		w.el("code", []string{"class", "bk-code bk-unknown-inline"}, func() { w.literal(n.text) })
		return
	}
	w.unknown(n.id, n.text)
}

// color shows a color's value and a swatch. An input is the only element that
// shows a color without a style.
func (w *htmlWriter) color(value string) {
	w.el("span", []string{"class", "bk-color"}, func() {
		if hexColor().MatchString(value) {
			w.open("input", "type", "color", "value", value, "disabled", "disabled", "aria-hidden", "true")
		}
		w.text(value)
	})
}

// reference renders a person, a channel or a group. References that notify many
// people are highlighted.
func (w *htmlWriter) reference(n node) {
	class := "bk-mention"
	if n.kind == nodeBroadcast || n.kind == nodeUsergroup {
		class += " bk-mention-loud"
	}
	w.el("span", []string{"class", class, "data-id", n.id}, func() { w.text(n.name(w.r)) })
}

func (w *htmlWriter) list(n node) {
	class := "bk-list bk-indent-" + strconv.Itoa(n.indent)
	if n.id == "border" {
		class += " bk-border"
	}
	if !n.flag {
		w.wrap("ul", class, n)
		return
	}
	start := ""
	if n.number != 1 {
		start = strconv.Itoa(n.number)
	}
	w.el("ol", []string{"class", class, "start", start}, func() { w.nodes(n.kids) })
}

func (w *htmlWriter) item(n node) {
	if n.number == noCheck {
		w.wrap("li", "", n)
		return
	}
	w.el("li", []string{"class", "bk-task-item"}, func() {
		state, label := "", "not done"
		if n.number == checked {
			state, label = "checked", "done"
		}
		w.open("input", "type", "checkbox", "checked", state, "disabled", "disabled", "aria-label", label)
		w.div("bk-task-text", func() { w.nodes(n.kids) })
	})
}

// tableBox renders a table in a box that scrolls, so that a wide table does not
// widen the page.
func (w *htmlWriter) tableBox(label string, table node, caption string) {
	w.el("div", []string{"class", "bk-table", "role", "region", "aria-label", label, "tabindex", "0", "dir", "auto"}, func() {
		w.el("table", nil, func() {
			if caption != "" {
				w.el("caption", nil, func() { w.text(caption) })
			}
			for _, row := range table.kids {
				w.el("tr", nil, func() { w.cells(row) })
			}
		})
	})
}

func (w *htmlWriter) cells(row node) {
	for _, cell := range row.kids {
		tag, scope := "td", ""
		if cell.flag {
			tag, scope = "th", "col"
		}
		class := ""
		if cell.align != "" {
			class = "bk-" + cell.align
		}
		w.el(tag, []string{"scope", scope, "class", class}, func() { w.nodes(cell.kids) })
	}
}
