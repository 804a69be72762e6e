package bot

import (
	"encoding/json"
	"io"
	"net/http"
)

// Handler returns what the bot serves to operators over HTTP:
//
//	GET /healthz   200 as long as the process serves
//	GET /readyz    200, or 503 with the reasons, as JSON: see [Health]
//	GET /metrics   metrics for Prometheus
//
// It can also be served before and after [Bot.Run].
func (b *Bot) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "alive\n") // the client has gone
	})
	mux.Handle("GET /readyz", b.health)
	mux.Handle("GET /metrics", b.metrics.Handler())
	return mux
}

// Webhook returns what the bot serves to a ticketing system over HTTP:
//
//	POST /tickets/{id}   an update of a ticket: see [ticket.Webhook]; 404 without a secret
//
// It can also be served before and after [Bot.Run].
func (b *Bot) Webhook() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("POST /tickets/{id}", b.webhook)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !b.webhook.On() {
			http.NotFound(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// Admin returns what the bot serves to the commands of operators, at a socket that only
// they can use. It can also be served before and after [Bot.Run].
//
//	GET /explain?link=LINK    what became of a message: see [explain.Explainer]; 503 until Slack is connected
//	GET /health               200 with [Health] as JSON, whether the bot is ready or not
//	GET /report?since=…       what became of questions: see [report.Reporter]; 503 until Slack is connected
//	POST /forget?user=U0123   delete what is stored about a person: see [storage.Forgotten]
func (b *Bot) Admin() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /explain", b.explain)
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(b.health.Report()) // the client has gone
	})
	mux.HandleFunc("GET /report", b.serveReport)
	mux.HandleFunc("POST /forget", b.forgetPerson)
	return mux
}
