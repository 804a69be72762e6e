package preview

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"enjobridge/blocks"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Ensure that the page shows every example of the gallery.
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
		t.Errorf("the page contains %q", found)
	}
}

// Ensure that the style sheets are served, and nothing else.
func TestPreviewServesStyles(t *testing.T) {
	page := &gallery{}
	for path, want := range map[string]int{"/blockkit.css": http.StatusOK, "/gallery.css": http.StatusOK, "/etc": http.StatusNotFound} {
		response := httptest.NewRecorder()
		page.ServeHTTP(response, httptest.NewRequest(http.MethodGet, path, nil))
		if response.Code != want {
			t.Errorf("%s: status %d", path, response.Code)
		}
	}
}

// Ensure that the page is served with a strict policy until the context ends.
func TestPreviewServesUntilStopped(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	read, written := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- Run(ctx, "127.0.0.1:0", written) }()
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
