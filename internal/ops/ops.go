// Package ops serves operators: an HTTP server, backups of the store, and the check
// of a store that no process uses. It does not know the bot: the caller passes the
// handlers of health, metrics and ticket updates.
package ops

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/rs/zerolog"
)

// Config configures a [Server].
type Config struct {
	Addr        string       // host:port to serve Operators and backups at; empty serves nothing
	Operators   http.Handler // serves everyone who can reach Addr: health, metrics
	WebhookAddr string       // host:port to serve Webhook at; empty serves it at Addr, too
	Webhook     http.Handler // serves everyone who can reach it below webhookPath
	AdminToken  string       // required for backups; if empty, only this machine can take them
	Store       Store
	StoreFile   string // backups are written to its directory before they are sent
}

// webhookPath is the path of ticket updates, below which their handler is served.
const webhookPath = "/tickets/"

// Server serves operators until it is closed.
type Server struct {
	servers []*http.Server
	serving sync.WaitGroup
	log     zerolog.Logger
}

// Open listens and serves. It returns an error if a port is taken.
func Open(c Config, log zerolog.Logger) (_ *Server, err error) {
	s := &Server{log: log}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if c.Addr != "" {
		listener, err := net.Listen("tcp", c.Addr)
		if err != nil {
			return nil, fmt.Errorf("listening at HTTP_ADDR %s: %w; set HTTP_ADDR to another address, or to off", c.Addr, err)
		}
		at, _ := listener.Addr().(*net.TCPAddr)
		admins := guard{token: c.AdminToken, loopback: at != nil && at.IP.IsLoopback()}
		mux := http.NewServeMux()
		mux.Handle("/", c.Operators)
		mux.Handle("GET /backup", admins.protect(newBackups(c.Store, c.StoreFile, log)))
		if c.WebhookAddr == "" {
			mux.Handle(webhookPath, c.Webhook)
		}
		s.serve(listener, mux)
		log.Info().Str("addr", listener.Addr().String()).Msg("ops: serving health and metrics over HTTP")
	}
	if c.WebhookAddr != "" {
		listener, err := net.Listen("tcp", c.WebhookAddr)
		if err != nil {
			return nil, fmt.Errorf("listening at WEBHOOK_ADDR %s: %w; set WEBHOOK_ADDR to another address", c.WebhookAddr, err)
		}
		mux := http.NewServeMux()
		mux.Handle(webhookPath, c.Webhook)
		s.serve(listener, mux)
		log.Info().Str("addr", listener.Addr().String()).Msg("ops: serving ticket updates")
	}
	return s, nil
}

// serve serves a handler at a listener until the server is closed.
func (s *Server) serve(listener net.Listener, handler http.Handler) {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
	}
	s.servers = append(s.servers, server)
	s.serving.Go(func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.log.Error().Err(err).Str("addr", listener.Addr().String()).Msg("ops: HTTP server failed, nothing is served at this address")
		}
	})
}

// Close stops serving. Running requests have one second to finish.
func (s *Server) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	var errs []error
	for _, server := range s.servers {
		err := server.Shutdown(ctx)
		if errors.Is(err, context.DeadlineExceeded) {
			err = server.Close()
		}
		errs = append(errs, err)
	}
	s.serving.Wait()
	return errors.Join(errs...)
}
