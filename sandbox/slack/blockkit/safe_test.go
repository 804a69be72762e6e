package blockkit

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// parseHTML parses HTML as a browser does in the body of a page.
func parseHTML(t testing.TB, s string) *html.Node {
	t.Helper()
	body := &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
	nodes, err := html.ParseFragment(strings.NewReader(s), body)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range nodes {
		body.AppendChild(n)
	}
	return body
}

// unsafeParts returns the parts of HTML that are not explicitly allowed.
func unsafeParts(n *html.Node) []string {
	tags := []string{
		"body", "div", "span", "p", "br", "hr", "h3", "h4", "h5", "h6", "strong", "em", "s", "u", "mark", "code", "pre", "blockquote", "ul", "ol", "li", "a", "time",
		"table", "caption", "tbody", "tr", "th", "td", "figure", "figcaption", "button", "details", "summary", "section", "fieldset", "label",
		"input", "select", "optgroup", "option", "textarea", "dialog", "svg", "path",
	}
	var found []string
	for d := range n.Descendants() {
		switch d.Type {
		case html.TextNode:
			continue
		case html.ElementNode:
			if !slices.Contains(tags, d.Data) {
				found = append(found, "tag "+d.Data)
			}
			found = append(found, unsafeAttributes(d)...)
		default:
			found = append(found, fmt.Sprintf("node %v %q", d.Type, d.Data))
		}
	}
	return found
}

func unsafeAttributes(n *html.Node) []string {
	names := []string{
		"class", "role", "title", "href", "target", "rel", "datetime", "start", "scope", "tabindex", "open", "name", "type", "value", "checked",
		"disabled", "hidden", "selected", "multiple", "required", "placeholder", "minlength", "maxlength", "min", "max", "step", "rows", "accept",
		"label", "dir", "viewBox", "width", "height", "fill", "stroke", "stroke-width", "stroke-linejoin", "d",
		"aria-label", "aria-hidden", "data-type", "data-action-id", "data-block-id", "data-value", "data-confirm", "data-dispatch", "data-source", "data-id",
	}
	types := []string{"button", "checkbox", "radio", "text", "email", "url", "number", "date", "time", "datetime-local", "file", "color"}
	var found []string
	attrs := map[string]string{}
	for _, a := range n.Attr {
		attrs[a.Key] = a.Val
		if !slices.Contains(names, a.Key) {
			found = append(found, "attribute "+a.Key)
		}
	}
	if class := attrs["class"]; class != "" {
		for _, c := range strings.Fields(class) {
			if !strings.HasPrefix(c, "bk") {
				found = append(found, "class "+c)
			}
		}
	}
	if kind, ok := attrs["type"]; ok && !slices.Contains(types, kind) {
		found = append(found, "type "+kind)
	}
	if dir, ok := attrs["dir"]; ok && dir != "auto" {
		found = append(found, "dir "+dir)
	}
	if href, ok := attrs["href"]; ok {
		found = append(found, unsafeLink(n.Data, href, attrs)...)
	}
	return found
}

func unsafeLink(tag, href string, attrs map[string]string) []string {
	var found []string
	if tag != "a" {
		found = append(found, "href on "+tag)
	}
	lower := strings.ToLower(href)
	if !strings.HasPrefix(lower, "https://") && !strings.HasPrefix(lower, "http://") && !strings.HasPrefix(lower, "mailto:") {
		found = append(found, "link "+href)
	}
	if !strings.Contains(attrs["rel"], "noopener noreferrer") || attrs["target"] != "_blank" {
		found = append(found, "link without rel or target")
	}
	return found
}

// isSafe checks that HTML has only allowed parts.
func isSafe(t testing.TB, s string) {
	t.Helper()
	if found := unsafeParts(parseHTML(t, s)); found != nil {
		t.Errorf("unsafe: %q\nin %s", found, s)
	}
}

// shown is the visible text of HTML.
func shown(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		switch {
		case d.Type == html.TextNode:
			b.WriteString(d.Data)
		case d.Data == "br":
			b.WriteByte('\n')
		}
	}
	return b.String()
}

func TestExamplesAreSafe(t *testing.T) {
	for _, name := range examples() {
		isSafe(t, string(HTML(example(t, name), workspace{})))
	}
}

// Ensure that the safety check finds unsafe parts.
func TestUnsafeParts(t *testing.T) {
	for _, s := range []string{
		`<script>x</script>`, `<b onclick="x">y</b>`, `<div style="x">y</div>`, `<a href="javascript:x">y</a>`, `<img src="x">`,
		`<a href="https://example.com">y</a>`, `<form>x</form>`, `<!-- x -->`, `<input type="image">`, `<svg href="https://example.com"></svg>`,
		`<div class="page">x</div>`,
	} {
		if unsafeParts(parseHTML(t, s)) == nil {
			t.Errorf("reported as safe: %s", s)
		}
	}
}

func TestSafeURL(t *testing.T) {
	for address, want := range map[string]bool{
		"https://example.com":           true,
		"HTTP://example.com":            true,
		"mailto:a@example.com":          true,
		"https:example.com":             false,
		"//example.com":                 false,
		"/path":                         false,
		"javascript:alert(1)":           false,
		"java\nscript:alert(1)":         false,
		" https://example.com":          false,
		"\x01https://example.com":       false,
		"data:text/html,x":              false,
		"vbscript:x":                    false,
		"file:///etc/passwd":            false,
		"https://":                      false,
		"":                              false,
		"blob:https://example.com/1":    false,
		"https://example.com/\u00a0x":   false,
		"view-source:https://a.example": false,
	} {
		if got := safeURL(address); got != want {
			t.Errorf("%q: %v, want %v", address, got, want)
		}
	}
}
