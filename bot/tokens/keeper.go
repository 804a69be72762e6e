// Package tokens keeps the bot's Slack tokens valid: it refreshes those that expire, stores
// the new ones before they are used, and takes over new settings. It does not know what the
// tokens are used for.
//
// A refresh token works once. A refresh is one call of Slack and one write to the store, and
// until the write is on disk the calls use the previous access token, which works until it
// expires. If the process ends in between, the new tokens are lost. The next process uses
// the stored access token, and tries the stored refresh token again: Slack documents a short
// grace period after its first use. After that only a person can get new tokens, and the
// hint says how.
//
// The store's tokens descend from a refresh token in the settings, and take precedence over
// the settings unless that refresh token has changed.
//
// Several processes can share the tokens of a store if only one of them may refresh: see
// [Refresher.Allow]. Each reads the store again before it refreshes a token that Slack refuses.
package tokens

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"enjobridge/bot/backoff"
	"enjobridge/bot/slackapi"
	"enjobridge/bot/supervise"
	"enjobridge/bot/telemetry"
	"enjobridge/storage"
)

// Kinds are all kinds of tokens.
var Kinds = []storage.TokenKind{storage.BotToken, storage.AppToken}

// Pair is an access token in the settings, with its refresh token if it expires.
type Pair struct{ Access, Refresh string }

// Settings are the tokens of the settings, and the app's credentials, which are needed if one
// of the tokens expires.
type Settings struct {
	App   slackapi.Credentials
	Pairs map[storage.TokenKind]Pair
}

// RefreshFunc exchanges a refresh token: see [slackapi.Client.Refresh].
type RefreshFunc func(ctx context.Context, kind storage.TokenKind, app slackapi.Credentials, refresh string) (storage.Token, error)

// Config configures a [Keeper].
type Config struct {
	Settings Settings
	Store    storage.Store
	// Now returns the time of Slack's clock.
	Now func() time.Time
	// Random returns a random number that is at least 0 and less than n.
	Random  func(n int64) int64
	Metrics *telemetry.Registry
	Health  *telemetry.Health
	Log     zerolog.Logger
}

// Keeper keeps the tokens. It is safe for concurrent use.
type Keeper struct {
	cfg       Config
	backOff   backoff.Func
	panics    *supervise.Supervisor
	refreshes *prometheus.CounterVec // token, outcome
	expiries  *prometheus.GaugeVec   // token

	mu   sync.Mutex
	app  slackapi.Credentials
	kept map[storage.TokenKind]*kept
}

// kept is the token of a kind. The mu of the Keeper guards it.
type kept struct {
	// given is the token of the settings.
	given Pair
	// current is the token that calls are made with. If it is that of the settings, its
	// expiry is unknown, and zero.
	current storage.Token
	// due is when the current token is refreshed; zero for at once.
	due time.Time
	// unsaved is a new token that is not stored yet, and so not used.
	unsaved *storage.Token
	// refused says that Slack does not accept the current token any more.
	refused bool
	// failure is why the last refresh failed; nil if it did not. It ended at failedAt.
	failure  error
	failedAt time.Time
	flight   *flight // nil for none
	// changed is closed, and replaced, when Keep must look again.
	changed chan struct{}
}

// flight is a refresh in progress.
type flight struct {
	token string // the access token that it replaces
	done  chan struct{}
	err   error // once done
}

// New returns a keeper with the tokens of the settings.
func New(cfg Config) *Keeper {
	k := &Keeper{
		cfg: cfg, kept: make(map[storage.TokenKind]*kept), backOff: backoff.Exponential(cfg.Random, time.Second, maxBackOff),
		panics:    supervise.New(cfg.Metrics, cfg.Log),
		refreshes: cfg.Metrics.Counter("token_refreshes_total", "Attempts to refresh a Slack token, by token and outcome; ok if it was refreshed.", "token", "outcome"),
		expiries: cfg.Metrics.Gauges("token_expiry_timestamp_seconds",
			"When a Slack token expires, in seconds since 1970; missing for a token that does not expire, or whose expiry is unknown.", "token"),
	}
	telemetry.Preset(k.refreshes.MetricVec, []string{string(storage.BotToken), string(storage.AppToken)}, []string{outcomeOK, string(slackapi.Unknown), "invalid_refresh_token"})
	for _, kind := range Kinds {
		k.kept[kind] = &kept{changed: make(chan struct{})}
	}
	k.set(cfg.Settings)
	return k
}

// errStore means that the store cannot be read or written.
var errStore = errors.New("the store takes no new token")

// origin returns the digest of a refresh token in the settings; empty for none.
func origin(refresh string) string {
	if refresh == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(refresh))
	return hex.EncodeToString(sum[:])
}

// set takes over settings, and returns the kinds whose tokens have changed.
func (k *Keeper) set(s Settings) (changed []storage.TokenKind) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.app = s.App
	for _, kind := range Kinds {
		t, given := k.kept[kind], s.Pairs[kind]
		same := given == t.given
		t.given = given
		if same || given.Refresh != "" && t.current.Origin == origin(given.Refresh) {
			t.wake() // the credentials may have changed
			continue
		}
		changed = append(changed, kind)
		t.unsaved = nil
		k.use(kind, storage.Token{Kind: kind, Access: given.Access, Refresh: given.Refresh, Origin: origin(given.Refresh)})
	}
	return changed
}

// use makes a token the current one. mu must be held.
func (k *Keeper) use(kind storage.TokenKind, token storage.Token) {
	t := k.kept[kind]
	t.current, t.due, t.refused, t.failure = token, k.dueAt(token), false, nil
	k.cfg.Health.SetTokenProblem(string(kind), "")
	if token.ExpiresAt.IsZero() {
		k.expiries.DeleteLabelValues(string(kind))
	} else {
		k.expiries.WithLabelValues(string(kind)).Set(float64(token.ExpiresAt.Unix()))
	}
	t.wake()
}

// dueAt returns when to refresh a token: after two thirds of its life, or up to a twelfth
// earlier, so that not all do it at the same time. If its life is unknown, it is zero.
func (k *Keeper) dueAt(token storage.Token) time.Time {
	life := token.ExpiresAt.Sub(token.IssuedAt)
	if token.ExpiresAt.IsZero() || life < time.Second {
		return time.Time{}
	}
	return token.IssuedAt.Add(life*2/3 - time.Duration(k.cfg.Random(int64(life/12))))
}

// wake makes Keep look again. The mu of the Keeper must be held.
func (t *kept) wake() {
	close(t.changed)
	t.changed = make(chan struct{})
}

// Set takes over changed settings, such as tokens that a person has replaced. The next call
// uses the new tokens.
func (k *Keeper) Set(s Settings) {
	for _, kind := range k.set(s) {
		k.cfg.Log.Info().Str("token", string(kind)).Msg("tokens: the settings have a new token, using it")
	}
}

// Load takes over the tokens of the store. Call it before Slack is called.
func (k *Keeper) Load(ctx context.Context) error {
	for _, kind := range Kinds {
		if err := k.load(ctx, kind); err != nil {
			return err
		}
	}
	return nil
}

// load takes over the token of the store, if it descends from the settings and is newer.
func (k *Keeper) load(ctx context.Context, kind storage.TokenKind) error {
	k.mu.Lock()
	rotates := k.kept[kind].given.Refresh != ""
	k.mu.Unlock()
	if !rotates {
		return nil
	}
	stored, err := k.cfg.Store.Token(ctx, kind)
	if errors.Is(err, storage.ErrNotFound) {
		return nil
	} else if err != nil {
		return fmt.Errorf("%w: %w", errStore, err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	t := k.kept[kind]
	if stored.Origin != origin(t.given.Refresh) || stored.Access == t.current.Access || !stored.IssuedAt.After(t.current.IssuedAt) {
		return nil
	}
	if t.unsaved != nil && !t.unsaved.IssuedAt.After(stored.IssuedAt) {
		t.unsaved = nil // it would replace the newer one
	}
	k.cfg.Log.Info().Str("token", string(kind)).Time("expires_at", stored.ExpiresAt).Msg("tokens: the store has a newer token, using it")
	k.use(kind, stored)
	return nil
}

// Token implements [slackapi.Tokens].
func (k *Keeper) Token(kind storage.TokenKind) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.kept[kind].current.Access
}
