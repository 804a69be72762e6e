package receive

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"enjobridge/bot/slackevent"
	"enjobridge/bot/socketmode"
	"enjobridge/bot/supervise"
	"enjobridge/bot/telemetry"
)

// post is a receiver whose users are looked up. UFAST is a member at once, USLOW after
// half a second, ULATE after two, and UODD is one that Slack does not tell about. UBAD panics.
type post struct {
	*Receiver
	begun time.Time
	mu    sync.Mutex
	log   []string // what happened, with its second
	stop  func()
}

// open returns a post that runs until it is stopped. It must be called in a bubble.
func open(t *testing.T, everyone bool) *post {
	p := &post{begun: time.Now()}
	metrics := telemetry.NewRegistry()
	cfg := Config{
		Self:   slackevent.Identity{TeamID: "T1", UserID: "UBOT"},
		Missed: func() { p.note("missed") }, Panics: supervise.New(metrics, zerolog.Nop()), Metrics: metrics, Log: zerolog.Nop(),
		Identify: func(ctx context.Context, user string) (slackevent.Membership, error) {
			takes := map[string]time.Duration{"USLOW": 500 * time.Millisecond, "ULATE": 2 * time.Second}[user]
			select {
			case <-time.After(takes):
			case <-ctx.Done():
				return "", ctx.Err()
			}
			if user == "UBAD" {
				panic("odd")
			}
			return map[string]slackevent.Membership{"UODD": slackevent.Unknown}[user], nil
		},
	}
	member := cfg.Identify
	cfg.Identify = func(ctx context.Context, user string) (slackevent.Membership, error) {
		found, err := member(ctx, user)
		if err == nil && user != "UODD" {
			found = slackevent.Member
		}
		return found, err
	}
	handle := func(_ context.Context, e slackevent.Event) (func(), error) {
		var name string
		var in slackevent.Membership
		switch e := e.(type) {
		case slackevent.Message:
			name, in = e.Text, e.Membership
		case slackevent.Interaction:
			name, in = e.Name, e.Membership
		}
		p.note(strings.TrimSpace(slackevent.WithoutMention(name, "UBOT")) + " " + string(in))
		return func() {}, nil
	}
	cfg.Intake, cfg.Interact = handle, handle
	if everyone {
		cfg.Identify = nil
	}
	p.Receiver = New(cfg)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); p.Run(ctx) }()
	p.stop = func() { cancel(); <-ended }
	return p
}

// note notes what happened.
func (p *post) note(what string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.log = append(p.log, fmt.Sprintf("%v %s", time.Since(p.begun), what))
}

// say has a mention received in a thread.
func (p *post) say(user, thread, text string) {
	p.Take(socketmode.Envelope{ID: text, Type: slackevent.EventsAPI, Ack: func(any) error { return nil }, Payload: json.RawMessage(fmt.Sprintf(
		`{"is_ext_shared_channel":true,"event":{"type":"message","channel":"C1","user":%q,"ts":"2.2","thread_ts":%q,"text":"<@UBOT> %s"}}`, user, thread, text))})
}

// Ensure that a look-up holds up the later events of its thread, and no others, and that
// an event without an answer in a second is left to Slack.
func TestReceiver_Identify(t *testing.T) {
	for name, test := range map[string]struct {
		everyone bool
		do       func(*post)
		want     []string
	}{
		"in order": {false, func(p *post) {
			p.say("USLOW", "1.1", "first")
			p.say("UFAST", "1.1", "second")
			p.say("USLOW", "1.1", "third")
			p.say("UFAST", "1.2", "other")
		}, []string{"0s other member", "500ms first member", "500ms second member", "500ms third member"}},
		"not answered": {false, func(p *post) {
			p.say("ULATE", "1.1", "first")
			p.say("UFAST", "1.1", "second")
			p.say("UFAST", "1.1", "third")
		}, []string{"1s missed", "1s second member", "1s third member"}},
		"not said": {false, func(p *post) { p.say("UODD", "1.1", "first") }, []string{"0s first unverified"}},
		"a panic": {false, func(p *post) {
			p.say("UBAD", "1.1", "first")
			p.say("UFAST", "1.1", "second")
		}, []string{"0s missed", "0s second member"}},
		"where everyone is served": {true, func(p *post) { p.say("ULATE", "1.1", "first") }, []string{"0s first "}},
		"a press": {false, func(p *post) {
			p.Take(socketmode.Envelope{ID: "e", Type: slackevent.Interactive, Ack: func(any) error { return nil }, Payload: json.RawMessage(
				`{"type":"block_actions","user":{"id":"USLOW"},"actions":[{"action_id":"press"}]}`)})
		}, []string{"500ms press member"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := open(t, test.everyone)
				test.do(p)
				time.Sleep(5 * time.Second)
				p.stop()
				if diff := cmp.Diff(test.want, p.log); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				if left := p.waiting.Load(); left != 0 || len(p.held) > 0 {
					t.Errorf("%d bytes in %d threads are held back at the end", left, len(p.held))
				}
			})
		})
	}
}

// Ensure that held events are bounded together with the others, and that the end of a
// receiver does not wait long for look-ups.
func TestReceiver_IdentifyBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := open(t, false)
		p.waiting.Store(maxWaitingBytes - 10<<10)
		for range 100 {
			p.say("ULATE", "1.1", "long")
		}
		if held := len(p.held["C1/1.1"]); held == 0 || held > 10 || held+len(p.log) != 100 {
			t.Errorf("%d events are held, and %d left to Slack", held, len(p.log))
		}
		began := time.Now()
		p.stop()
		if took := time.Since(began); took > identifyTimeout {
			t.Errorf("the end takes %v", took)
		}
		p.say("USLOW", "1.2", "late")
	})
}
