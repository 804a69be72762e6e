package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Ensure that all texts of the bot are in blocks, where the gallery and the golden
// tests show them.
func TestBotTextsAreInTheGallery(t *testing.T) {
	inBot, inGallery := source(t, "bot/*/*.go"), source(t, "blocks/gallery*.go")
	for file := range inBot {
		ast.Inspect(inBot[file], func(n ast.Node) bool {
			for _, text := range saidIn(n) {
				t.Errorf("%s says %s: put it into blocks/notice_words.go and into the gallery", file, text)
			}
			return true
		})
	}
	for _, file := range source(t, "blocks/notice_*.go") {
		for _, word := range exported(file) {
			if !uses(inBot, word) || !uses(inGallery, word) {
				t.Errorf("%s must be used by the bot and shown in the gallery", word)
			}
		}
	}
}

// source parses the files that match a pattern, except tests.
func source(t *testing.T, pattern string) map[string]*ast.File {
	t.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) == 0 {
		t.Fatalf("no files match %s, %v", pattern, err)
	}
	files := map[string]*ast.File{}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		if files[name], err = parser.ParseFile(token.NewFileSet(), name, nil, 0); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// saidIn returns the texts for users in a node: literals that are passed to Say,
// refusal and refuse, or that are part of a notice, a button or a failure.
func saidIn(n ast.Node) (texts []string) {
	var said []ast.Expr
	switch n := n.(type) {
	case *ast.CallExpr:
		if slices.Contains([]string{"Say", "refusal", "refuse"}, called(n.Fun)) {
			said = n.Args
		}
	case *ast.ValueSpec:
		if name, ok := n.Type.(*ast.Ident); ok && name.Name == "refusal" {
			said = n.Values
		}
	case *ast.KeyValueExpr:
		if name, ok := n.Key.(*ast.Ident); ok && slices.Contains([]string{"Text", "Cure", "Note", "text", "fix", "help"}, name.Name) {
			said = []ast.Expr{n.Value}
		}
	}
	for _, expr := range said {
		ast.Inspect(expr, func(n ast.Node) bool {
			if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING && literal.Value != `""` {
				texts = append(texts, literal.Value)
			}
			return true
		})
	}
	return texts
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

// exported returns the constants and functions that a file declares.
func exported(file *ast.File) (names []string) {
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
