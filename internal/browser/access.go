package browser

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/chromedp"
)

//go:embed contrast.js
var contrast string

// interactive are the roles of interactive elements. Each element needs a name.
var interactive = []string{
	"button", "link", "textbox", "searchbox", "combobox", "checkbox", "radio", "menuitem", "option", "listbox", "tab",
	"switch", "slider", "spinbutton", "DisclosureTriangle", "Date", "InputTime", "DateTime",
}

// landmarks are the roles by which screen readers navigate. Landmarks of the same role need different names.
var landmarks = []string{"navigation", "complementary", "main", "dialog"}

// CheckAccess fails the test for interactive elements without a role or a name,
// for landmarks with the same role and name, and for text with too little contrast.
func (tab *Tab) CheckAccess(what string) {
	tab.t.Helper()
	for _, problem := range tab.access() {
		tab.t.Errorf("%s: %s", what, problem)
	}
	for _, problem := range Eval[[]string](tab, contrast) {
		tab.t.Errorf("%s: contrast %s", what, problem)
	}
	// Everything clickable must be reachable with the keyboard.
	for _, problem := range Eval[[]string](tab, unreachable) {
		tab.t.Errorf("%s: a keyboard does not reach %s", what, problem)
	}
}

// unreachable lists elements that react to clicks but cannot get the focus.
const unreachable = `[...document.querySelectorAll("[onclick], [role=button]:not(button):not([tabindex]), a:not([href])")].map(e => e.outerHTML.slice(0, 120))`

// access returns the problems in the browser's accessibility tree.
func (tab *Tab) access() []string {
	tab.t.Helper()
	ctx, cancel := until(tab.ctx, tab.t)
	defer cancel()
	tree, err := chromedp.Call(ctx, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	if err != nil {
		tab.t.Fatalf("reading the accessibility tree: %v", err)
	}
	var problems []string
	seen := map[string]bool{}
	for _, node := range tree.Nodes {
		role, name := text(node.Role), strings.TrimSpace(text(node.Name))
		switch {
		case node.Ignored:
		case slices.Contains(interactive, role) && name == "":
			problems = append(problems, fmt.Sprintf("a %s without a name: %s", role, tab.source(node)))
		case slices.Contains(landmarks, role):
			if seen[role+" "+name] {
				problems = append(problems, fmt.Sprintf("two landmarks %s %q", role, name))
			}
			seen[role+" "+name] = true
		}
	}
	return problems
}

// source returns the beginning of a node's HTML, to identify it.
func (tab *Tab) source(node *accessibility.Node) string {
	found, err := chromedp.Call(tab.ctx, dom.GetOuterHTML, dom.GetOuterHTMLParams{BackendNodeID: node.BackendDOMNodeID})
	if err != nil {
		return err.Error()
	}
	return found.OuterHTML[:min(len(found.OuterHTML), 160)]
}

func text(v *accessibility.Value) string {
	if v == nil {
		return ""
	}
	var s string
	if json.Unmarshal(v.Value, &s) != nil {
		return ""
	}
	return s
}
