package bot_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/bot"
	"enjobridge/enjo"
	slacksandbox "enjobridge/sandbox/slack"
	"enjobridge/storage"
	"enjobridge/storage/replicatedtest"
)

// fleet is a house in which several replicas of the bot share a database.
type fleet struct {
	*house
	db      *replicatedtest.Database
	members []*member
}

// member is one of the replicas.
type member struct {
	name   string
	store  *replicatedtest.Replica
	bridge *bot.Bot
	cancel func()
	ended  chan error
	gone   atomic.Bool // nothing of it reaches the network or the database
}

// sail creates a house with so many replicas. The first one has the lease.
func sail(t *testing.T, p plan, replicas int) *fleet {
	t.Helper()
	h := foundation(t, p)
	bolt, err := storage.OpenBolt(h.path, storage.BoltOptions{})
	if err != nil {
		t.Fatal(err)
	}
	f := &fleet{house: h, db: replicatedtest.New(bolt)}
	t.Cleanup(func() {
		for _, m := range f.members {
			m.stop(t)
		}
		if err := bolt.Close(); err != nil {
			t.Error(err)
		}
	})
	for n := range replicas {
		f.launch()
		if n == 0 {
			f.awaitHolder(f.members[0])
		}
	}
	f.awaitHistory(1)
	f.awaitSockets(2 * replicas)
	return f
}

// launch starts another replica, and waits until it is ready.
func (f *fleet) launch() *member {
	f.t.Helper()
	m := &member{name: fmt.Sprintf("replica-%d", len(f.members)), store: f.db.Replica(), ended: make(chan error, 1)}
	client := enjo.Config{BaseURL: f.agent, Token: f.enjo.Token(), Version: "test", Timeout: time.Minute, Dial: m.dial(f.house)}
	config := bot.Config{
		SlackAPIURL: f.slack.APIURL(), SlackAppToken: f.slack.AppToken(), SlackBotToken: f.slack.BotToken(), AgentView: true,
		Agents: []bot.Agent{{Name: "default", BotID: f.enjo.BotID()}}, Limits: enjosLimits, Jitter: 500 * time.Millisecond, Dial: m.dial(f.house),
	}
	if f.config != nil {
		f.config(&config)
	}
	agent, err := enjo.New(client)
	if err != nil {
		f.t.Fatal(err)
	}
	log := zerolog.New(f.log).Level(zerolog.InfoLevel).With().Str("replica", m.name).Logger()
	if m.bridge, err = bot.New(config, m.store, agent, log); err != nil {
		f.t.Fatal(err)
	}
	var ctx context.Context
	ctx, m.cancel = context.WithCancel(context.Background())
	go func() {
		err := m.bridge.Run(ctx)
		agent.Close()
		m.ended <- errors.Join(err, m.store.Close())
	}()
	f.members = append(f.members, m)
	f.eventually(m.name+" to be ready", func() bool { return f.report(m).Ready })
	return m
}

// dial returns the function by which a replica opens connections, while it is not gone.
func (m *member) dial(h *house) func(ctx context.Context, network, address string) (net.Conn, error) {
	dial := h.net.Host(m.name)
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if m.gone.Load() {
			return nil, errors.New("the replica is gone")
		}
		return dial(ctx, network, address)
	}
}

// stop stops a replica, and waits until it has ended.
func (m *member) stop(t testing.TB) {
	if m.ended == nil {
		return
	}
	m.cancel()
	if err := <-m.ended; err != nil && !m.gone.Load() {
		t.Errorf("%s ended with %v", m.name, err)
	}
	m.ended = nil
}

// kill cuts a replica off from everything, as if its machine had lost its power.
func (f *fleet) kill(m *member) {
	m.gone.Store(true)
	m.store.Cut()
	f.net.Crash(func(from, to string) bool { return from == m.name || to == m.name })
}

// report returns what /readyz of a replica shows.
func (f *fleet) report(m *member) bot.Health {
	f.t.Helper()
	f.handler = m.bridge.Handler()
	return f.health()
}

// eventually waits until something is so.
func (f *fleet) eventually(what string, is func() bool) {
	f.t.Helper()
	for began := time.Now(); !is(); time.Sleep(100 * time.Millisecond) {
		if time.Since(began) > patience {
			f.t.Fatalf("waiting for %s took too long", what)
		}
	}
}

// awaitSockets waits until the replicas have exactly so many sockets open.
func (f *fleet) awaitSockets(n int) {
	f.t.Helper()
	f.await(fmt.Sprintf("%d sockets", n), func(v slacksandbox.View) bool { return v.Sockets() == n })
}

// awaitHolder waits until a replica has the lease, and returns how long that took.
func (f *fleet) awaitHolder(m *member) time.Duration {
	f.t.Helper()
	began := time.Now()
	f.eventually(m.name+" to have the lease", func() bool { return f.report(m).Role == "holder" })
	return time.Since(began)
}

// lines returns how many lines of the log of a replica have a text.
func (f *fleet) lines(m *member, text string) (n int) {
	for line := range strings.Lines(f.log.String()) {
		if strings.Contains(line, `"replica":"`+m.name+`"`) && strings.Contains(line, text) {
			n++
		}
	}
	return n
}

// askAll asks so many questions, one after the other, each in its own thread.
func (f *fleet) askAll(n int) (roots []string) {
	for i := range n {
		roots = append(roots, f.mention(f.alice, fmt.Sprintf("How do I reset my VPN password number %d?", i)))
	}
	return roots
}

// wantOneAnswer checks that a thread has exactly one post of the bot.
func (f *fleet) wantOneAnswer(root string) {
	f.t.Helper()
	f.awaitAnswers(f.support, root, 1)
	time.Sleep(30 * time.Second)
	if n := len(f.answers(f.slack.View, f.support, root)); n != 1 {
		f.t.Errorf("the question has %d answers", n)
	}
}
