package page

import (
	"html/template"
	"net/http"
	"net/url"
	"strings"
)

// servePermalink redirects a permalink, as returned by chat.getPermalink, to
// the message as one of the conversation's people sees it. A link that is
// opened from outside does not say who the viewer is.
func (p *Page) servePermalink(rw http.ResponseWriter, r *http.Request) {
	c, known := p.slack.View.Channel(r.PathValue("channel"))
	if !known {
		http.NotFound(rw, r)
		return
	}
	for _, id := range c.Members {
		if v, person := p.viewer(id); person {
			p.serveOwnPermalink(v, rw, r)
			return
		}
	}
	http.NotFound(rw, r)
}

// serveOwnPermalink redirects a permalink to the message as the viewer sees it.
func (p *Page) serveOwnPermalink(v *viewer, rw http.ResponseWriter, r *http.Request) {
	ts, wellFormed := permalinked(r.PathValue("permalink"))
	c, known := v.channel(r.PathValue("channel"))
	if !wellFormed || !known {
		http.Error(rw, "There is no such message for you.", http.StatusNotFound)
		return
	}
	query := url.Values{"at": {ts}}
	if root := r.URL.Query().Get("thread_ts"); root != "" {
		query.Set("thread", root)
	}
	http.Redirect(rw, r, v.channelURL(c.ID)+"?"+query.Encode(), http.StatusFound)
}

// permalinked returns the ts in the last part of a permalink.
func permalinked(last string) (ts string, wellFormed bool) {
	digits, found := strings.CutPrefix(last, "p")
	if !found || len(digits) <= 6 || strings.Trim(digits, "0123456789") != "" {
		return "", false
	}
	return digits[:len(digits)-6] + "." + digits[len(digits)-6:], true
}

// own makes permalinks in rendered content point to the viewer's pages, so that
// following one does not switch to another person.
func (v *viewer) own(shown template.HTML) template.HTML {
	const link = `href="`
	return template.HTML(strings.ReplaceAll(string(shown),
		link+v.slack.URL()+"/archives/", link+template.HTMLEscapeString(v.base())+"/archives/"))
}

// ownURL is own for an address.
func (v *viewer) ownURL(address string) string {
	if rest, is := strings.CutPrefix(address, v.slack.URL()+"/archives/"); is {
		return v.base() + "/archives/" + rest
	}
	return address
}
