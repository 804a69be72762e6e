package dispatch

import (
	"context"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/bot/agents"
	"enjobridge/bot/queue"
	"enjobridge/bot/telemetry"
	"enjobridge/enjo"
	"enjobridge/internal/memnet"
	"enjobridge/storage"
)

// noThreads is a store in which all threads are new.
type noThreads struct{ storage.Store }

func (noThreads) Thread(context.Context, storage.ThreadID) (storage.Thread, error) {
	return storage.Thread{}, nil
}

// callsIn makes calls as the limits allow, over a network whose connections are made by
// dial, and returns when each reached the agent: the time since the first was taken.
func callsIn(t *testing.T, calls int, dial func(*memnet.Network) func(context.Context, string, string) (net.Conn, error)) (arrivals []time.Duration) {
	t.Helper()
	network, began := memnet.New(nil), time.Now()
	listener, err := network.Listen("tcp", "127.0.0.1:80")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		arrivals = append(arrivals, time.Since(began))
		_, _ = io.WriteString(w, `{"success":true,"data":{"answers":"yes"}}`)
	})}
	var served sync.WaitGroup
	served.Go(func() { _ = srv.Serve(listener) })
	client, err := enjo.New(enjo.Config{BaseURL: "http://127.0.0.1:80", Token: "t", Dial: dial(network)})
	if err != nil {
		t.Fatal(err)
	}
	d := &Dispatcher{
		store: noThreads{}, agent: client, agents: agents.Agents{List: []agents.Agent{{Name: "a", BotID: "b"}}}, log: zerolog.Nop(),
		limiter: queue.NewLimiter([]enjo.Limit{{Calls: 10, Per: 5 * time.Second}}, 0, nil), metrics: newMetrics(telemetry.NewRegistry(), []string{"a"}),
	}
	var made sync.WaitGroup
	for range calls {
		call, err := d.limiter.Take(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		made.Go(func() {
			_, _ = d.call(t.Context(), &batch{all: question("how?")}, storage.Question{Agent: "a"}, call)
		})
	}
	made.Wait()
	client.Close()
	_ = srv.Close()
	served.Wait()
	slices.Sort(arrivals)
	return arrivals
}

// Ensure that calls that wait long for a connection count as made when they are sent: the
// calls after them would be sent together with them, over the same connections.
func TestDispatcher_CallCountsWhenItIsSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		arrivals := callsIn(t, 25, func(n *memnet.Network) func(context.Context, string, string) (net.Conn, error) {
			return func(ctx context.Context, network, address string) (net.Conn, error) {
				time.Sleep(time.Until(began.Add(9 * time.Second)))
				return n.Dial(ctx, network, address)
			}
		})
		want := slices.Concat(slices.Repeat([]time.Duration{9 * time.Second}, 10), slices.Repeat([]time.Duration{14 * time.Second}, 10),
			slices.Repeat([]time.Duration{19 * time.Second}, 5))
		if !slices.Equal(arrivals, want) {
			t.Errorf("the calls are made at\n%v, want\n%v", arrivals, want)
		}
	})
}

// Ensure that a call that gets no connection does not count after it failed.
func TestDispatcher_UnsentCallDoesNotCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var dials atomic.Int32
		arrivals := callsIn(t, 20, func(n *memnet.Network) func(context.Context, string, string) (net.Conn, error) {
			return func(ctx context.Context, network, address string) (net.Conn, error) {
				if dials.Add(1) <= 10 {
					time.Sleep(8 * time.Second)
					return nil, io.ErrUnexpectedEOF
				}
				time.Sleep(time.Second)
				return n.Dial(ctx, network, address)
			}
		})
		if want := slices.Repeat([]time.Duration{9 * time.Second}, 10); !slices.Equal(arrivals, want) {
			t.Errorf("the calls are made at\n%v, want\n%v", arrivals, want)
		}
	})
}
