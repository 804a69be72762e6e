package main

import (
	"io"
	"net/http"
	"sync/atomic"

	"github.com/rs/zerolog"

	"enjobridge/bot"
	"enjobridge/internal/ops"
	"enjobridge/internal/settings"
)

// starting serves health over HTTP while the start waits for the database: without a store
// there is no bot yet that does. Ticket updates are refused, so that they are sent again.
type starting struct {
	config settings.Config
	log    zerolog.Logger
	reason atomic.Pointer[string]
	served *ops.Server // nil until the start waits
}

// waits records why the start waits, and begins to serve.
func (s *starting) waits(reason string) (err error) {
	s.reason.Store(&reason)
	if s.served != nil {
		return nil
	}
	refuse := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "enjobridge is starting: see /readyz", http.StatusServiceUnavailable)
	})
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "alive\n") // the client has gone
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		bot.Health{Reasons: []string{*s.reason.Load()}}.ServeHTTP(w, r)
	})
	mux.Handle("/", refuse)
	s.served, err = ops.Open(ops.Config{
		Addr: s.config.HTTPAddr, Operators: mux, WebhookAddr: s.config.WebhookAddr, Webhook: refuse, AdminToken: s.config.AdminToken,
	}, s.log)
	return err
}

// close ends what is served, so that the bot can serve at the same addresses.
func (s *starting) close() {
	if s.served == nil {
		return
	}
	if err := s.served.Close(); err != nil {
		s.log.Warn().Err(err).Msg("main: ending what is served at the start failed")
	}
}
