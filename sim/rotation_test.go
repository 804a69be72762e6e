package sim_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"enjobridge/bot"
	slacksandbox "enjobridge/sandbox/slack"
)

// simTokenLife is how long Slack's access tokens are valid in a world where they expire, and
// simGrace how long a used refresh token works there.
const (
	simTokenLife = 10 * time.Minute
	simGrace     = time.Minute
)

// withRotation makes the tokens of a workspace expire.
func withRotation(config *slacksandbox.Config, life, grace time.Duration) {
	off := []byte("token_rotation_enabled: false")
	if !bytes.Contains(config.Manifest, off) {
		panic(fmt.Sprintf("the manifest lacks %q", off))
	}
	config.Manifest = bytes.Replace(config.Manifest, off, []byte("token_rotation_enabled: true\n  app_level_token_rotation_enabled: true"), 1)
	config.TokenLife, config.RefreshGrace = life, grace
}

// secretsOf returns the secrets that an operator finds on the app's page now.
func secretsOf(slack *slacksandbox.Workspace) bot.Secrets {
	s := bot.Secrets{SlackAppToken: slack.AppToken(), SlackBotToken: slack.BotToken(), SlackAppRefreshToken: slack.AppRefreshToken(), SlackBotRefreshToken: slack.BotRefreshToken()}
	if s.SlackBotRefreshToken != "" {
		s.SlackClientID, s.SlackClientSecret = slack.ClientID(), slack.ClientSecret()
	}
	return s
}

// setSecrets sets the secrets of a bot.
func setSecrets(c *bot.Config, s bot.Secrets) {
	c.SlackAppToken, c.SlackBotToken, c.SlackClientID, c.SlackClientSecret = s.SlackAppToken, s.SlackBotToken, s.SlackClientID, s.SlackClientSecret
	c.SlackAppRefreshToken, c.SlackBotRefreshToken = s.SlackAppRefreshToken, s.SlackBotRefreshToken
}

// helpWithTokens does what an operator does when the bot has ended because its refresh token
// is lost: they generate new tokens on the app's page, and set them.
func (w *world) helpWithTokens(err error) {
	setup, ok := errors.AsType[*bot.SetupError](err)
	if !ok || !strings.Contains(setup.Hint, "REFRESH_TOKEN") {
		return
	}
	w.seen.note(operatorHelps)
	w.trace.add("an operator sets new tokens")
	w.slack.ReissueTokens()
	w.secrets = secretsOf(w.slack)
}

// operatorHelps is noted when an operator has to set new tokens.
const operatorHelps = "operator sets new tokens"

// refreshes watches the refreshes of an instance.
type refreshes struct {
	mu    sync.Mutex
	calls map[uint64]string    // the refresh token of a call in progress, by connection
	spent map[string]time.Time // when the instance gets new tokens, by the refresh token
}

// calling records that an instance sends a refresh, and reports it if its refresh token is
// spent, as far as the instance can know.
func (r *refreshes) calling(w *world, conn uint64, data []byte) {
	_, body, _ := bytes.Cut(data, []byte("\r\n\r\n"))
	form, err := url.ParseQuery(string(body))
	token := form.Get("refresh_token")
	if err != nil || token == "" {
		w.judge.report("a refresh without a refresh token")
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if got, ok := r.spent[token]; ok && !time.Now().Before(got) {
		w.judge.report("an instance uses a refresh token again although it has got new ones for it")
	}
	if r.calls == nil {
		r.calls, r.spent = make(map[uint64]string), make(map[string]time.Time)
	}
	r.calls[conn] = token
}

// answered records a response that reaches an instance at a time, if it is the response to a
// refresh.
func (r *refreshes) answered(conn uint64, data []byte, arrives time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if token, ok := r.calls[conn]; ok && bytes.Contains(data, []byte(`"ok":true`)) {
		r.spent[token] = arrives
	}
	delete(r.calls, conn)
}

// reset records that all connections are reset: responses in flight are lost.
func (r *refreshes) reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	maps.DeleteFunc(r.spent, func(_ string, arrives time.Time) bool { return arrives.After(time.Now()) })
}

// rotationStories are stories with tokens that expire.
func rotationStories() []story {
	refreshes := func(w *world) int { return bytes.Count(w.log.Bytes(), []byte("tokens: token refreshed")) }
	return []story{
		{name: "answer", play: func(w *world) { // named so that the points of the start count
			w.waitForEnd(w.crowd.mention())
		}},
		{name: "refresh in operation", play: func(w *world) {
			w.pass(5 * time.Minute)
			first := w.crowd.mention()
			w.until(4*time.Minute, func() bool { return refreshes(w) >= 4 })
			w.waitForEnd(first)
			w.waitForEnd(w.crowd.mention())
		}},
		{name: "refresh under load", play: func(w *world) {
			w.pass(5 * time.Minute)
			for end := time.Now().Add(3 * time.Minute); time.Now().Before(end); {
				w.crowd.mention()
				w.pass(w.upTo(20 * time.Second))
			}
			w.waitForEnd(w.crowd.mention())
		}},
		{name: "expiry in a long outage of the bot", play: func(w *world) {
			w.downtime = time.Hour
			w.stop()
			w.pass(time.Minute)
			q := w.crowd.mention()
			w.pass(time.Hour)
			w.waitForEnd(q)
		}},
		{name: "tokens that stop working early", play: func(w *world) {
			w.pass(2 * time.Minute)
			w.slack.Faults().ExpireTokens()
			w.waitForEnd(w.crowd.mention())
			w.slack.Faults().CutSockets()
			w.waitForEnd(w.crowd.mention())
		}},
	}
}

// nearRefresh reports whether a point is one of a refresh, or of what can run at the same
// time.
func nearRefresh(p point) bool {
	switch p.what {
	case "oauth.v2.access", "store.SetToken", "auth.test", "apps.connections.open", "chat.postMessage", "store.Accept", "store.Claim", "store.SetOutcome", "store.End":
		return true
	}
	return false
}

// rotationSeeds are the seeds of the stories with tokens that expire. Each has other delays,
// so that a crash meets a refresh in other states.
const rotationSeeds = 4

// atRefreshes plays the stories with tokens that expire, each with some seeds, with and
// without a grace period for refresh tokens, and once for each point of a kind.
func atRefreshes(t *testing.T, kind func(point) bool, play func(*testing.T, uint64, story, point)) {
	skipWhenRacing(t)
	t.Parallel()
	for _, s := range rotationStories() {
		for seed := range uint64(rotationSeeds) {
			s.setup.rotation, s.setup.graceless = true, seed%2 == 1
			t.Run(fmt.Sprintf("%s, seed %d", s.name, seed+1), func(t *testing.T) {
				t.Parallel()
				var points []point
				t.Run("unchanged", func(t *testing.T) { points = playStory(t, seed+1, s).points.all() })
				played := 0
				for i, p := range points {
					if !kind(p) || !nearRefresh(p) || p.n > 3 && i%rotationSeeds != int(seed) || !strings.Contains(p.String(), *simPoint) {
						continue
					}
					played++
					t.Run(strings.ReplaceAll(p.String(), " ", "_"), func(t *testing.T) { play(t, seed+1, s, p) })
				}
				t.Logf("%d of %d points", played, len(points))
			})
		}
	}
}

// Ensure that a crash around a refresh loses no question and leaves usable tokens, and that
// an operator is needed only if Slack has no grace period for a refresh token whose
// successor is lost.
func TestCrashAroundRefresh(t *testing.T) {
	atRefreshes(t, point.canCrash, func(t *testing.T, seed uint64, s story, p point) {
		s.setup.crashAt = []point{p}
		w := playStory(t, seed, s)
		if n := w.seen.count(operatorHelps); n > 0 && !s.setup.graceless {
			t.Errorf("an operator had to help %d times", n)
		}
	})
}

// Ensure that a write that fails around a refresh loses no question and no token.
func TestWriteFailsAroundRefresh(t *testing.T) {
	atRefreshes(t, point.write, func(t *testing.T, seed uint64, s story, p point) {
		s.setup.fails = p
		for _, s.setup.doneAnyway = range []bool{false, true} {
			if n := playStory(t, seed, s).seen.count(operatorHelps); n > 0 {
				t.Errorf("an operator had to help %d times", n)
			}
		}
	})
}
