package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Ensure that each key has words in each language, that it is used, and that the
// gallery shows it; a status and a suggested question are not blocks.
func TestWordsAreComplete(t *testing.T) {
	inBot, inBlocks, inGallery := source(t, "bot/*/*.go"), source(t, "blocks/*.go", "gallery", "words"), source(t, "blocks/gallery*.go")
	keys := keysOf(t)
	for language, words := range languages(t) {
		for _, key := range keys {
			if strings.TrimSpace(words[key]) == "" {
				t.Errorf("%s has no words for %s", language, key)
			}
		}
		if len(words) != len(keys) {
			t.Errorf("%s has %d texts, want %d", language, len(words), len(keys))
		}
	}
	for _, file := range source(t, "blocks/notice_*.go") {
		keys = append(keys, declared(file)...)
	}
	for _, key := range keys {
		switch isBlock := !strings.HasPrefix(key, "Status") && !strings.HasPrefix(key, "Prompt"); {
		case !uses(inBot, key) && !uses(inBlocks, key):
			t.Errorf("%s is not used", key)
		case isBlock && uses(inBot, key) && !uses(inGallery, key):
			t.Errorf("%s must be in the gallery", key)
		}
	}
}

// Ensure that all placeholders of a text are replaced, and that nothing is passed that
// the text has no place for.
func TestPlaceholdersAreReplaced(t *testing.T) {
	for language, words := range languages(t) {
		check := func(place string, keys, given []string) {
			var known []string
			for _, key := range keys {
				for _, p := range placeholder.FindAllString(words[key], -1) {
					if known = append(known, p); !slices.Contains(given, p) {
						t.Errorf("%s: %s does not replace %s in %s", language, place, p, key)
					}
				}
			}
			for _, p := range given {
				if !slices.Contains(known, p) {
					t.Errorf("%s: %s replaces %s, which is not in %v", language, place, p, keys)
				}
			}
		}
		for _, pattern := range []string{"bot/*/*.go", "blocks/*.go"} {
			for name, file := range source(t, pattern, "words") {
				replacements(file, words, func(keys, given []string) { check(name, keys, given) })
			}
		}
	}
}

var placeholder = regexp.MustCompile(`\{[a-z]+\}`)

// replacements finds the keys of a file, with the placeholders that are replaced there.
func replacements(file *ast.File, words map[string]string, found func(keys, given []string)) {
	var visit func(n ast.Node) bool
	visit = func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		speakers, values, given := []ast.Expr{call.Fun}, call.Args, []string(nil)
		switch called(call.Fun) {
		case "Text", "around":
			for i := 0; i < len(values); i += 2 {
				if literal, ok := values[i].(*ast.BasicLit); ok {
					given = append(given, "{"+unquoted(literal)+"}")
				}
			}
		case "counted":
			speakers, values, given = call.Args[1:], call.Args[:1], []string{"{n}"}
		default:
			return true
		}
		if keys := keysIn(speakers, words); len(keys) > 0 {
			found(keys, given)
		}
		for _, v := range values {
			ast.Inspect(v, visit)
		}
		return false
	}
	ast.Inspect(file, visit)
}

// keysIn returns the keys in expressions.
func keysIn(exprs []ast.Expr, words map[string]string) (keys []string) {
	for _, expr := range exprs {
		ast.Inspect(expr, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && words[id.Name] != "" {
				keys = append(keys, id.Name)
			}
			return true
		})
	}
	return keys
}

// Ensure that all texts for users are in the files of words.
func TestTextsAreInTheFilesOfWords(t *testing.T) {
	files := source(t, "bot/*/*.go")
	// The words by which markup and a ticket's status are recognised are not ours.
	for name, file := range source(t, "blocks/*.go", "gallery", "words", "ticket_status", "md_language", "html", "wiki") {
		files[name] = file
		ast.Inspect(file, func(n ast.Node) bool {
			if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING && severalWords.MatchString(literal.Value) {
				t.Errorf("%s says %s: put it into blocks/words_en.go", name, literal.Value)
			}
			return true
		})
	}
	for name, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			for _, text := range saidIn(n) {
				t.Errorf("%s says %s: put it into blocks/words_en.go", name, text)
			}
			return true
		})
	}
}

var (
	severalWords = regexp.MustCompile(`\pL{2,} \p{Ll}{2,}`) // a name has capitals
	aWord        = regexp.MustCompile(`\pL{2,}`)
)

// saidIn returns the texts for users in a node: literals that are passed to what makes
// messages, or that are part of a notice, a button or a failure.
func saidIn(n ast.Node) (texts []string) {
	var said []ast.Expr
	switch n := n.(type) {
	case *ast.CallExpr:
		speaks := []string{"Say", "refusal", "refuse", "plainObject", "mrkdwnObject", "richWord", "plainSpans", "SetText", "WithAccessibilityLabel"}
		if slices.Contains(speaks, called(n.Fun)) {
			said = n.Args
		}
	case *ast.KeyValueExpr:
		if name, ok := n.Key.(*ast.Ident); ok && slices.Contains([]string{"Text", "Next", "Note", "Title", "Outage", "text", "help"}, name.Name) {
			said = []ast.Expr{n.Value}
		}
	}
	for _, expr := range said {
		ast.Inspect(expr, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok && called(call.Fun) == "Text" {
				return false // of a key, with the names of its placeholders
			}
			if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING && aWord.MatchString(unquoted(literal)) {
				texts = append(texts, literal.Value)
			}
			return true
		})
	}
	return texts
}

// keysOf returns the names of all keys.
func keysOf(t *testing.T) (keys []string) {
	t.Helper()
	for _, file := range source(t, "blocks/words.go") {
		for _, d := range file.Decls {
			if d, ok := d.(*ast.GenDecl); ok && d.Tok == token.CONST {
				for _, s := range d.Specs[1:] {
					keys = append(keys, s.(*ast.ValueSpec).Names[0].Name)
				}
			}
		}
	}
	return keys
}

// languages returns the words of each language by their keys.
func languages(t *testing.T) map[string]map[string]string {
	t.Helper()
	all := map[string]map[string]string{}
	for name, file := range source(t, "blocks/words_*.go") {
		words := map[string]string{}
		ast.Inspect(file, func(n ast.Node) bool {
			if text, ok := n.(*ast.KeyValueExpr); ok {
				words[text.Key.(*ast.Ident).Name] = constant(text.Value)
			}
			return true
		})
		all[name] = words
	}
	return all
}

// constant returns a literal, or the literals of a sum.
func constant(expr ast.Expr) string {
	switch expr := expr.(type) {
	case *ast.BasicLit:
		return unquoted(expr)
	case *ast.BinaryExpr:
		return constant(expr.X) + constant(expr.Y)
	}
	return ""
}

// unquoted returns the string of a literal.
func unquoted(literal *ast.BasicLit) string {
	text, err := strconv.Unquote(literal.Value)
	if err != nil {
		return literal.Value
	}
	return text
}

// source parses the files that match a pattern, except tests and those whose names begin
// with certain words.
func source(t *testing.T, pattern string, without ...string) map[string]*ast.File {
	t.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) == 0 {
		t.Fatalf("no files match %s, %v", pattern, err)
	}
	files := map[string]*ast.File{}
	for _, name := range names {
		begins := func(word string) bool { return strings.HasPrefix(filepath.Base(name), word) }
		if strings.HasSuffix(name, "_test.go") || slices.ContainsFunc(without, begins) {
			continue
		}
		if files[name], err = parser.ParseFile(token.NewFileSet(), name, nil, 0); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// called returns the name of a function that is called; empty if it has none.
func called(fun ast.Expr) string {
	switch fun := fun.(type) {
	case *ast.Ident:
		return fun.Name
	case *ast.SelectorExpr:
		return fun.Sel.Name
	}
	return ""
}

// declared returns the constants and functions that a file declares.
func declared(file *ast.File) (names []string) {
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			names = append(names, d.Name.Name)
		case *ast.GenDecl:
			for _, s := range d.Specs {
				if s, ok := s.(*ast.ValueSpec); ok {
					names = append(names, s.Names[0].Name)
				}
			}
		}
	}
	return names
}

// uses reports whether the files use a name.
func uses(files map[string]*ast.File, name string) (found bool) {
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			found = found || ok && id.Name == name
			return !found
		})
	}
	return found
}
