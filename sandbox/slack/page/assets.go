package page

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html/template"
	"net/http"
	"path"
	"strings"
	"time"

	"enjobridge/sandbox/slack/blockkit"
)

//go:embed assets templates
var files embed.FS

// assets are the files that pages load. Their names contain a hash of their
// content, so that browsers cache them permanently.
type assets struct {
	content map[string][]byte // by name with hash
	names   map[string]string // name with hash, by name
}

func loadAssets() *assets {
	a := &assets{content: make(map[string][]byte), names: make(map[string]string)}
	a.add("page.css", append(bundle("assets/css"), blockkit.CSS...))
	a.add("page.js", bundle("assets/js"))
	a.add("icon.svg", read("assets/icon.svg"))
	return a
}

// bundle returns the files of a directory as one file, in the order of their
// names.
func bundle(dir string) []byte {
	entries, err := files.ReadDir(dir)
	if err != nil {
		panic("page: " + err.Error()) // it is embedded
	}
	var all []byte
	for _, e := range entries {
		all = append(all, read(dir+"/"+e.Name())...)
	}
	return all
}

// read returns an embedded file. It cannot be missing.
func read(name string) []byte {
	content, err := files.ReadFile(name)
	if err != nil {
		panic("page: " + err.Error())
	}
	return content
}

func (a *assets) add(name string, content []byte) {
	sum := sha256.Sum256(content)
	ext := path.Ext(name)
	hashed := strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:6]) + ext
	a.content[hashed], a.names[name] = content, hashed
}

// url returns the address of the asset.
func (a *assets) url(name string) string { return "/assets/" + a.names[name] }

func (a *assets) serve(rw http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	content, known := a.content[name]
	if !known {
		http.NotFound(rw, r)
		return
	}
	rw.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	http.ServeContent(rw, r, name, time.Time{}, bytes.NewReader(content))
}

// parseTemplates parses the templates. They are embedded, so that parsing
// cannot fail.
func parseTemplates(a *assets) *template.Template {
	return template.Must(template.New("").Funcs(template.FuncMap{
		"asset": a.url,
	}).ParseFS(files, "templates/*.html"))
}
