package blocks

import (
	"regexp"
	"strings"
)

// languages are the names of languages that agents write after a fence. Any
// other word there is shown, because it could be content, such as a password.
var languages = setOf(`
abap ada ahk ansi ansible antlr apache apex apl apple applescript arduino arm asciidoc asm asp aspnet assembly autohotkey
awk bash basic bat batch bazel bibtex bicep blade brainfuck c c# c++ cc cfg chart clj clojure cmake cmd cobol code
coffee coffeescript conf config console cpp cql cron crontab crystal cs csharp cshtml cson css csv cuda curl cxx cypher
cython d dart dax delphi desktop diff django docker docker-compose dockerfile dos dot dotenv edn ejs elisp elixir elm emacs
email env erb erl erlang excel ex exs f# fish fortran fs fsharp gcode gherkin git gitconfig gitignore glsl gn go golang gql
gradle graphql graphviz groovy haml handlebars haskell haxe hbs hcl hjson hlsl hocon hosts hpp hs htaccess htm html html+erb
http https idl ini ipynb ipython java javascript jenkins jenkinsfile jinja jinja2 jq jql js json json5 jsonc jsonl jsonnet
jsonp jsp jsx julia jupyter kotlin kql kt kts kubernetes kusto latex lean less lisp liquid llvm log logs lua m make makefile
markdown mathematica math matlab md mdx mermaid mips mjs mongodb mustache mysql nasm nginx nim nix nohighlight none nushell
objc objective-c objectivec ocaml octave odin openscad oracle output patch pascal pcre perl pgsql php pl plain plaintext
plantuml plist plsql po postgres postgresql postscript powerquery powershell prisma processing prolog promql properties proto
protobuf ps ps1 psql pug puppet purescript pwsh py py3 pycon pyi python python2 python3 q qml query r racket raku rb react
reg regedit regex regexp registry rest robot robotframework rs rst ruby rust s sas sass scala scheme scss sed sentinel
session sh shell shell-session shellscript smalltalk solidity soql sparql spl splunk sql sqlite ssh ssh-config sshconfig
stata stylus svelte svg swift syslog systemd systemverilog tcl tcsh terminal terraform tex text tf tfvars toml ts tsql tsv
tsx twig txt typescript typst url v v8 vala vb vba vbnet vbs vbscript verilog vhdl vi vim viml vue wasm wat wgsl wiki
windbg wolfram x86asm xhtml xml xonsh xpath xquery xslt yaml yml zig zsh`)

func setOf(words string) map[string]bool {
	set := make(map[string]bool)
	for word := range strings.FieldsSeq(words) {
		set[word] = true
	}
	return set
}

// languageOf returns the language at the start of a fence's info string, and
// the rest; an empty language for other text.
func languageOf(info string) (lang, rest string) {
	word, rest, _ := strings.Cut(strings.Join(strings.Fields(info), " "), " ")
	if i := strings.IndexByte(word, '{'); i > 0 {
		word, rest = word[:i], word[i:]+" "+rest
	}
	if inner, ok := strings.CutPrefix(word, "{"); ok { // {.python .numberLines}
		var closed bool
		if word, closed = strings.CutSuffix(strings.TrimPrefix(inner, "."), "}"); !closed {
			rest = "{" + rest
		}
	}
	word = strings.TrimPrefix(strings.TrimPrefix(word, "language-"), "lang-")
	if !languages[strings.ToLower(word)] {
		return "", ""
	}
	return word, strings.TrimSpace(rest)
}

// attributesPattern matches what documentation tools write after a language:
// title="a.py", {1,3-5}, {.numberLines}, linenos.
var attributesPattern = regexp.MustCompile(`^(?:` +
	`[A-Za-z][\w-]*=(?:"[^"]*"|'[^']*'|[\w./-]+)` +
	`|\{(?:[\d,\s-]*|\s*(?:[.#][\w-]+|[A-Za-z][\w-]*=(?:"[^"]*"|'[^']*'|[\w./-]+))(?:\s+(?:[.#][\w-]+|[A-Za-z][\w-]*=(?:"[^"]*"|'[^']*'|[\w./-]+)))*\s*)\}` +
	`|(?:linenos|lineno|line-numbers|numberLines|showLineNumbers|noLineNumbers|copy|nocopy|wrap|runnable|editable|noplayground|ignore|no_run|should_panic)` +
	`)(?:\s+|$)`)

// attributes reports whether the rest of an info string has attributes only.
func attributes(rest string) bool {
	for rest != "" {
		n := len(attributesPattern.FindString(rest))
		if n == 0 {
			return false
		}
		rest = rest[n:]
	}
	return true
}
