package explain

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"enjobridge/storage"
)

// ServeHTTP answers a request for the explanation of the message that the query parameter
// link names: see [ParseLink]. With format=json the answer is an [Explanation] as JSON,
// otherwise it is plain text.
func (e *Explainer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	target, err := ParseLink(query.Get("link"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	x, err := e.Explain(r.Context(), target)
	switch {
	case errors.Is(err, ErrNoReference):
		http.Error(w, err.Error(), http.StatusNotFound)
	case err != nil:
		http.Error(w, err.Error()+"; "+storage.Hint(err), http.StatusInternalServerError)
	case query.Get("format") == "json":
		w.Header().Set("Content-Type", "application/json")
		encoder := json.NewEncoder(w)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		_ = encoder.Encode(x) // the client has gone
	default:
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, x.Text()) // the client has gone
	}
}
