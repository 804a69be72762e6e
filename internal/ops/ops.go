// Package ops serves operators: an HTTP server, backups of the store, and the check
// of a store that no process uses. It does not know the bot: the caller passes the
// handler of health, metrics and webhooks.
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
	Addr       string       // host:port to listen at; empty serves nothing
	Public     http.Handler // serves everyone who can reach Addr: health, metrics, webhooks
	AdminToken string       // required for backups; if empty, only this machine can take them
	Store      Store
	StoreFile  string // backups are written to its directory before they are sent
}

// Server serves operators over HTTP until it is closed.
type Server struct {
	server  *http.Server
	serving sync.WaitGroup
}

// Open listens and serves. It returns an error if the port is taken.
func Open(c Config, log zerolog.Logger) (*Server, error) {
	if c.Addr == "" {
		return &Server{}, nil
	}
	listener, err := net.Listen("tcp", c.Addr)
	if err != nil {
		return nil, fmt.Errorf("listening at HTTP_ADDR %s: %w; set HTTP_ADDR to another address, or to off", c.Addr, err)
	}
	at, _ := listener.Addr().(*net.TCPAddr)
	admins := guard{token: c.AdminToken, loopback: at != nil && at.IP.IsLoopback()}
	mux := http.NewServeMux()
	mux.Handle("/", c.Public)
	mux.Handle("GET /backup", admins.protect(newBackups(c.Store, c.StoreFile, log)))
	s := &Server{server: &http.Server{
		Handler:           mux,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
	}}
	s.serving.Go(func() {
		if err := s.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			log.Error().Err(err).Msg("ops: HTTP server failed, health, metrics and backups are not served")
		}
	})
	log.Info().Str("addr", listener.Addr().String()).Msg("ops: serving health, metrics and backups over HTTP")
	return s, nil
}

// Close stops the server. Running requests have one second to finish.
func (s *Server) Close() error {
	if s.server == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	err := s.server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = s.server.Close()
	}
	s.serving.Wait()
	return err
}
