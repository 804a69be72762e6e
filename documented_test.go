package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

// documented is a command of enjobridge or of curl, as a page of the documentation has it.
type documented struct {
	page    string
	before  []string // the lines of its block that prepare the shell
	command string
	output  string // below a command with a prompt
}

var (
	// runs matches what runs enjobridge or curl, or has one of them as an argument.
	runs = regexp.MustCompile(`(^|[ /])(enjobridge|curl)( |$)`)
	// prepares matches a line that sets something for the commands below it.
	prepares = regexp.MustCompile(`^(umask [0-7]+|[A-Z_]+=\S+)$`)
	comment  = regexp.MustCompile(`\s+# .*$`)
	wrapped  = regexp.MustCompile(` *\\\n *`)
)

// isCommand tells a command from the path of a file.
func isCommand(code string) bool {
	return runs.MatchString(code) && (strings.Contains(code, " ") || !strings.HasPrefix(code, "/"))
}

// commandsOf returns the commands of a page: those in code blocks without a language, and
// those in sentences.
func commandsOf(page string, source []byte) (found []documented) {
	_ = ast.Walk(goldmark.DefaultParser().Parse(text.NewReader(source)), func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := node.(type) {
		case *ast.CodeSpan:
			var code strings.Builder
			for child := n.FirstChild(); child != nil; child = child.NextSibling() {
				code.Write(child.(*ast.Text).Segment.Value(source))
			}
			if command := strings.Join(strings.Fields(code.String()), " "); isCommand(command) {
				found = append(found, documented{page: page, command: command})
			}
		case *ast.FencedCodeBlock:
			if n.Info == nil && !isOutput(n, source) {
				found = append(found, commandsOfBlock(page, string(n.Lines().Value(source)))...)
			}
		}
		return ast.WalkContinue, nil
	})
	return found
}

// isOutput reports whether a comment above a block says that another test compares it with
// the output of a command.
func isOutput(block ast.Node, source []byte) bool {
	above, ok := block.PreviousSibling().(*ast.HTMLBlock)
	if !ok {
		return false
	}
	html := string(above.Lines().Value(source))
	return strings.HasPrefix(html, "<!-- output of ") || strings.HasPrefix(html, "<!-- transcript: ")
}

// commandsOfBlock returns the commands of a code block. If it has prompts, the lines without
// one are output.
func commandsOfBlock(page, block string) (found []documented) {
	prompts := strings.HasPrefix(block, "$ ")
	var before []string
	for line := range strings.Lines(wrapped.ReplaceAllString(block, " ")) {
		command, prompt := strings.CutPrefix(line, "$ ")
		if prompts && !prompt {
			if len(found) > 0 {
				found[len(found)-1].output += line
			}
			continue
		}
		command = comment.ReplaceAllString(strings.TrimSpace(command), "")
		switch {
		case prepares.MatchString(command):
			before = append(before, command)
		case isCommand(command):
			found = append(found, documented{page: page, before: slices.Clone(before), command: command})
		}
	}
	return found
}

// documentedCommands returns the commands of all pages for users and operators.
func documentedCommands(t *testing.T) (found []documented) {
	t.Helper()
	pages, err := filepath.Glob(filepath.Join("docs", "*.md"))
	if err != nil || len(pages) == 0 {
		t.Fatalf("the pages are %q, %v", pages, err)
	}
	for _, page := range append(pages, "README.md", "CONTRIBUTING.md") {
		source, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, commandsOf(filepath.ToSlash(page), source)...)
	}
	return found
}

// Ensure that commands are found wherever a page has them.
func TestCommandsOfAPage(t *testing.T) {
	const page = "Run `enjobridge\nfrob` as the user of `/var/lib/enjobridge`, or `curl -f http://x`; `enjobridge_x` and `@enjobridge hi` are none.\n\n" +
		"| a | b |\n|---|---|\n| `x` | `A=b enjobridge cell` |\n\n" +
		"```\nSTORAGE=x\numask 077\nls\n30 2 * * *  root  /bin/enjobridge backup \\\n  a   # daily\n```\n\n" +
		"```js\nenjobridge script\n```\n\n" +
		"- item\n  ```\n  printf x | curl y\n  ```\n\n" +
		"<!-- output of enjobridge z -->\n```\nenjobridge z\n```\n\n" +
		"```\n$ enjobridge say\nenjobridge said\n$ ls\n```\n"
	want := []documented{
		{page: "p", command: "enjobridge frob"},
		{page: "p", command: "curl -f http://x"},
		{page: "p", command: "A=b enjobridge cell"},
		{page: "p", command: "30 2 * * *  root  /bin/enjobridge backup a", before: []string{"STORAGE=x", "umask 077"}},
		{page: "p", command: "printf x | curl y"},
		{page: "p", command: "enjobridge say", output: "enjobridge said\n"},
	}
	if diff := cmp.Diff(want, commandsOf("p", []byte(page)), cmp.AllowUnexported(documented{})); diff != "" {
		t.Error(diff)
	}
}
