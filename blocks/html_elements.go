package blocks

import (
	"regexp"
	"strings"
)

// elementKind is a set of the properties below.
type elementKind int

const (
	inlineElement  elementKind = 1 << iota
	blockElement               // it starts and ends a line
	voidElement                // it has no content and no end tag
	optionalEnd                // its end tag may be missing
	hiddenElement              // its content is not text
	needsAttribute             // without an attribute it is a placeholder
)

// htmlElements are the known elements. An unknown tag is text.
var htmlElements = elementsOf(map[elementKind]string{
	inlineElement: "a abbr acronym b bdi bdo big button cite code data del dfn em font i ins kbd label mark meter output progress q ruby rb rp rt s samp " +
		"small span strike strong sub sup time tt u var nobr select textarea noscript o:p at:i at:var",
	inlineElement | voidElement:                  "br wbr",
	inlineElement | voidElement | needsAttribute: "img input area source track embed",
	blockElement | voidElement:                   "hr",
	hiddenElement | voidElement | needsAttribute: "link meta base param col",
	hiddenElement: "script style template svg head",
	blockElement: "address article aside blockquote center details dialog dir div dl fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header " +
		"hgroup legend main menu nav ol pre section summary table ul xmp listing iframe video audio title ac:layout ac:layout-section ac:layout-cell " +
		"ac:rich-text-body ac:plain-text-body ac:task-list ac:task ac:task-body ac:adf-extension ac:adf-node ac:adf-content",
	blockElement | optionalEnd:  "html body p li dt dd tr td th thead tbody tfoot caption",
	inlineElement | optionalEnd: "option optgroup",
	hiddenElement | optionalEnd: "colgroup",
})

func elementsOf(kinds map[elementKind]string) map[string]elementKind {
	all := make(map[string]elementKind)
	for kind, names := range kinds {
		for name := range strings.FieldsSeq(names) {
			all[name] = kind
		}
	}
	return all
}

var confluenceName = regexp.MustCompile(`^(?:ac|ri):[a-z0-9-]+$`)

// elementOf returns the kind of an element; none if it is unknown.
func elementOf(name string) elementKind {
	if kind, ok := htmlElements[name]; ok {
		return kind
	}
	if confluenceName.MatchString(name) {
		return inlineElement
	}
	return 0
}

// parents are the elements that a part belongs to. The first one is made up for
// parts without a parent.
var parents = map[string][]string{
	"li": {"ul", "ol", "menu", "dir"}, "dt": {"dl", "div"}, "dd": {"dl", "div"},
	"thead": {"table"}, "tbody": {"table"}, "tfoot": {"table"}, "caption": {"table"}, "colgroup": {"table"},
	"tr": {"table", "thead", "tbody", "tfoot"}, "td": {"table", "tr", "thead", "tbody", "tfoot"}, "th": {"table", "tr", "thead", "tbody", "tfoot"},
	"option": {"select", "optgroup"}, "optgroup": {"select"},
}

// starts are the elements, separated by spaces, with which the content of an
// element starts. Otherwise its tag is a placeholder, such as in "UPDATE
// <table> SET".
var starts = map[string]string{
	"ul": "li ul ol", "ol": "li ul ol", "menu": "li", "dir": "li", "dl": "dt dd div",
	"table": "thead tbody tfoot tr td th caption colgroup col",
}

const headings = "h1 h2 h3 h4 h5 h6"

// implied are the open elements that a start tag ends, up to one of the others.
var implied = map[string]struct{ ends, within string }{
	"li": {"li", "ul ol menu dir"}, "dt": {"dt dd", "dl"}, "dd": {"dt dd", "dl"},
	"tr": {"tr td th caption colgroup", "table"}, "td": {"td th", "tr table"}, "th": {"td th", "tr table"},
	"thead": {"thead tbody tfoot tr td th caption colgroup", "table"}, "tbody": {"thead tbody tfoot tr td th caption colgroup", "table"},
	"tfoot": {"thead tbody tfoot tr td th caption colgroup", "table"}, "option": {"option", "select"}, "body": {"head", ""},
	"h1": {headings, "*"}, "h2": {headings, "*"}, "h3": {headings, "*"}, "h4": {headings, "*"}, "h5": {headings, "*"}, "h6": {headings, "*"},
}

// within reports whether a name is among names, which spaces separate.
func within(names, name string) bool {
	i := strings.Index(names, name)
	return i >= 0 && name != "" && (i == 0 || names[i-1] == ' ') && (i+len(name) == len(names) || names[i+len(name)] == ' ') ||
		i >= 0 && strings.Contains(" "+names+" ", " "+name+" ")
}
