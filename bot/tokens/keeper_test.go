package tokens

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"enjobridge/storage"
)

// Ensure that a token of the settings, whose expiry nobody knows, is refreshed at once, and
// the next ones after two thirds of their life or a little earlier, each with the refresh
// token that came with it.
func TestKeep(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench) {
		if got := b.Token(storage.BotToken); got != "secret-given-access-1" {
			t.Errorf("before the refresh, the token is %s", got)
		}
		b.start()
		b.wants(1)
		time.Sleep(7*time.Hour + 29*time.Minute)
		b.wants(1)
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		b.wants(2)
		time.Sleep(23 * time.Hour)
		b.wants(5)
		want := []string{"secret-given-refresh-1", "secret-refresh-1", "secret-refresh-2", "secret-refresh-3", "secret-refresh-4"}
		if strings.Join(b.slack.used, " ") != strings.Join(want, " ") {
			t.Errorf("the refresh tokens were %q", b.slack.used)
		}
		shown := httptest.NewRecorder()
		b.metrics.Handler().ServeHTTP(shown, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
		stored, _ := b.store.Token(t.Context(), storage.BotToken)
		for _, want := range []string{
			`enjobridge_token_refreshes_total{outcome="ok",token="bot"} 5`, `enjobridge_token_refreshes_total{outcome="ok",token="app"} 0`,
			fmt.Sprintf(`enjobridge_token_expiry_timestamp_seconds{token="bot"} %v`, float64(stored.ExpiresAt.Unix())),
		} {
			if !strings.Contains(shown.Body.String(), want+"\n") {
				t.Errorf("the metrics lack %s", want)
			}
		}
	})
}

// Ensure that a token that does not expire is never refreshed, and that the store's is not
// used in its place.
func TestKeep_PermanentToken(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench) {
		b.store.tokens[storage.AppToken] = storage.Token{Kind: storage.AppToken, Access: "secret-old", IssuedAt: time.Now().Add(time.Hour)}
		b.open(given(1))
		ended := make(chan error)
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Hour)
		defer cancel()
		go func() { ended <- b.Keep(ctx, storage.AppToken) }()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		again, err := b.Refused(t.Context(), storage.AppToken, "secret-permanent")
		if again || err != nil || b.slack.uses() != 0 || b.Token(storage.AppToken) != "secret-permanent" {
			t.Errorf("refused: %v, %v, after %d refreshes", again, err, b.slack.uses())
		}
	})
}

// Ensure that the store's token wins over the settings' with the same refresh token, and not
// over one with another.
func TestLoad(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench) {
		b.start()
		b.stop()
		b.open(given(1))
		b.start()
		b.wants(1)
		b.stop()
		b.open(given(2))
		if got := b.Token(storage.BotToken); got != "secret-given-access-2" {
			t.Errorf("with new settings, the token is %s", got)
		}
		b.start()
		b.wants(2)
		if got := b.slack.used[1]; got != "secret-given-refresh-2" {
			t.Errorf("the new settings' token was refreshed with %s", got)
		}
	})
}

// Ensure that settings that change while the bot runs are used at once, and that a token
// that was refreshed stays if its refresh token in the settings stays.
func TestSet(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench) {
		b.start()
		b.Set(given(1))
		b.wants(1)
		b.slack.takes = time.Second
		other := given(2)
		other.Pairs[storage.AppToken] = Pair{"secret-permanent-2", ""}
		b.Set(other)
		if got := b.Token(storage.BotToken) + b.Token(storage.AppToken); got != "secret-given-access-2secret-permanent-2" {
			t.Errorf("the tokens are %s", got)
		}
		time.Sleep(2 * time.Second)
		b.wants(2)
		permanent := given(3)
		permanent.Pairs[storage.BotToken] = Pair{"secret-permanent-3", ""}
		b.Set(permanent)
		time.Sleep(24 * time.Hour)
		if got := b.Token(storage.BotToken); got != "secret-permanent-3" || b.slack.uses() != 2 {
			t.Errorf("the token is %s after %d refreshes", got, b.slack.uses())
		}
	})
}

// Ensure that a refresh in progress does not replace a token that was set meanwhile.
func TestSet_DuringRefresh(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench) {
		b.slack.takes = 10 * time.Second
		b.start()
		time.Sleep(5 * time.Second)
		b.Set(given(2))
		time.Sleep(6 * time.Second)
		if got := b.Token(storage.BotToken); got != "secret-given-access-2" {
			t.Errorf("the token is %s", got)
		}
		time.Sleep(10 * time.Second)
		b.wants(2)
	})
}

// Ensure that a refresh that fails after its token was replaced is no failure of the new one:
// operators do not see it, and a call that waits for the new one does not get it.
func TestSet_DuringFailingRefresh(t *testing.T) {
	t.Run("by a permanent token", func(t *testing.T) {
		bubble(t, func(t *testing.T, b *bench) {
			b.slack.fail(errSpent)
			b.slack.takes = 10 * time.Second
			b.start()
			permanent := given(2)
			permanent.Pairs[storage.BotToken] = Pair{"secret-permanent-2", ""}
			b.Set(permanent)
			time.Sleep(time.Hour)
			if reasons := b.health.Report().Reasons; len(reasons) != 1 || strings.Contains(b.log.String(), "could not be refreshed") { // no socket is open
				t.Errorf("the health is %q, the log %s", reasons, b.log)
			}
		})
	})
	t.Run("by one that expires", func(t *testing.T) {
		bubble(t, func(t *testing.T, b *bench) {
			b.slack.fail(errSpent)
			b.slack.takes = 10 * time.Second
			b.start()
			b.slack.fail(nil)
			b.Set(given(2))
			if again, err := b.Refused(t.Context(), storage.BotToken, "secret-given-access-2"); !again || err != nil {
				t.Errorf("again is %v, %v", again, err)
			}
			b.wants(2)
		})
	})
}
