package tokens

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"enjobridge/bot/backoff"
	"enjobridge/bot/slackapi"
	"enjobridge/bot/telemetry"
	"enjobridge/storage"
)

const (
	// maxBackOff is the longest wait before another attempt to refresh a token.
	maxBackOff = 5 * time.Minute
	// newFor is how long a token is new after its issue, but not for more than half its life.
	newFor = time.Minute
	// forceEvery is how often an attempt to refresh a token is made at most because Slack
	// refuses it: each call of Slack would make one.
	forceEvery = 5 * time.Second
	// insistFor is how long a refresh that Slack refuses is tried again as after other failures:
	// proxies can redirect a call, and Slack can refuse valid tokens, for seconds.
	insistFor = time.Minute
	// setupEvery is the wait after a failure that only a person can fix. New settings end it.
	setupEvery = 15 * time.Minute
	// lookEvery is how often Keep compares the clock with a token's expiry at least: a
	// machine can sleep, and its clock can change.
	lookEvery = 10 * time.Minute
	// readEvery is how often a process that may not refresh tokens reads those of the store.
	// They are there hours before the earlier ones expire.
	readEvery = time.Minute
	// holderTimeout is how long a call waits for another process to refresh a token that Slack
	// refuses, and lookAgain is how often it looks meanwhile.
	holderTimeout, lookAgain = 5 * time.Second, 500 * time.Millisecond
	// problemAfter is after how many failed attempts operators see the problem in the
	// health of the bot.
	problemAfter = 3
)

// Refresher refreshes tokens with Slack. Its calls continue until its context ends, even if
// nobody waits for them any more: the response to a call that has used a refresh token
// must not be lost.
type Refresher struct {
	*Keeper
	ctx     context.Context
	refresh RefreshFunc
	allowed func() bool
}

// Refresher returns a refresher whose calls end with ctx. Wait for it.
func (k *Keeper) Refresher(ctx context.Context, refresh RefreshFunc) *Refresher {
	return &Refresher{k, ctx, refresh, func() bool { return true }}
}

// Allow sets the function that reports whether this process may refresh tokens now. While it
// may not, it takes over those that another process stores. Call it before the first refresh.
func (r *Refresher) Allow(allowed func() bool) { r.allowed = allowed }

// errElsewhere means that another process has to refresh a token, and has not yet.
var errElsewhere = errors.New("another replica refreshes the token, and has not stored a new one yet")

// Wait waits for the refreshes in progress. A refresh can begin meanwhile: no sync.WaitGroup
// allows that.
func (r *Refresher) Wait() {
	for _, kind := range Kinds {
		r.mu.Lock()
		f := r.kept[kind].flight
		r.mu.Unlock()
		if f != nil {
			<-f.done
		}
	}
}

// Refused implements [slackapi.Tokens]. It refreshes the token, unless that has happened
// meanwhile. It does not refresh a new token: if Slack refuses that, too, another one does
// not help.
func (r *Refresher) Refused(ctx context.Context, kind storage.TokenKind, token string) (again bool, err error) {
	r.mu.Lock()
	t, now := r.kept[kind], r.cfg.Now()
	switch {
	case t.current.Access != token:
		r.mu.Unlock()
		return true, nil
	case t.given.Refresh == "" || t.isNew(now):
		r.mu.Unlock()
		return false, nil
	}
	if !t.refused {
		t.refused = true
		t.wake()
	}
	err = t.failure
	if t.flight != nil || now.Sub(t.failedAt).Abs() >= max(forceEvery, slackapi.Classify(err).RetryAfter) {
		err = nil
	}
	r.mu.Unlock()
	if err == nil {
		err = r.renew(ctx, kind, token)
	}
	if err != nil {
		return false, fmt.Errorf("refreshing the %s token, which Slack does not accept any more: %w", string(kind), err)
	}
	return r.Token(kind) != token, nil
}

// isNew reports whether a token was issued just now. The mu of the Keeper must be held.
func (t *kept) isNew(now time.Time) bool {
	life := t.current.ExpiresAt.Sub(t.current.IssuedAt)
	return now.Sub(t.current.IssuedAt).Abs() < min(newFor, life/2)
}

// Keep refreshes the token of a kind long before it expires, until ctx ends; nil then. It
// returns a [slackapi.SetupError] when there is no valid token any more, and only a person
// can get one.
func (r *Refresher) Keep(ctx context.Context, kind storage.TokenKind) error {
	var refused time.Time // since when all attempts are refused in a way that only a person can fix
	for failures := 0; ctx.Err() == nil; {
		token, wait, changed := r.due(kind)
		if !r.mayRefresh(kind) {
			failures, refused = 0, time.Time{}
			r.reload(ctx, kind)
			sleep(ctx, readEvery, changed)
			continue
		}
		if wait > 0 {
			failures, refused = 0, time.Time{}
			sleep(ctx, min(wait, lookEvery), changed)
			continue
		}
		err := r.renew(ctx, kind, token)
		switch {
		case err == nil:
			failures, refused = 0, time.Time{}
			continue
		case ctx.Err() != nil:
			return nil
		}
		failures++
		switch isRefused := slackapi.Classify(err).Class == slackapi.Setup; {
		case !isRefused:
			refused = time.Time{}
		case refused.IsZero():
			refused, failures = time.Now(), 1
		}
		insisted := !refused.IsZero() && time.Since(refused) >= insistFor
		if fatal := r.failed(kind, token, err, failures, insisted); fatal != nil {
			return fatal
		}
		sleep(ctx, r.pause(err, failures, insisted), changed)
	}
	return nil
}

// mayRefresh reports whether this process may refresh a token, or has a new one to store, which
// is the only valid one.
func (r *Refresher) mayRefresh(kind storage.TokenKind) bool {
	if r.allowed() {
		return true
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.kept[kind].unsaved != nil
}

// reload takes over a token that another process has stored. A failure is repeated soon.
func (r *Refresher) reload(ctx context.Context, kind storage.TokenKind) {
	if err := r.load(ctx, kind); err != nil && ctx.Err() == nil {
		r.cfg.Log.Warn().Err(err).Str("token", string(kind)).Str("hint", storage.Hint(err)).Msg("tokens: reading the store failed, trying again")
	}
}

// pause returns how long to wait after a failed attempt.
func (r *Refresher) pause(err error, failures int, insisted bool) time.Duration {
	failure := slackapi.Classify(err)
	if failure.Class == slackapi.Setup && insisted {
		return setupEvery
	}
	return max(r.backOff(failures), failure.RetryAfter)
}

// sleep waits for a time, or until the channel is closed or ctx ends.
func sleep(ctx context.Context, d time.Duration, changed <-chan struct{}) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-changed:
	case <-ctx.Done():
	}
}

// due returns the current access token and how long it need not be refreshed, and a channel
// that is closed when that changes.
func (r *Refresher) due(kind storage.TokenKind) (token string, wait time.Duration, changed <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	t := r.kept[kind]
	switch {
	case t.given.Refresh == "":
		wait = lookEvery
	case !t.refused && t.unsaved == nil && !t.due.IsZero():
		wait = t.due.Sub(r.cfg.Now())
	}
	return t.current.Access, wait, t.changed
}

// renew replaces an access token, unless that has happened meanwhile. At most one refresh of
// a kind runs at a time: renew waits for that of an earlier token first. It returns the cause
// if ctx ends before, but the refresh goes on.
func (r *Refresher) renew(ctx context.Context, kind storage.TokenKind, token string) error {
	for {
		f := r.join(kind, token)
		select {
		case <-f.done:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if f.token == token {
			return f.err
		}
	}
}

// join returns the refresh of a kind that is in progress, or else begins one.
func (r *Refresher) join(kind storage.TokenKind, token string) *flight {
	r.mu.Lock()
	defer r.mu.Unlock()
	t := r.kept[kind]
	if t.flight != nil {
		return t.flight
	}
	f := &flight{token: token, done: make(chan struct{}), err: errPanicked}
	t.flight = f
	go func() {
		r.panics.Do("refresh a token", func() { f.err = r.exchange(kind, token) })
		r.mu.Lock()
		defer r.mu.Unlock()
		t.flight = nil
		if t.current.Access == token {
			t.failure, t.failedAt = f.err, r.cfg.Now()
		}
		close(f.done)
	}()
	return f
}

// exchange exchanges the refresh token, and stores the new tokens before they are used. If
// another process has to, it waits for that.
func (r *Refresher) exchange(kind storage.TokenKind, token string) error {
	ctx, cancel := context.WithTimeout(r.ctx, holderTimeout)
	defer cancel()
	for {
		if err := r.load(r.ctx, kind); err != nil {
			return err // without the store, the new tokens would be lost
		}
		if r.mayRefresh(kind) || r.Token(kind) != token {
			break
		}
		if backoff.Sleep(ctx, lookAgain) != nil {
			return errElsewhere
		}
	}
	r.mu.Lock()
	t := r.kept[kind]
	current, fresh, app := t.current, t.unsaved, r.app
	r.mu.Unlock()
	if current.Access != token || current.Refresh == "" {
		return nil
	}
	if fresh == nil {
		if err := r.cfg.Store.Probe(r.ctx); err != nil {
			return fmt.Errorf("%w: %w", errStore, err)
		}
		answer, err := r.refresh(r.ctx, kind, app, current.Refresh)
		r.refreshes.WithLabelValues(string(kind), outcomeOf(err)).Inc()
		if err != nil {
			return err
		}
		answer.Origin = current.Origin
		fresh = &answer
	}
	return r.save(kind, current, fresh)
}

// save stores a new token, and then uses it. If that fails, it is stored later. It also stores
// a token that Slack has issued while the bot stops: the previous refresh token is used up.
func (r *Refresher) save(kind storage.TokenKind, before storage.Token, fresh *storage.Token) error {
	used, err := r.store(context.WithoutCancel(r.ctx), *fresh)
	r.mu.Lock()
	defer r.mu.Unlock()
	t := r.kept[kind]
	switch {
	case t.current.Origin != before.Origin:
		return nil // the settings have changed meanwhile
	case err != nil:
		t.unsaved = fresh
		return fmt.Errorf("%w: %w", errStore, err)
	}
	t.unsaved = nil
	r.use(kind, used)
	r.cfg.Log.Info().Str("token", string(kind)).Time("expires_at", used.ExpiresAt).Msg("tokens: token refreshed")
	return nil
}

// store stores a new token, unless another process has stored a newer one meanwhile. It
// returns the token that the store has then.
func (r *Refresher) store(ctx context.Context, fresh storage.Token) (used storage.Token, err error) {
	err = r.cfg.Store.Decide(ctx, storage.Scope{}, func(s storage.Store) error {
		stored, err := s.Token(ctx, fresh.Kind)
		if err != nil && !errors.Is(err, storage.ErrNotFound) {
			return err
		}
		if used = fresh; err == nil && stored.Origin == fresh.Origin && stored.IssuedAt.After(fresh.IssuedAt) {
			used = stored
			return nil
		}
		return s.SetToken(ctx, fresh)
	})
	return used, err
}

// errPanicked means that a refresh panicked.
var errPanicked = errors.New("refreshing a token panicked")

// outcomeOK is the outcome of a refresh that has succeeded.
const outcomeOK = "ok"

// outcomeOf returns the outcome of a refresh as a metric's label.
func outcomeOf(err error) string {
	if err == nil {
		return outcomeOK
	}
	return telemetry.Label(cmp.Or(slackapi.ErrorCode(err), string(slackapi.Classify(err).Class)))
}

// failed reports that a token was not refreshed, unless it was replaced meanwhile. It returns
// an error if only a person can help, which the attempts have shown for long enough, and the
// token is not valid any more.
func (r *Refresher) failed(kind storage.TokenKind, token string, err error, failures int, insisted bool) error {
	failure := slackapi.Classify(err)
	hint := failure.Hint
	if errors.Is(err, errStore) {
		hint = storage.Hint(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	t := r.kept[kind]
	if t.current.Access != token {
		return nil
	}
	expires := t.current.ExpiresAt
	invalid := t.refused || !expires.IsZero() && !r.cfg.Now().Before(expires)
	setup := failure.Class == slackapi.Setup
	if setup && invalid && insisted {
		return &slackapi.SetupError{Err: fmt.Errorf("refreshing the %s token: %w", string(kind), err), Hint: hint}
	}
	event := r.cfg.Log.Warn()
	if setup || invalid {
		event = r.cfg.Log.Error()
	}
	event = event.Err(err).Str("token", string(kind)).Str("hint", hint).Int("attempt", failures)
	if !expires.IsZero() {
		event = event.Time("expires_at", expires)
	}
	event.Msg("tokens: token could not be refreshed, trying again")
	if setup || failures >= problemAfter {
		r.cfg.Health.SetTokenProblem(string(kind), problem(kind, expires, r.cfg.Now(), cmp.Or(hint, err.Error())))
	}
	return nil
}

// problem describes a token that is not refreshed.
func problem(kind storage.TokenKind, expires, now time.Time, hint string) string {
	switch left := expires.Sub(now).Round(time.Minute); {
	case expires.IsZero():
		return fmt.Sprintf("the %s token cannot be refreshed, and expires within 12 hours of its issue: %s", string(kind), hint)
	case left > 0:
		return fmt.Sprintf("the %s token cannot be refreshed, and expires at %s: %s", string(kind), expires.UTC().Format(time.RFC3339), hint)
	}
	return fmt.Sprintf("the %s token has expired, and cannot be refreshed: %s", string(kind), hint)
}
