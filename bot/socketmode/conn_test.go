package socketmode

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"
	"github.com/rs/zerolog"

	"enjobridge/bot/slackapi"
	"enjobridge/bot/supervise"
	"enjobridge/bot/telemetry"
	"enjobridge/internal/memnet"
)

// far is the far end of a socket, which a test writes message by message. It is in a
// bubble, and uses an in-memory network.
type far struct {
	t    *testing.T
	dial dialFunc
	host string
	// said gets each connection after hello is sent.
	said chan *websocket.Conn
}

// newFar serves apps.connections.open, and a WebSocket that first says hello.
func newFar(t *testing.T, hello string) *far {
	t.Helper()
	f := &far{t: t, said: make(chan *websocket.Conn, 10)}
	mux := http.NewServeMux()
	mux.HandleFunc("/api/apps.connections.open", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"ok":true,"url":"ws://%s/link"}`, r.Host)
	})
	mux.HandleFunc("/link", func(w http.ResponseWriter, r *http.Request) {
		conn, err := new(websocket.Upgrader).Upgrade(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		t.Cleanup(func() { _ = conn.Close() })
		if err := conn.WriteMessage(websocket.TextMessage, []byte(hello)); err != nil {
			t.Error(err)
		}
		f.said <- conn
	})
	mux.HandleFunc("/moved", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://elsewhere.example:80/link", http.StatusTemporaryRedirect)
	})
	network := memnet.New(nil)
	listener, err := network.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() {
		_ = server.Close()
		time.Sleep(time.Second) // its connections outlive it for half a second
	})
	f.dial, f.host = network.Dial, listener.Addr().String()
	return f
}

const hello = `{"type":"hello","num_connections":1,"debug_info":{"approximate_connection_time":18060}}`

// open returns a connection and its far end.
func (f *far) open(silence time.Duration) (*conn, *websocket.Conn) {
	f.t.Helper()
	conn, err := f.connect("/link", silence)
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { _ = conn.ws.Close() })
	return conn, <-f.said
}

// connect connects to a path of the far end.
func (f *far) connect(path string, silence time.Duration) (*conn, error) {
	return connect(f.t.Context(), f.dial, "ws://"+f.host+path, silence)
}

// Ensure that a redirect of the handshake is not followed: the path has a secret.
func TestDial_Redirect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFar(t, hello)
		dial := f.dial
		f.dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			if address != f.host {
				t.Errorf("%s is dialled", address)
			}
			return dial(ctx, network, address)
		}
		if _, err := f.connect("/moved", time.Minute); err == nil || !strings.Contains(err.Error(), "307") {
			t.Errorf("the error is %v", err)
		}
	})
}

// reading reads a connection. The returned function waits for the connection's end, and
// returns the reason.
func reading(conn *conn, take func(request)) func() string {
	why := make(chan string, 1)
	go func() { why <- conn.read(take) }()
	return func() string { return <-why }
}

// Ensure that the client reads hello, and that another message in its place is an error.
func TestDial(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn, _ := newFar(t, hello).open(time.Minute)
		if conn.counted != 1 || conn.life != 18060*time.Second {
			t.Errorf("%d connections for %v", conn.counted, conn.life)
		}
		for said, want := range map[string]string{
			`{"type":"disconnect","reason":"link_disabled"}`: "link_disabled",
			`{"type":"events_api","envelope_id":"1"}`:        "events_api",
			`{"type":7}`: "hello",
			`hello`:      "hello",
		} {
			f := newFar(t, said)
			if _, err := f.connect("/link", time.Minute); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("after %s: error %v, want one with %q", said, err, want)
			}
		}
		if _, err := newFar(t, hello).connect("/nowhere", time.Minute); err == nil || !strings.Contains(err.Error(), "404") {
			t.Errorf("without a socket: %v", err)
		}
	})
}

// Ensure that an unresponsive host does not delay a stop.
func TestDial_Stopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := memnet.New(nil)
		silent, err := network.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer silent.Close()
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			conn, err := silent.Accept()
			if err != nil {
				t.Error(err)
				return
			}
			cancel() // cancel during the handshake
			t.Cleanup(func() { _ = conn.Close() })
		}()
		if _, err := connect(ctx, network.Dial, "ws://"+silent.Addr().String()+"/link", time.Minute); err == nil {
			t.Error("a socket was opened")
		}
	})
}

// Ensure that a connection that carries no bytes is ended, and that pings keep it open.
func TestConnection_Silence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const pings = 4
		conn, end := newFar(t, hello).open(silenceTimeout)
		began := time.Now()
		why := reading(conn, func(request) {})
		for range pings {
			time.Sleep(silenceTimeout - time.Second)
			if err := end.WriteControl(websocket.PingMessage, nil, time.Now().Add(time.Second)); err != nil {
				t.Fatal(err)
			}
		}
		if got := why(); got != endSilent {
			t.Errorf("it ended because of %q", got)
		}
		if lived, want := time.Since(began), pings*(silenceTimeout-time.Second)+silenceTimeout; lived != want {
			t.Errorf("it ended after %v, want %v", lived, want)
		}
	})
}

// Ensure that the client distinguishes the reasons for an end.
func TestConnection_Ends(t *testing.T) {
	for want, end := range map[string]func(*conn, *websocket.Conn){
		endCut:    func(_ *conn, far *websocket.Conn) { _ = far.NetConn().Close() },
		endClosed: func(_ *conn, far *websocket.Conn) { _ = far.WriteMessage(websocket.CloseMessage, nil) },
		"refresh_requested": func(_ *conn, far *websocket.Conn) {
			_ = far.WriteMessage(websocket.TextMessage, []byte(`{"type":"disconnect","reason":"refresh_requested"}`))
			_ = far.NetConn().Close()
		},
		"link_disabled": func(_ *conn, far *websocket.Conn) {
			// The client does not wait until Slack closes the connection.
			_ = far.WriteMessage(websocket.TextMessage, []byte(`{"type":"disconnect","reason":"link_disabled"}`))
			_, _, _ = far.NextReader()
		},
		endRenewed: func(near *conn, far *websocket.Conn) { near.close(endRenewed); _, _, _ = far.NextReader() },
	} {
		t.Run(want, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				conn, far := newFar(t, hello).open(time.Minute)
				why := reading(conn, func(request) {})
				end(conn, far)
				if got := why(); got != want {
					t.Errorf("it ended because of %q, want %q", got, want)
				}
			})
		})
	}
}

// Ensure that every envelope is acknowledged, also an invalid one, and that other
// messages are skipped.
func TestConnection_AcknowledgesWhatItCannotRead(t *testing.T) {
	huge := `"` + strings.Repeat("x", 1<<20) + `"`
	for name, test := range map[string]struct{ message, kind string }{
		"an event":                     {`{"envelope_id":"e","type":"events_api","payload":{"event":{"type":"app_mention"}}}`, "events_api"},
		"an event of the future":       {`{"envelope_id":"e","type":"events_api","payload":{"event":{"type":"mind_read"}}}`, "events_api"},
		"an envelope of the future":    {`{"envelope_id":"e","type":"telepathy"}`, "telepathy"},
		"types of the wrong kind":      {`{"type":["x"],"payload":7,"envelope_id":"e","retry_attempt":"many"}`, ""},
		"a payload that is text":       {`{"type":"events_api","payload":"text","envelope_id":"e"}`, "events_api"},
		"1 MiB":                        {`{"type":"events_api","payload":` + huge + `,"envelope_id":"e"}`, "events_api"},
		"16 MiB":                       {`{"envelope_id":"e","payload":` + strings.Repeat(huge+",", 16) + `}`, ""},
		"10 million nested arrays":     {`{"envelope_id":"e","payload":` + strings.Repeat("[", 10_000_000), ""},
		"nested arrays that end well":  {`{"envelope_id":"e","payload":` + strings.Repeat("[", 1e6) + strings.Repeat("]", 1e6) + `}`, ""},
		"JSON that is cut":             {`{"type":"events_api","envelope_id":"e","payl`, ""},
		"a text that quotes an ID":     {`{"envelope_id":"e","payload":{"text":"\"envelope_id\":\"f\""},"x":`, ""},
		"an ID behind nested metadata": {`{"payload":{"metadata":{"envelope_id":"f"}},"envelope_id":"e","type":"events_api"}`, "events_api"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				conn, far := newFar(t, hello).open(time.Minute)
				why := reading(conn, func(r request) {
					if r.EnvelopeID != "last" && r.Type != test.kind {
						t.Errorf("it is of type %q, want %q", r.Type, test.kind)
					}
					if err := conn.ack(r.EnvelopeID, nil); err != nil {
						t.Error(err)
					}
				})
				for _, message := range []string{`null`, `7`, `{}`, `{"type":"hello"}`, test.message, `{"envelope_id":"last","type":"events_api"}`} {
					if err := far.WriteMessage(websocket.TextMessage, []byte(message)); err != nil {
						t.Fatal(err)
					}
				}
				var acked []string
				for range 2 {
					var ack struct {
						Envelope string `json:"envelope_id"`
					}
					if err := far.ReadJSON(&ack); err != nil {
						t.Fatal(err)
					}
					acked = append(acked, ack.Envelope)
				}
				if diff := cmp.Diff([]string{"e", "last"}, acked); diff != "" {
					t.Error(diff)
				}
				_ = far.NetConn().Close()
				why()
			})
		})
	}
}

// Ensure that an acknowledgement that cannot reach Slack is an error, and ends the
// connection, because part of it may have been written.
func TestConnection_AckFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn, far := newFar(t, hello).open(time.Minute)
		why := reading(conn, func(request) {})
		if err := conn.ack("e", strings.Repeat("x", maxAck)); err == nil {
			t.Error("an acknowledgement that Slack would drop was sent")
		}
		if err := conn.ack("e", func() {}); err == nil {
			t.Error("a payload that is not JSON was sent")
		}
		_ = far.NetConn().Close()
		why()
		if err := conn.ack("e", nil); err == nil {
			t.Error("an acknowledgement on a closed connection succeeded")
		}
	})
}

// Ensure that every message is either read or skipped, and that the ID of an envelope is
// found if there is one.
func FuzzDecodeRequest(f *testing.F) {
	f.Add([]byte(`{"envelope_id":"e","type":"events_api","payload":{"event":{}},"retry_attempt":1}`))
	f.Add([]byte(`{"type":"disconnect","reason":"warning","debug_info":{"host":"h"}}`))
	f.Add([]byte(`{"envelope_id" : "e", [[[`))
	f.Add([]byte(`[null,"\u0000"]`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		got := decodeRequest(raw)
		if len(got.Payload) > 0 && !json.Valid(got.Payload) {
			t.Errorf("the payload is not JSON: %q", got.Payload)
		}
		// The decoder ignores the case of names, so only exact ones are compared.
		var exact map[string]any
		if json.Unmarshal(raw, &exact) != nil {
			return
		}
		if id, ok := exact["envelope_id"].(string); ok && got.EnvelopeID != id {
			t.Errorf("the ID is %q, want %q", got.EnvelopeID, id)
		}
	})
}

func BenchmarkDecodeRequest(b *testing.B) {
	for name, raw := range map[string][]byte{
		"event": []byte(`{"envelope_id":"e","type":"events_api","payload":{"event":{"type":"app_mention","text":"` + strings.Repeat("x", 500) + `"}}}`),
		"1 MiB": []byte(`{"envelope_id":"e","type":"events_api","payload":"` + strings.Repeat("x", 1<<20) + `"}`),
		"deep":  append([]byte(`{"envelope_id":"e","payload":`), bytes.Repeat([]byte("["), maxEnvelope)...),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(raw)))
			for b.Loop() {
				if decodeRequest(raw).EnvelopeID != "e" {
					b.Fatal("not read")
				}
			}
		})
	}
}

// Ensure that a Slack that says hello and hangs up gets at most one connection a second,
// and that the wait grows with each attempt.
func TestSocket_ConnectionsDieYoung(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const tries = 6
		f := newFar(t, hello)
		health := telemetry.NewHealth(1, time.Now)
		api := slackapi.New(slackapi.Config{
			URL: "http://" + f.host + "/api/", Dial: f.dial, Random: rand.Int64N, Metrics: telemetry.NewRegistry(), Health: health, Log: zerolog.Nop(),
		})
		defer api.Close()
		var missed atomic.Int64
		client := New(Config{
			Slack: api, Sockets: 1, Dial: f.dial, Speed: 1, Random: rand.Int64N, Metrics: telemetry.NewRegistry(), Health: health,
			Missed: func() { missed.Add(1) }, Log: zerolog.Nop(),
		}, func(Envelope) {})
		var waits []int
		client.backOff = func(attempt int) time.Duration { waits = append(waits, attempt); return 0 }
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		began := time.Now()
		go func() { ended <- client.Run(ctx) }()
		for range tries {
			_ = (<-f.said).NetConn().Close()
		}
		took := time.Since(began)
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if least := (tries - 1) * openEvery; took < least {
			t.Errorf("%d connections within %v, want at least %v", tries, took, least)
		}
		if n := missed.Load(); n < tries-1 {
			t.Errorf("%d broken connections are reported, want at least %d", n, tries-1)
		}
		if diff := cmp.Diff([]int{1, 2, 3, 4, 5}, waits[:tries-1]); diff != "" {
			t.Errorf("the waits do not grow:\n%s", diff)
		}
		if len(client.held) != 0 {
			t.Errorf("%d connections are still held", len(client.held))
		}
	})
}

// Ensure that a connection whose reading panics is replaced, and is not held any more.
func TestSocket_ReadingPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFar(t, hello)
		health, metrics := telemetry.NewHealth(1, time.Now), telemetry.NewRegistry()
		api := slackapi.New(slackapi.Config{
			URL: "http://" + f.host + "/api/", Dial: f.dial, Random: rand.Int64N, Metrics: metrics, Health: health, Log: zerolog.Nop(),
		})
		defer api.Close()
		var missed atomic.Int64
		client := New(Config{
			Slack: api, Sockets: 1, Dial: f.dial, Speed: 1, Random: rand.Int64N, Metrics: metrics, Health: health,
			Missed: func() { missed.Add(1) }, Panics: supervise.New(metrics, zerolog.Nop()), Log: zerolog.Nop(),
		}, func(Envelope) { panic("an odd envelope") })
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- client.Run(ctx) }()
		odd := <-f.said
		if err := odd.WriteMessage(websocket.TextMessage, []byte(`{"type":"events_api","envelope_id":"e","payload":{}}`)); err != nil {
			t.Fatal(err)
		}
		next := <-f.said
		synctest.Wait()
		if live, held := health.LiveSockets(), len(client.held); live != 1 || held != 1 || missed.Load() != 1 {
			t.Errorf("%d sockets are open, %d are held, and %d are reported as broken", live, held, missed.Load())
		}
		_ = next.NetConn().Close()
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// Ensure that errors that only a person can fix are distinguished from temporary ones.
func TestSocketFailure(t *testing.T) {
	for word := range appTokenErrors {
		if _, ok := errors.AsType[*slackapi.SetupError](openError(&slackapi.ResponseError{Code: word})); !ok {
			t.Errorf("%s is retried", word)
		}
	}
	redirect := openError(&slackapi.ResponseError{Status: http.StatusTemporaryRedirect, Target: "elsewhere.example"})
	if _, ok := errors.AsType[*slackapi.SetupError](redirect); !ok || !strings.Contains(redirect.Error(), `redirect to the host "elsewhere.example"`) {
		t.Errorf("a redirect is %v", redirect)
	}
	for _, err := range []error{
		&slackapi.ResponseError{Code: "internal_error"}, &slackapi.ResponseError{Status: 503},
		&slackapi.ResponseError{Status: 429, RetryAfter: time.Second}, errors.New("EOF"),
	} {
		if _, ok := errors.AsType[*slackapi.SetupError](openError(err)); ok {
			t.Errorf("%v ends the process", err)
		}
	}
}
