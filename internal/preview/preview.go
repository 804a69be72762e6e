// Package preview serves a page with every message, modal and home tab that the
// bot can show, or has Slack validate them. The examples come from package blocks.
package preview

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"net"
	"net/http"
	"time"

	"enjobridge/blocks"
	"enjobridge/sandbox/slack/blockkit"
)

// Run serves the page at addr, host:port, until ctx ends. It prints the page's
// address to stdout as soon as it listens.
func Run(ctx context.Context, addr string, stdout io.Writer) (err error) {
	page, err := newGallery()
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("listening at %s: %w; choose another address with -addr", addr, err)
	}
	fmt.Fprintf(stdout, "All messages, modals and home tabs: http://%s/\n", listener.Addr())
	server := &http.Server{Handler: page, ReadHeaderTimeout: 5 * time.Second}
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		<-ctx.Done()
		err = errors.Join(err, server.Close())
	}()
	if served := server.Serve(listener); !errors.Is(served, http.ErrServerClosed) {
		return fmt.Errorf("serving the preview: %w", served)
	}
	<-stopped
	return err
}

// gallery is the page.
type gallery struct{ Examples []renderedExample }

// renderedExample is one example with its HTML.
type renderedExample struct {
	blocks.Example
	Shown []template.HTML
	Files []blocks.File
}

// newGallery renders all examples.
func newGallery() (*gallery, error) {
	g := &gallery{}
	for _, e := range blocks.Gallery() {
		s := renderedExample{Example: e}
		var payloads []any
		for _, m := range e.Messages {
			payloads = append(payloads, m.Blocks)
			if m.File != nil {
				s.Files = append(s.Files, *m.File)
			}
		}
		if e.Modal != nil {
			payloads = append(payloads, e.Modal.Blocks)
		}
		if e.Home != nil {
			payloads = append(payloads, e.Home.Blocks)
		}
		for _, payload := range payloads {
			data, err := json.Marshal(payload)
			if err != nil {
				return nil, fmt.Errorf("rendering the example %s: %w", e.Name, err)
			}
			s.Shown = append(s.Shown, blockkit.HTML(data, exampleNames{}))
		}
		g.Examples = append(g.Examples, s)
	}
	return g, nil
}

// ServeHTTP serves the page and its style sheets.
func (g *gallery) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	switch r.URL.Path {
	case "/":
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_ = galleryPage.Execute(w, g) // an error means that the client has disconnected
	case "/blockkit.css":
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		_, _ = w.Write(blockkit.CSS)
	case "/gallery.css":
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		_, _ = io.WriteString(w, galleryStyle)
	default:
		http.NotFound(w, r)
	}
}

// exampleNames are the names of the people and channels in the examples.
type exampleNames struct{}

// User returns the name of a user.
func (exampleNames) User(id string) string {
	return map[string]string{"U012345": "Bob Berg", "U067890": "Alice Abara"}[id]
}

// Channel returns the name of a channel.
func (exampleNames) Channel(id string) string { return map[string]string{"C012345": "general"}[id] }

// Usergroup returns the handle of a user group.
func (exampleNames) Usergroup(id string) string {
	return map[string]string{"S012345": "helpdesk"}[id]
}

// Zone returns UTC, so that the page is the same everywhere.
func (exampleNames) Zone() *time.Location { return time.UTC }

// Now returns a fixed time, so that the page is always the same.
func (exampleNames) Now() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

var galleryPage = template.Must(template.New("gallery").Parse(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>enjobridge: messages, modals and home tabs</title>
<link rel="stylesheet" href="/blockkit.css">
<link rel="stylesheet" href="/gallery.css">
</head>
<body>
<header><h1>All messages, modals and home tabs of enjobridge</h1></header>
<nav aria-label="Examples"><ul>
{{- range .Examples}}
<li><a href="#{{.Name}}">{{.Name}}</a></li>
{{- end}}
</ul></nav>
<main>
{{- range .Examples}}
<section id="{{.Name}}" aria-labelledby="name-{{.Name}}">
<h2 id="name-{{.Name}}">{{.Name}} <small>{{.Kind}}</small></h2>
<p>{{.Description}}</p>
{{- $modal := .Modal}}
{{- range .Shown}}
<form class="shown">{{with $modal}}<h3>{{.Title.Text}}</h3>{{end}}{{.}}
{{- with $modal}}<p class="foot">{{with .Close}}{{.Text}}{{end}}{{with .Submit}} · <b>{{.Text}}</b>{{end}}</p>{{end}}</form>
{{- end}}
{{- range .Files}}
<details class="shown"><summary>{{.Name}}</summary><pre>{{.Content}}</pre></details>
{{- end}}
</section>
{{- end}}
</main>
</body>
</html>
`))

const galleryStyle = `:root { color-scheme: light dark; }
body { margin: 0; font: 15px/1.5 system-ui, sans-serif; background: light-dark(#f4f4f6, #111317); color: light-dark(#1d1c1d, #e8e8ea); }
header, main { margin: 0 auto; max-width: 46rem; padding: 1rem; }
nav { position: fixed; inset: 0 auto 0 0; width: 14rem; overflow: auto; padding: 1rem; box-sizing: border-box; }
nav ul { list-style: none; margin: 0; padding: 0; }
a { color: light-dark(#1264a3, #6db3e8); }
h1 { font-size: 1.5rem; }
h2 { font-size: 1rem; margin: 2rem 0 0; scroll-margin-top: 1rem; }
small { font-weight: normal; opacity: .8; }
h3 { margin: 0 0 .5rem; font-size: 1.1rem; }
p { margin: 0 0 .5rem; }
.foot { margin: .75rem 0 0; text-align: right; }
.shown { display: block; margin: 0 0 .5rem; padding: .75rem 1rem; border-radius: .5rem; background: light-dark(#fff, #1a1d21); box-shadow: 0 0 0 1px light-dark(#ddd, #333); overflow-x: auto; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; }
@media (max-width: 76rem) { nav { position: static; width: auto; max-height: 9rem; } }
`
