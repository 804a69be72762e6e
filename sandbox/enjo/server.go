package enjo

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// server listens, and can stop and start again at the same address. When it
// stops, it waits for all of its goroutines.
type server struct {
	listen  func(network, address string) (net.Listener, error)
	handler http.Handler

	mu     sync.Mutex
	addr   string
	stop   func() // nil while it is down
	closed bool
}

// open starts to listen, unless the server already listens.
func (s *server) open(addr string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return errors.New("the agent is closed")
	}
	if s.stop != nil {
		return nil
	}
	listener, err := s.listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}
	s.addr = listener.Addr().String()
	s.stop = serve(listener, s.handler)
	return nil
}

// down refuses connections until the next open.
func (s *server) down() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stop != nil {
		s.stop()
		s.stop = nil
	}
}

// shut stops the server permanently.
func (s *server) shut() {
	s.down()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
}

func (s *server) address() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addr
}

// serve serves on listener until the returned function is called.
func serve(listener net.Listener, handler http.Handler) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	// http.Server.Close does not wait for the goroutines of connections. Count
	// them: each begins as new and ends as closed.
	var connections, serving sync.WaitGroup
	web := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ConnState: func(_ net.Conn, state http.ConnState) {
			switch state {
			case http.StateNew:
				connections.Add(1)
			case http.StateClosed:
				connections.Done()
			}
		},
	}
	serving.Go(func() { _ = web.Serve(listener) })
	return func() {
		cancel()
		_ = web.Close()
		serving.Wait()
		_ = web.Close() // a connection may have arrived after the first Close
		connections.Wait()
	}
}
