package page

import (
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"sync"
	"unicode"

	"enjobridge/sandbox/slack"
	"enjobridge/sandbox/slack/blockkit"
)

// hues is the number of avatar colors; 1-base.css names them hue-0 and so on.
const hues = 10

// avatar is a person's picture, made from their initials.
type avatar struct {
	Initials string
	Hue      int
	App      bool
}

func (v *viewer) avatarOf(user string) avatar {
	u, _ := v.slack.View.User(user)
	return v.avatar(u)
}

func (p *Page) avatar(u slack.User) avatar {
	name := u.RealName
	if name == "" {
		name = u.Name
	}
	return avatar{Initials: initials(name), Hue: p.hues.of(u.ID), App: u.Bot}
}

// palette assigns colors to people in turn, so that the first few differ. It
// grows only with the number of the workspace's people.
type palette struct {
	mu    sync.Mutex
	given map[string]int // by user ID
}

// of returns the user's color, always the same.
func (p *palette) of(user string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	hue, known := p.given[user]
	if !known {
		hue = len(p.given) % hues
		p.given[user] = hue
	}
	return hue
}

// initials returns up to two letters of a name.
func initials(name string) string {
	var letters []rune
	for _, word := range strings.Fields(name) {
		if r := []rune(word)[0]; (unicode.IsLetter(r) || unicode.IsDigit(r)) && len(letters) < 2 {
			letters = append(letters, unicode.ToUpper(r))
		}
	}
	if len(letters) == 0 {
		return "?"
	}
	return string(letters)
}

// custom returns the picture of a message that has its own icon.
func (a avatar) custom(icon string) avatar {
	if characters, known := blockkit.EmojiCharacters(strings.Trim(icon, ":")); known {
		a.Initials = characters
	}
	return a
}

// serveAvatar serves the pictures in the profiles that apps read.
func (p *Page) serveAvatar(rw http.ResponseWriter, r *http.Request) {
	u, known := p.slack.View.User(r.PathValue("user"))
	if !known {
		http.NotFound(rw, r)
		return
	}
	a := p.avatar(u)
	rw.Header().Set("Content-Type", "image/svg+xml")
	fmt.Fprintf(rw, `<svg xmlns="http://www.w3.org/2000/svg" width="48" height="48"><rect width="48" height="48" rx="8" fill="#35506b"/>`+
		`<text x="24" y="31" font-family="sans-serif" font-size="20" font-weight="700" fill="#fff" text-anchor="middle">%s</text></svg>`,
		template.HTMLEscapeString(a.Initials))
}
