package main

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

// ops serves operators over HTTP: health, figures, backups.
type ops struct {
	server   *http.Server
	listener net.Listener
	serving  sync.WaitGroup
}

// openOps listens at addr, so that a taken port is its error, and serves what
// mount puts on the mux. An empty addr serves nothing.
func openOps(addr string, log zerolog.Logger, mount func(mux *http.ServeMux, loopback bool)) (*ops, error) {
	if addr == "" {
		return &ops{}, nil
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listening at HTTP_ADDR %s: %w; set HTTP_ADDR to another address, or to off", addr, err)
	}
	at, _ := listener.Addr().(*net.TCPAddr)
	mux := http.NewServeMux()
	mount(mux, at != nil && at.IP.IsLoopback())
	o := &ops{listener: listener, server: &http.Server{
		Handler:           mux,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
	}}
	o.serving.Go(func() {
		if err := o.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			log.Error().Err(err).Msg("health, figures and backups are not served any more")
		}
	})
	log.Info().Str("addr", listener.Addr().String()).Msg("health, figures and backups are served over HTTP")
	return o, nil
}

// close lets what is being served end, for a moment, and stops serving.
func (o *ops) close() error {
	if o.server == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	err := o.server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = o.server.Close()
	}
	o.serving.Wait()
	return err
}
