package tokens

import (
	"context"
	"errors"
	"io"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"enjobridge/bot/slackapi"
	"enjobridge/storage"
)

// another returns the keeper of another replica, which may refresh tokens while allowed is
// true, and the function that ends it.
func another(t *testing.T, b *bench, allowed *atomic.Bool) (*bench, func()) {
	t.Helper()
	other := &bench{t: t, store: b.store, slack: b.slack}
	other.open(given(1))
	other.Allow(allowed.Load)
	return other, other.stop
}

// Ensure that of two replicas only the one that is allowed to refreshes, and that the other one
// has its tokens within two minutes, also when they change their parts.
func TestKeep_Shared(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench) {
		var first, second atomic.Bool
		first.Store(true)
		b.Allow(first.Load)
		other, stop := another(t, b, &second)
		defer stop()
		other.start()
		b.start()
		time.Sleep(2 * time.Minute)
		b.wants(1)
		other.wants(1)
		time.Sleep(20 * time.Hour)
		b.wants(3)
		other.wants(3)
		first.Store(false)
		second.Store(true)
		time.Sleep(20 * time.Hour)
		b.wants(6)
		other.wants(6)
		if b.slack.uses() != 6 {
			t.Errorf("%d refreshes", b.slack.uses())
		}
	})
}

// Ensure that a call that Slack refuses waits a moment for the replica that may refresh, and
// can be repeated if that takes longer.
func TestRefused_Shared(t *testing.T) {
	for name, test := range map[string]struct {
		after time.Duration
		again bool
		err   error
		took  time.Duration
	}{
		"in time":  {time.Second, true, nil, time.Second + lookAgain},
		"too late": {time.Minute, false, errElsewhere, holderTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, b *bench) {
				b.Allow(func() bool { return false })
				holder := &bench{t: t, store: b.store, slack: b.slack}
				holder.open(given(1))
				defer holder.stop()
				time.AfterFunc(test.after, holder.start)
				began := time.Now()
				again, err := b.Refused(t.Context(), storage.BotToken, "secret-given-access-1")
				if again != test.again || !errors.Is(err, test.err) || time.Since(began) > test.took {
					t.Errorf("after %v, again is %v, %v", time.Since(began), again, err)
				}
				if err != nil && !slackapi.Classify(err).Transient() {
					t.Errorf("%v is not transient", err)
				}
				time.Sleep(test.after)
				synctest.Wait()
				if b.slack.uses() != 1 {
					t.Errorf("%d refreshes", b.slack.uses())
				}
			})
		})
	}
}

// issue stores a newer token, as another replica does.
func (b *bench) issue(access string) {
	b.t.Helper()
	now := time.Now().Add(time.Millisecond)
	err := b.store.SetToken(context.Background(), storage.Token{
		Kind: storage.BotToken, Access: access, Refresh: "secret-of-another", Origin: origin("secret-given-refresh-1"), IssuedAt: now, ExpiresAt: now.Add(life),
	})
	if err != nil {
		b.t.Error(err)
	}
}

// Ensure that a new token that could not be stored does not replace a newer one that another
// replica has stored since.
func TestKeep_UnsavedTokenIsOlder(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench) {
		b.store.set(nil, io.ErrShortWrite)
		b.start()
		time.Sleep(time.Minute)
		b.store.set(nil, nil)
		b.issue("secret-newer")
		time.Sleep(time.Hour)
		stored, err := b.store.Token(t.Context(), storage.BotToken)
		if got := b.Token(storage.BotToken); got != "secret-newer" || stored.Access != got || err != nil || b.slack.uses() != 1 {
			t.Errorf("the token is %s, stored is %s, after %d refreshes (%v)", got, stored.Access, b.slack.uses(), err)
		}
	})
}

// Ensure that a token that Slack has issued does not replace a newer one that another replica
// has stored meanwhile.
func TestKeep_NewerTokenMeanwhile(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench) {
		b.slack.issued = func() {
			b.slack.issued = nil
			b.issue("secret-newer")
		}
		b.start()
		stored, err := b.store.Token(t.Context(), storage.BotToken)
		if got := b.Token(storage.BotToken); got != "secret-newer" || stored.Access != got || err != nil {
			t.Errorf("the token is %s, stored is %s (%v)", got, stored.Access, err)
		}
	})
}

// Ensure that a replica that loses its part with a token that is not stored yet stores it: the
// refresh token before it is used up.
func TestKeep_UnsavedTokenOfTheFormerHolder(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench) {
		var allowed atomic.Bool
		allowed.Store(true)
		b.Allow(allowed.Load)
		b.store.set(nil, io.ErrShortWrite)
		b.start()
		allowed.Store(false)
		b.store.set(nil, nil)
		time.Sleep(5 * time.Minute)
		b.wants(1)
		if b.slack.uses() != 1 {
			t.Errorf("%d refreshes", b.slack.uses())
		}
	})
}
