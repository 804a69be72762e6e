package tokens

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"enjobridge/bot/slackapi"
	"enjobridge/storage"
)

// Ensure that many calls that Slack refuses make one refresh, and that each is made again.
func TestRefused(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench) {
		b.start()
		time.Sleep(time.Hour)
		b.slack.takes = time.Second
		var calls sync.WaitGroup
		for range 20 {
			calls.Go(func() {
				if again, err := b.Refused(t.Context(), storage.BotToken, "secret-access-1"); !again || err != nil {
					t.Errorf("again is %v, %v", again, err)
				}
			})
		}
		calls.Wait()
		b.wants(2)
		if b.slack.uses() != 2 {
			t.Errorf("the refresh tokens were %q", b.slack.used)
		}
		if again, err := b.Refused(t.Context(), storage.BotToken, "secret-access-1"); !again || err != nil {
			t.Errorf("a late call: %v, %v", again, err)
		}
		if again, err := b.Refused(t.Context(), storage.BotToken, "secret-access-2"); again || err != nil || b.slack.uses() != 2 {
			t.Errorf("a new token that is refused: %v, %v, %d refreshes", again, err, b.slack.uses())
		}
	})
}

// Ensure that a caller that gives up does not interrupt the refresh, whose response would be
// lost with its refresh token.
func TestRefused_CallerLeaves(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench) {
		b.slack.takes = 10 * time.Second
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if again, err := b.Refused(ctx, storage.BotToken, "secret-given-access-1"); again || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("again is %v, %v", again, err)
		}
		b.Wait()
		b.wants(1)
	})
}

// Ensure that a token that Slack issues while the bot stops is stored: the refresh token
// before it is used up.
func TestRefused_Stops(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench) {
		b.slack.issued = b.cut
		if again, err := b.Refused(t.Context(), storage.BotToken, "secret-given-access-1"); !again || err != nil {
			t.Errorf("again is %v, %v", again, err)
		}
		b.wants(1)
	})
}

// Ensure that a token that another process has refreshed and stored is used, without a
// refresh.
func TestRefused_OtherProcess(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench) {
		other := &bench{t: t, store: b.store, slack: b.slack}
		other.open(given(1))
		other.start()
		other.stop()
		if again, err := b.Refused(t.Context(), storage.BotToken, "secret-given-access-1"); !again || err != nil {
			t.Errorf("again is %v, %v", again, err)
		}
		b.wants(1)
		if b.slack.uses() != 1 {
			t.Errorf("%d refreshes", b.slack.uses())
		}
	})
}

// Ensure that a failure that can be temporary does not end the bot, even if the token has
// expired, that calls learn of it, and that operators see it.
func TestKeep_Outage(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench) {
		b.start()
		b.slack.fail(errNetwork)
		time.Sleep(11 * time.Hour)
		if reasons := fmt.Sprint(b.health.Report().Reasons); !strings.Contains(reasons, "the bot token cannot be refreshed, and expires at ") {
			t.Errorf("the health is %s", reasons)
		}
		time.Sleep(2 * time.Hour)
		if reasons := fmt.Sprint(b.health.Report().Reasons); !strings.Contains(reasons, "the bot token has expired") {
			t.Errorf("the health is %s", reasons)
		}
		for range 3 {
			if again, err := b.Refused(t.Context(), storage.BotToken, "secret-access-1"); again || !errors.Is(err, errNetwork) || slackapi.Classify(err).Class != slackapi.Unknown {
				t.Errorf("again is %v, %v", again, err)
			}
		}
		if tries := b.slack.uses(); tries < 70 || tries > 200 {
			t.Errorf("%d attempts in five hours", tries)
		}
		b.slack.fail(nil)
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		if b.Token(storage.BotToken) == "secret-access-1" || len(b.health.Report().Reasons) != 1 { // no socket is open
			t.Errorf("after the outage, the health is %q", b.health.Report().Reasons)
		}
	})
}

// Ensure that a refresh token that Slack refuses does not end the bot while its access token
// works, and ends it then with the fix.
func TestKeep_RefreshTokenLost(t *testing.T) {
	for name, refused := range map[string]bool{"expires": false, "is refused": true} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, b *bench) {
				b.start()
				b.slack.fail(errSpent)
				time.Sleep(9 * time.Hour)
				if reasons := fmt.Sprint(b.health.Report().Reasons); !strings.Contains(reasons, "reinstall the app for a new bot token") {
					t.Errorf("the health is %s", reasons)
				}
				if refused {
					if _, err := b.Refused(t.Context(), storage.BotToken, "secret-access-1"); slackapi.Classify(err).Class != slackapi.Setup {
						t.Errorf("a call fails with %v", err)
					}
				}
				began := time.Now()
				err := <-b.ended
				setup, ok := errors.AsType[*slackapi.SetupError](err)
				if !ok || !strings.Contains(setup.Hint, "SLACK_BOT_REFRESH_TOKEN") || !errors.Is(err, errSpent) {
					t.Errorf("Keep ended with %v", err)
				}
				if took := time.Since(began); refused != (took < time.Minute) || took > 4*time.Hour {
					t.Errorf("it ended after %v", took)
				}
				b.cancel()
				b.cancel = nil
			})
		})
	}
}

// Ensure that the bot goes on if a refresh is refused for seconds only, although the token has
// expired in an outage before.
func TestKeep_RefusedForAMoment(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench) {
		b.start()
		b.slack.fail(errNetwork)
		time.Sleep(13 * time.Hour)
		b.slack.fail(errSpent)
		// An attempt comes within five minutes.
		for tries := b.slack.uses(); b.slack.uses() == tries; {
			time.Sleep(time.Second)
		}
		time.Sleep(20 * time.Second)
		b.slack.fail(nil)
		time.Sleep(time.Minute)
		synctest.Wait()
		select {
		case err := <-b.ended:
			t.Errorf("Keep ended with %v", err)
			b.ended <- err
		default:
		}
		if b.Token(storage.BotToken) == "secret-access-1" {
			t.Error("the token is not refreshed")
		}
	})
}

// Ensure that new settings save a bot whose refresh token is lost.
func TestKeep_NewSettings(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench) {
		b.start()
		b.slack.fail(errSpent)
		time.Sleep(9 * time.Hour)
		b.slack.fail(nil)
		b.Set(given(2))
		synctest.Wait()
		if got := b.slack.used[len(b.slack.used)-1]; got != "secret-given-refresh-2" || len(b.health.Report().Reasons) != 1 {
			t.Errorf("the last refresh was with %s, the health is %q", got, b.health.Report().Reasons)
		}
	})
}

// Ensure that nothing is refreshed while the store cannot be read or written, because the new
// tokens would be lost.
func TestKeep_StoreFails(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench) {
		b.store.set(io.ErrShortWrite, nil)
		b.start()
		time.Sleep(time.Hour)
		if b.slack.uses() != 0 || !strings.Contains(fmt.Sprint(b.health.Report().Reasons), "disk") {
			t.Errorf("%d refreshes, the health is %q", b.slack.uses(), b.health.Report().Reasons)
		}
		b.store.set(nil, nil)
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		b.wants(1)
	})
}

// Ensure that new tokens that cannot be stored are not used before they are, and that no
// second refresh token is used up meanwhile.
func TestKeep_DiskFillsUp(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench) {
		b.store.set(nil, io.ErrShortWrite)
		b.start()
		time.Sleep(time.Hour)
		if got := b.Token(storage.BotToken); got != "secret-given-access-1" || b.slack.uses() != 1 {
			t.Errorf("the token is %s after %d refreshes", got, b.slack.uses())
		}
		b.store.set(nil, nil)
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		b.wants(1)
		if b.slack.uses() != 1 {
			t.Errorf("%d refreshes", b.slack.uses())
		}
	})
}

// Ensure that a wait that Slack asks for is kept.
func TestKeep_RateLimited(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench) {
		b.slack.fail(&slackapi.ResponseError{Status: 429, RetryAfter: 4 * time.Minute})
		b.start()
		for range 20 {
			time.Sleep(10 * time.Second)
			if _, err := b.Refused(t.Context(), storage.BotToken, "secret-given-access-1"); slackapi.Classify(err).Class != slackapi.RateLimited {
				t.Errorf("a call fails with %v", err)
			}
		}
		if b.slack.uses() > 2 { // Keep looks again once, when the first call is refused
			t.Errorf("%d attempts", b.slack.uses())
		}
	})
}
