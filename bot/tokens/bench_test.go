package tokens

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"enjobridge/bot/slackapi"
	"enjobridge/bot/telemetry"
	"enjobridge/storage"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// memory is a store that has only tokens.
type memory struct {
	storage.Store
	mu     sync.Mutex
	tokens map[storage.TokenKind]storage.Token
	fails  error // of every operation
	full   error // of SetToken
}

func (m *memory) Decide(_ context.Context, _ storage.Scope, decide func(storage.Store) error) error {
	return decide(m)
}

func (m *memory) Token(_ context.Context, kind storage.TokenKind) (storage.Token, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	token, ok := m.tokens[kind]
	if !ok && m.fails == nil {
		return token, storage.ErrNotFound
	}
	return token, m.fails
}

func (m *memory) SetToken(ctx context.Context, token storage.Token) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := errors.Join(ctx.Err(), m.fails, m.full); err != nil {
		return err
	}
	m.tokens[token.Kind] = token
	return nil
}

func (m *memory) Probe(context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.fails
}

// set changes the store's errors.
func (m *memory) set(fails, full error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fails, m.full = fails, full
}

// life is how long Slack's access tokens are valid.
const life = 12 * time.Hour

// slack issues tokens.
type slack struct {
	mu    sync.Mutex
	used  []string // refresh tokens, in order
	fails error    // the error of each call; nil for none
	takes time.Duration
	// issued is called when Slack has issued a token; nil for nothing.
	issued func()
}

func (s *slack) refresh(ctx context.Context, kind storage.TokenKind, app slackapi.Credentials, refresh string) (storage.Token, error) {
	s.mu.Lock()
	s.used = append(s.used, refresh)
	n, fails := len(s.used), s.fails
	s.mu.Unlock()
	select {
	case <-time.After(s.takes):
	case <-ctx.Done():
		return storage.Token{}, context.Cause(ctx)
	}
	if app.ClientSecret != "client secret" || fails != nil {
		return storage.Token{}, errors.Join(fails)
	}
	if s.issued != nil {
		s.issued()
	}
	return storage.Token{
		Kind: kind, Access: fmt.Sprint("secret-access-", n), Refresh: fmt.Sprint("secret-refresh-", n), IssuedAt: time.Now(), ExpiresAt: time.Now().Add(life),
	}, nil
}

func (s *slack) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fails = err
}

// uses returns how often refresh tokens were used.
func (s *slack) uses() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.used)
}

// given returns settings with a rotating bot token and a permanent app-level token.
func given(number int) Settings {
	return Settings{slackapi.Credentials{ClientID: "1.2", ClientSecret: "client secret"}, map[storage.TokenKind]Pair{
		storage.BotToken: {fmt.Sprint("secret-given-access-", number), fmt.Sprint("secret-given-refresh-", number)},
		storage.AppToken: {"secret-permanent", ""},
	}}
}

// bench is a keeper under test.
type bench struct {
	*Refresher
	t       *testing.T
	store   *memory
	slack   *slack
	health  *telemetry.Health
	log     *bytes.Buffer // read it when nothing runs
	ended   chan error
	cancel  context.CancelFunc
	cut     context.CancelFunc
	metrics *telemetry.Registry
}

// bubble runs a test in simulated time with a keeper that is not running yet.
func bubble(t *testing.T, test func(t *testing.T, b *bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := &bench{t: t, store: &memory{tokens: make(map[storage.TokenKind]storage.Token)}, slack: new(slack)}
		b.open(given(1))
		defer func() {
			b.stop()
			for _, line := range []string{b.log.String(), fmt.Sprint(b.health.Report().Reasons)} {
				if strings.Contains(line, "secret-") {
					t.Errorf("a secret is shown: %s", line)
				}
			}
		}()
		test(t, b)
	})
}

// open replaces the keeper by one of a new process.
func (b *bench) open(s Settings) {
	b.t.Helper()
	b.log, b.metrics, b.health = new(bytes.Buffer), telemetry.NewRegistry(), telemetry.NewHealth(1, time.Now)
	keeper := New(Config{
		Settings: s, Store: b.store, Now: time.Now, Random: func(n int64) int64 { return n / 2 }, Metrics: b.metrics, Health: b.health, Log: zerolog.New(zerolog.SyncWriter(b.log)),
	})
	if err := keeper.Load(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
	background, cut := context.WithCancel(context.Background())
	b.Refresher, b.cut = keeper.Refresher(background, b.slack.refresh), cut
}

// start runs Keep for the bot token.
func (b *bench) start() {
	var ctx context.Context
	ctx, b.cancel = context.WithCancel(context.Background())
	b.ended = make(chan error, 1)
	go func() { b.ended <- b.Keep(ctx, storage.BotToken) }()
	synctest.Wait()
}

// stop ends the keeper, like the end of a process.
func (b *bench) stop() {
	if b.cancel != nil {
		b.cancel()
		if err := <-b.ended; err != nil {
			b.t.Errorf("Keep ended with %v", err)
		}
		b.cancel = nil
	}
	b.Wait()
	b.cut()
}

// wants fails the test unless the bot token is the one with the number that Slack issued,
// and is stored.
func (b *bench) wants(number int) {
	b.t.Helper()
	access := fmt.Sprint("secret-access-", number)
	if got := b.Token(storage.BotToken); got != access {
		b.t.Errorf("the token is %s, want %s", got, access)
	}
	if stored, err := b.store.Token(b.t.Context(), storage.BotToken); err != nil || stored.Access != access {
		b.t.Errorf("stored is %v, %v", stored.Access, err)
	}
}

var (
	errNetwork = errors.New("connection refused")
	errSpent   = &slackapi.ResponseError{Code: "invalid_refresh_token", Status: 200}
)
