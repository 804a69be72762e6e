// Package ops serves operators: health and metrics over HTTP, administration at a Unix
// socket, and the check of a store that no process uses. It does not know the bot: the
// caller passes the handlers of health, metrics and ticket updates.
package ops

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
)

// Config configures a [Server].
type Config struct {
	Addr        string       // host:port to serve Operators and backups at; empty serves nothing
	Operators   http.Handler // serves everyone who can reach Addr: health, metrics
	WebhookAddr string       // host:port to serve Webhook at; empty serves it at Addr, too
	Webhook     http.Handler // serves everyone who can reach it, below webhookPath
	AdminToken  string       // required for backups at Addr; empty refuses them there
	AdminSocket string       // the Unix socket to serve administration at; empty serves nothing
	Admin       http.Handler // serves the commands of operators at AdminSocket only; nil serves none
	Store       Store        // nil if it is a database, which has its own backups
	StoreFile   string       // backups are written to its directory before they are sent
}

// webhookPath is the path of ticket updates, below which their handler is served.
const webhookPath = "/tickets/"

// Server serves operators until it is closed.
type Server struct {
	servers    []*http.Server
	serving    sync.WaitGroup
	adminToken atomic.Pointer[string]
	log        zerolog.Logger
}

// Open listens and serves. It returns an error if it cannot listen at one of the
// addresses or at the socket; then it serves nothing.
func Open(c Config, log zerolog.Logger) (*Server, error) {
	s := &Server{log: log}
	s.SetAdminToken(c.AdminToken)
	backups := newBackups(c.Store, c.StoreFile, log)
	err := s.serveOperators(c, backups)
	if err == nil {
		err = s.serveWebhook(c)
	}
	if err == nil {
		err = s.serveAdmin(c.AdminSocket, c.Admin, backups)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// SetAdminToken changes the token for backups over HTTP; without one they are refused.
func (s *Server) SetAdminToken(token string) { s.adminToken.Store(&token) }

func (s *Server) token() string { return *s.adminToken.Load() }

// serveOperators serves health, metrics and backups over HTTP.
func (s *Server) serveOperators(c Config, backups http.Handler) error {
	if c.Addr == "" {
		return nil
	}
	listener, err := net.Listen("tcp", c.Addr)
	if err != nil {
		return fmt.Errorf("listening at HTTP_ADDR %s: %w; set HTTP_ADDR to another address, or to off", c.Addr, err)
	}
	mux := http.NewServeMux()
	mux.Handle("/", c.Operators)
	mux.Handle("GET /backup", requireToken(s.token, backups))
	if c.WebhookAddr == "" {
		mux.Handle(webhookPath, c.Webhook)
	}
	s.serve(listener, mux)
	s.log.Info().Stringer("addr", listener.Addr()).Msg("ops: serving health and metrics over HTTP")
	return nil
}

// serveWebhook serves ticket updates at their address, if they have one.
func (s *Server) serveWebhook(c Config) error {
	if c.WebhookAddr == "" {
		return nil
	}
	listener, err := net.Listen("tcp", c.WebhookAddr)
	if err != nil {
		return fmt.Errorf("listening at WEBHOOK_ADDR %s: %w; set WEBHOOK_ADDR to another address", c.WebhookAddr, err)
	}
	mux := http.NewServeMux()
	mux.Handle(webhookPath, c.Webhook)
	s.serve(listener, mux)
	s.log.Info().Stringer("addr", listener.Addr()).Msg("ops: serving ticket updates")
	return nil
}

// serveAdmin serves the admin routes at a Unix socket. Its mode admits only the user of
// this process and root, so its clients need no token.
func (s *Server) serveAdmin(path string, admin, backups http.Handler) error {
	if path == "" {
		return nil
	}
	listener, err := listenAtSocket(path)
	if err != nil {
		return fmt.Errorf("listening at ADMIN_SOCKET %s: %w; set ADMIN_SOCKET to another path, or to off", path, err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /backup", backups)
	if admin != nil {
		mux.Handle("/", admin)
	}
	s.serve(listener, mux)
	s.log.Info().Str("socket", path).Msg("ops: serving administration")
	return nil
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
			s.log.Error().Err(err).Stringer("addr", listener.Addr()).Msg("ops: HTTP server failed, nothing is served at this address")
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
