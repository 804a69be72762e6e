package bot_test

import (
	"errors"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"enjobridge/bot"
	slacksandbox "enjobridge/sandbox/slack"
	"enjobridge/storage"
)

// month is more than the retention of threads.
const month = 40 * 24 * time.Hour

// slackClock puts a proxy between the bot and Slack that changes the time in Slack's
// responses by an offset. It returns the offset.
func (h *house) slackClock() *atomic.Int64 {
	h.t.Helper()
	target, err := url.Parse(h.slack.APIURL())
	if err != nil {
		h.t.Fatal(err)
	}
	offset := new(atomic.Int64)
	proxy := h.serve(&httputil.ReverseProxy{
		Transport: &http.Transport{DialContext: h.net.Dial, DisableKeepAlives: true},
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host = target.Scheme, target.Host
		},
		ModifyResponse: func(r *http.Response) error {
			r.Header.Set("Date", time.Now().Add(time.Duration(offset.Load())).UTC().Format(http.TimeFormat))
			return nil
		},
	})
	h.config = func(c *bot.Config) {
		c.SlackAPIURL = proxy + target.Path
		c.StaleAfter = 2 * month // timestamps do not have the offset
	}
	return offset
}

// knowsThread stops the bot, and reports whether the thread is stored.
func (h *house) knowsThread(root string) bool {
	h.t.Helper()
	_, err := h.stored().Thread(h.t.Context(), storage.ThreadID{Team: h.slack.TeamID(), Channel: h.support, Root: root})
	if err != nil && !errors.Is(err, storage.ErrNotFound) {
		h.t.Fatal(err)
	}
	return err == nil
}

// Ensure that nothing is deleted while this machine's clock is weeks ahead of Slack's,
// and that operators learn of it.
func TestAClockThatIsAheadDeletesNothing(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := foundation(t, plan{})
		offset := h.slackClock()
		h.start()
		root := h.mention(h.alice, "How do I reset my VPN password?")
		h.awaitEnded(1)
		if err := h.stop(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(month) // of this machine; no time passes for Slack
		offset.Store(-int64(month))
		h.start()
		time.Sleep(70 * time.Minute)
		if reasons := strings.Join(h.health().Reasons, "\n"); !strings.Contains(reasons, "clock is 960h0m0s ahead of Slack") {
			t.Errorf("the reasons are %q", reasons)
		}
		h.say(h.support, h.alice, "and on Linux?", slacksandbox.InThread(root))
		h.awaitAnswers(h.support, root, 2)
		if n := len(h.enjo.Conversations()); n != 1 {
			t.Errorf("there are %d conversations", n)
		}
		offset.Store(0) // now a month has passed for Slack, too
		if err := h.stop(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(month)
		h.start()
		time.Sleep(70 * time.Minute)
		if reasons := h.health().Reasons; len(reasons) > 0 {
			t.Errorf("the reasons are %q", reasons)
		}
		if h.knowsThread(root) {
			t.Error("the thread is stored although a month has passed")
		}
	})
}

// Ensure that what was stored while this machine's clock was weeks behind is not
// deleted once the clock is right.
func TestAClockThatWasBehindDeletesNothing(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := foundation(t, plan{})
		offset := h.slackClock()
		offset.Store(int64(month))
		h.start()
		root := h.mention(h.alice, "How do I reset my VPN password?")
		h.awaitEnded(1)
		if err := h.stop(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(month) // the clock is set; no time passes for Slack
		offset.Store(0)
		h.start()
		time.Sleep(70 * time.Minute)
		if !h.knowsThread(root) {
			t.Error("the thread was deleted")
		}
	})
}
