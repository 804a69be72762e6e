package intake

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// tieredSlack is a Slack that accepts 100 calls of a method in a minute.
type tieredSlack struct {
	mu     sync.Mutex
	calls  map[string][]time.Time // by method
	posted []notification
}

type notification struct {
	method, user, text, thread string
}

func (s *tieredSlack) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	method, now := path.Base(r.URL.Path), time.Now()
	s.calls[method] = slices.DeleteFunc(s.calls[method], func(at time.Time) bool { return now.Sub(at) >= time.Minute })
	response := &http.Response{StatusCode: http.StatusOK, Header: make(http.Header), Request: r}
	if len(s.calls[method]) >= 100 {
		response.StatusCode = http.StatusTooManyRequests
		response.Header.Set("Retry-After", fmt.Sprint(int(time.Until(s.calls[method][0].Add(time.Minute)).Seconds())+1))
		response.Body = io.NopCloser(strings.NewReader(""))
		return response, nil
	}
	s.calls[method] = append(s.calls[method], now)
	s.posted = append(s.posted, notification{method, form.Get("user"), form.Get("text"), form.Get("thread_ts")})
	response.Body = io.NopCloser(strings.NewReader(`{"ok":true,"messages":[],"ts":"1.1","message_ts":"1.1","channel":"C1","message":{"thread_ts":"1.0"}}`))
	return response, nil
}

// to returns the notifications of a person, or those that everyone sees if user is empty.
func (s *tieredSlack) to(method, user string) (all []notification) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, one := range s.posted {
		if one.method == method && one.user == user {
			all = append(all, one)
		}
	}
	return all
}

// sends takes a message now, as an event.
func (i *intakeTest) sends(user string, alter ...func(*slackevent.Message)) slackevent.Message {
	i.t.Helper()
	time.Sleep(time.Millisecond) // in the bubble's time: no two messages have the same timestamp
	m := mention()
	for _, change := range append(alter, func(m *slackevent.Message) { m.User = user }) {
		change(&m)
	}
	i.takes(m)
	return m
}

// takes takes a message as an event.
func (i *intakeTest) takes(m slackevent.Message) {
	i.t.Helper()
	after, err := i.Handle(i.t.Context(), m)
	if err != nil {
		i.t.Fatal(err)
	}
	after()
}

// Ensure that hundreds of refused messages of a person do not delay the refusal of
// another person, and that the first person is notified once in each window, of all of
// them.
func TestNotifier_ManyRefusals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := &tieredSlack{calls: make(map[string][]time.Time)}
		i := newIntakeTestWith(t, slack, 0, func(p *Policy) { p.AllowedUsers = []string{"U9"} })
		var refused []slackevent.Message
		for range 600 {
			refused = append(refused, i.sends("U1"))
			time.Sleep(100 * time.Millisecond)
		}
		i.sends("U2")
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if n := len(slack.to("chat.postEphemeral", "U2")); n != 1 {
			t.Errorf("the other person got %d refusals within 5 s", n)
		}
		time.Sleep(refusalWindow)
		synctest.Wait()
		notified := slack.to("chat.postEphemeral", "U1")
		want, all := []string{"Please ask your support team.", "297 of your messages", "297 of your messages", "5 of your messages"}, len(notified) == 4
		for n := range notified {
			all = all && strings.Contains(notified[n].text, want[n])
		}
		if !all {
			t.Errorf("the first person got %+v", notified)
		}
		for _, m := range refused {
			if posted, err := i.store.Seen(t.Context(), storage.RefusedKey(m.ID)); err != nil || !posted {
				t.Fatalf("the refusal of %s is not stored (%v)", m.ID, err)
			}
		}
	})
}

// Ensure that refusals for another reason, in another channel, and after the window are
// posted at once, and that each one is posted when the bot stops.
func TestNotifier_Kinds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := &tieredSlack{calls: make(map[string][]time.Time)}
		i := newIntakeTestWith(t, slack, 0)
		empty := func(m *slackevent.Message) { m.Text, m.Content = "<@UBOT>", "<@UBOT>" }
		elsewhere := func(m *slackevent.Message) { m.ID.Channel = "C2" }
		got := func(want int, what string) {
			t.Helper()
			synctest.Wait()
			if n := len(slack.to("chat.postEphemeral", "U1")); n != want {
				t.Errorf("after %s the person got %d refusals, want %d", what, n, want)
			}
		}
		i.sends("U1", empty)
		got(1, "the first message")
		i.sends("U1", empty, files)
		got(2, "one with another reason")
		i.sends("U1", empty, elsewhere)
		got(3, "one in another channel")
		time.Sleep(refusalWindow)
		i.sends("U1", empty)
		got(4, "the window")
		time.Sleep(time.Second)
		i.sends("U1", empty)
		got(4, "one in the next window")
		i.Wait()
		got(5, "the end")
	})
}

// Ensure that offers to answer old questions are made for each of them, and that people
// take turns.
func TestNotifier_ManyOffers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := &tieredSlack{calls: make(map[string][]time.Time)}
		i := newIntakeTestWith(t, slack, 0, func(p *Policy) { p.StaleAfter = 15 * time.Minute })
		time.Sleep(time.Hour)
		old := func(n int) func(*slackevent.Message) {
			return func(m *slackevent.Message) {
				m.ID.TS = slackevent.FormatTS(time.Now().Add(-30*time.Minute + time.Duration(n)*time.Second))
			}
		}
		for n := range 60 {
			i.sends("U1", old(n))
		}
		last := i.sends("U2", old(60))
		time.Sleep(5 * time.Second)
		synctest.Wait()
		made := slack.to("chat.postMessage", "")
		if !slices.ContainsFunc(made, func(one notification) bool { return one.thread == last.ID.TS }) {
			t.Errorf("the other person is not asked within 5 s; %d offers are made", len(made))
		}
		i.Wait()
		if made = slack.to("chat.postMessage", ""); len(made) != 61 {
			t.Errorf("%d offers are made", len(made))
		}
	})
}
