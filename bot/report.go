package bot

import "net/http"

// serveReport answers an operator's request for a report.
func (b *Bot) serveReport(w http.ResponseWriter, r *http.Request) {
	reporter := b.report.Load()
	if reporter == nil {
		http.Error(w, notConnected, http.StatusServiceUnavailable)
		return
	}
	reporter.ServeHTTP(w, r)
}
