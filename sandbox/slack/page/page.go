package page

import (
	"html/template"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"enjobridge/sandbox/slack"
	"enjobridge/sandbox/slack/blockkit"
)

// Options configures a page. The zero value is valid.
type Options struct {
	// Teams has names for organisations by their team IDs, to label their people.
	Teams map[string]string
	// Panels are groups of additional faults, for example of a service that the
	// app uses.
	Panels []Panel
	// Now is the clock; nil means the real one.
	Now func() time.Time
}

// Page serves a workspace to browsers. Make one with [New].
type Page struct {
	slack     *slack.Workspace
	options   Options
	features  slack.Features
	born      string // distinguishes this page from an earlier one at the same address
	templates *template.Template
	assets    *assets
	reads     *reads
	faults    faultBoard
	hues      palette
	streams   atomic.Int32
	handler   http.Handler
}

// New returns a page for the workspace, for [slack.Config.Page].
func New(w *slack.Workspace, o Options) *Page {
	if o.Now == nil {
		o.Now = time.Now
	}
	p := &Page{
		slack:    w,
		options:  o,
		features: w.Features(),
		born:     strconv.FormatInt(o.Now().UnixNano(), 36),
		assets:   loadAssets(),
		reads:    newReads(o.Now()),
		hues:     palette{given: make(map[string]int)},
	}
	p.templates = parseTemplates(p.assets)
	p.assets.add("emoji.html", p.render("emoji", blockkit.AllEmoji()))
	p.handler = guard(p.routes())
	return p
}

// ServeHTTP serves the page and its files.
func (p *Page) ServeHTTP(rw http.ResponseWriter, r *http.Request) { p.handler.ServeHTTP(rw, r) }

func (p *Page) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", p.serveFront)
	mux.HandleFunc("GET /archives/{channel}/{permalink}", p.servePermalink)
	mux.HandleFunc("GET /assets/{name}", p.assets.serve)
	mux.HandleFunc("GET /avatar/{user}", p.serveAvatar)
	mux.HandleFunc("GET /u/{user}/archives/{channel}/{permalink}", p.asViewer(p.serveOwnPermalink))
	mux.HandleFunc("GET /u/{user}", p.asViewer(p.serveStart))
	mux.HandleFunc("GET /u/{user}/home", p.asViewer(p.serveHome))
	mux.HandleFunc("GET /u/{user}/c/{channel}", p.asViewer(p.serveChannel))
	mux.HandleFunc("GET /u/{user}/c/{channel}/older", p.asViewer(p.serveOlder))
	mux.HandleFunc("GET /u/{user}/c/{channel}/newer", p.asViewer(p.serveNewer))
	mux.HandleFunc("GET /u/{user}/c/{channel}/json/{ts}", p.asViewer(p.serveJSON))
	mux.HandleFunc("GET /u/{user}/file/{channel}/{ts}/{file}", p.asViewer(p.serveFile))
	mux.HandleFunc("GET /u/{user}/complete", p.asViewer(p.serveCandidates))
	mux.HandleFunc("GET /u/{user}/events", p.asViewer(p.serveEvents))
	mux.HandleFunc("GET /u/{user}/inspector", p.asViewer(p.serveInspector))
	mux.HandleFunc("GET /u/{user}/faults", p.asViewer(p.serveFaults))
	mux.HandleFunc("GET /inspect/{key}", p.serveDetail)
	p.routeActions(mux)
	return mux
}
