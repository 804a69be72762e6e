package main

import (
	"bytes"
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"enjobridge/blocks"
)

// Ensure that the page shows every example of the list that the golden tests go through.
func TestPreviewShowsEverything(t *testing.T) {
	page, err := newGallery()
	if err != nil {
		t.Fatal(err)
	}
	response := httptest.NewRecorder()
	page.ServeHTTP(response, httptest.NewRequest(http.MethodGet, "/", nil))
	html := response.Body.String()
	sections := strings.Split(html, "<section ")[1:]
	if len(sections) != len(blocks.Gallery()) {
		t.Fatalf("%d sections for %d examples", len(sections), len(blocks.Gallery()))
	}
	for i, e := range blocks.Gallery() {
		if !strings.HasPrefix(sections[i], `id="`+e.Name+`"`) || !strings.Contains(sections[i], `class="bk"`) {
			t.Errorf("%s is not shown: %.200s", e.Name, sections[i])
		}
	}
	if found := regexp.MustCompile(`(?i)<script|(?:href|src)="?(?:javascript|data):|<[a-z][^>]*\s(?:on[a-z]+|style|src)=`).FindString(html); found != "" {
		t.Errorf("the page holds %q", found)
	}
}

// Ensure that the bot has no words of its own: what it says is in blocks, where
// the gallery and the golden tests show it.
func TestWhatTheBotSaysIsInTheGallery(t *testing.T) {
	inBot, inGallery := source(t, "bot/*.go"), source(t, "blocks/gallery*.go")
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
				t.Errorf("%s is not both said by the bot and shown in the gallery", word)
			}
		}
	}
}

// source parses the files of a pattern, without the tests.
func source(t *testing.T, pattern string) map[string]*ast.File {
	t.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) == 0 {
		t.Fatalf("no files are %s, %v", pattern, err)
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

// saidIn returns the texts that a node says to people: literals that are given to
// notice, sorry and refuse, or stand in a notice, a button or a failure.
func saidIn(n ast.Node) (texts []string) {
	var said []ast.Expr
	switch n := n.(type) {
	case *ast.CallExpr:
		if name, ok := n.Fun.(*ast.Ident); ok && slices.Contains([]string{"notice", "sorry", "refuse"}, name.Name) {
			said = n.Args
		}
	case *ast.ValueSpec:
		if name, ok := n.Type.(*ast.Ident); ok && name.Name == "sorry" {
			said = n.Values
		}
	case *ast.KeyValueExpr:
		if name, ok := n.Key.(*ast.Ident); ok && slices.Contains([]string{"Text", "Cure", "Note", "text", "cure", "help"}, name.Name) {
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

// exported returns the exported constants and functions that a file declares.
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

// uses reports whether a name stands anywhere in the files.
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

func TestPreviewServesItsStyle(t *testing.T) {
	page := &gallery{}
	for path, want := range map[string]int{"/blockkit.css": http.StatusOK, "/gallery.css": http.StatusOK, "/etc": http.StatusNotFound} {
		response := httptest.NewRecorder()
		page.ServeHTTP(response, httptest.NewRequest(http.MethodGet, path, nil))
		if response.Code != want {
			t.Errorf("%s: status %d", path, response.Code)
		}
	}
}

func TestPreviewServesUntilItIsStopped(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	read, written := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- preview(ctx, []string{"-addr", "127.0.0.1:0"}, written) }()
	line := make([]byte, 200)
	n, err := read.Read(line)
	if err != nil {
		t.Fatal(err)
	}
	address := strings.TrimSpace(string(line[bytes.Index(line[:n], []byte("http://")):n]))
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if policy := response.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") {
		t.Errorf("the policy is %q", policy)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestPreviewRefusesArguments(t *testing.T) {
	if err := preview(t.Context(), []string{"everything"}, io.Discard); err == nil {
		t.Error("an argument was taken")
	}
}
