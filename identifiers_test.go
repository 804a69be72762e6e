package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// jargon are private words that used to be in names. In their ordinary meaning they
// can be in prose.
var jargon = []string{
	"desk", "scribe", "teller", "berth", "hush", "hushed", "told", "along", "errand", "errands", "whisper", "whispers", "ghost", "ghosts",
	"trouble", "troubles", "gate", "wire", "turns", "haunted", "stray", "strays",
}

// verbs are words that are jargon as the first word of a function's name only.
var verbs = []string{"keep", "mark"}

// Ensure that packages, files, types, functions, fields and variables have the
// field's standard terms as names.
func TestNamesHaveNoJargon(t *testing.T) {
	err := filepath.WalkDir(".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(file, ".go") {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			return err
		}
		names := map[string]bool{strings.TrimSuffix(entry.Name(), ".go"): true, parsed.Name.Name: true}
		ast.Inspect(parsed, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				names[id.Name] = true
			}
			return true
		})
		for name := range names {
			if word := jargonIn(name); word != "" {
				t.Errorf("%s: %s has the word %q", filepath.ToSlash(file), name, word)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// jargonIn returns the word of a name that is jargon; empty if there is none.
func jargonIn(name string) string {
	words := wordsOf(name)
	for i, word := range words {
		if slices.Contains(jargon, word) || i == 0 && slices.Contains(verbs, word) && len(words) > 1 {
			return word
		}
	}
	return ""
}

// wordsOf returns the words of a name in camelCase or snake_case, in lower case.
func wordsOf(name string) []string {
	var words []string
	start := 0
	runes := []rune(name)
	for i, r := range runes {
		isBorder := r == '_' || i > start && unicode.IsUpper(r) && !unicode.IsUpper(runes[i-1])
		if isBorder {
			words = append(words, strings.ToLower(strings.Trim(string(runes[start:i]), "_")))
			start = i
		}
	}
	words = append(words, strings.ToLower(strings.Trim(string(runes[start:]), "_")))
	return slices.DeleteFunc(words, func(w string) bool { return w == "" })
}

func TestJargonIn(t *testing.T) {
	for name, want := range map[string]string{
		"askGhosts": "ghosts", "toldAt": "told", "keepMessage": "keep", "keep": "", "markAlong": "mark", "markdown": "", "aggregate": "", "newTeller": "teller", "wire": "wire",
		"hush_it": "hush", "wired": "", "bookmark": "", "HTTPGate": "",
	} {
		if got := jargonIn(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}
