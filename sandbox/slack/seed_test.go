package slack_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack/socketmode"

	"enjobridge/sandbox/slack"
)

// Ensure that one seed always generates the same workspace.
func TestSeed(t *testing.T) {
	bubble(t, func(t *testing.T) {
		ids := func(seed uint64) string {
			f := open(t, func(c *slack.Config) { c.Seed = seed })
			time.Sleep(time.Hour)
			bob, direct := f.AddUser(slack.User{Name: "bob"}), f.DM(f.ada)
			return fmt.Sprint(f.BotToken(), f.AppToken(), f.TeamID(), f.ada, f.general, bob, direct, f.AddUserGroup(slack.UserGroup{Handle: "it"}))
		}
		one, again, two := ids(1), ids(1), ids(2)
		if one != again || one == two {
			t.Errorf("seed 1 makes %s and %s, seed 2 %s", one, again, two)
		}
	})
}

// Ensure that users and channels with the same name have different ids.
func TestNamesakes(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		seen := map[string]bool{}
		for range 3 {
			for _, id := range []string{
				f.AddUser(slack.User{}), f.AddUser(slack.User{Name: "ada"}), f.AddChannel(slack.Channel{}),
				f.AddChannel(slack.Channel{Name: "general"}), f.AddUserGroup(slack.UserGroup{Handle: "it"}),
			} {
				if seen[id] || id == f.ada || id == f.general {
					t.Errorf("%s is of two", id)
				}
				seen[id] = true
			}
		}
	})
}

// Ensure that one seed gives one story: simultaneous events get the same ids,
// use the same connections, and arrive in the same order, in whatever order
// goroutines run; and that another seed gives another story.
func TestOneStory(t *testing.T) {
	tellings := map[string]*telling{
		"forwards": {seed: 1}, "backwards": {seed: 1, backwards: true}, "together": {seed: 1, together: true}, "another seed": {seed: 2},
	}
	t.Run("tell", func(t *testing.T) {
		for name, story := range tellings {
			bubbles(t, name, story.tell)
		}
	})
	forwards := tellings["forwards"].lines
	for _, name := range []string{"backwards", "together"} {
		if diff := cmp.Diff(forwards, tellings[name].lines); diff != "" {
			t.Errorf("the same seed, but other orders of goroutines (-forwards +%s):\n%s", name, diff)
		}
	}
	if slices.Equal(forwards, tellings["another seed"].lines) {
		t.Error("seeds make no difference")
	}
}

// telling is a run of the story.
type telling struct {
	seed uint64
	// backwards starts simultaneous events in the opposite order.
	backwards bool
	// together leaves the order of simultaneous events to the scheduler.
	together bool

	lines []string // everything that was observed
}

// tell makes many events happen simultaneously, several times.
func (s *telling) tell(t *testing.T) {
	f := open(t, func(c *slack.Config) { c.Seed, c.Manifest = s.seed, nil })
	begin := time.Now()
	var people, channels []string
	for n := range 4 {
		people = append(people, f.AddUser(slack.User{Name: fmt.Sprint("user", n)}))
	}
	for n := range 3 {
		channels = append(channels, f.AddChannel(slack.Channel{Name: fmt.Sprint("channel", n), Members: append([]string{f.BotUserID()}, people...)}))
	}
	listen := func() {
		f.listen(func(r socketmode.Request) (bool, any) { return r.RetryAttempt > 0 || r.Type != "events_api", nil })
	}
	s.atOnce(listen, listen, listen)

	check := func(err error) {
		if err != nil {
			t.Error(err)
		}
	}
	say := func(channel, text string, opts ...slack.PostOption) {
		_, err := f.Post(channel, people[0], text, opts...)
		check(err)
	}
	f.Faults().OnEvent(slack.Events{Type: "app_mention", Times: 1}, slack.Twice())
	s.atOnce(func() { say(channels[0], slack.Mention(f.BotUserID())+" twice") })
	var all []func()
	for _, channel := range channels {
		for n := range 4 {
			all = append(all, func() { say(channel, fmt.Sprint(slack.Mention(f.BotUserID()), " ", n/2)) })
			all = append(all, func() { say(channel, "look", slack.WithFiles(slack.File{Name: fmt.Sprint(n)})) })
		}
	}
	s.atOnce(all...)

	all = nil
	for n, channel := range channels {
		all = append(all, func() { f.call("chat.postMessage", "channel", channel, "text", "panel", "blocks", panel) })
		all = append(all, func() { f.call("chat.postMessage", "channel", channel, "text", "nameless", "blocks", nameless) })
		all = append(all, func() { f.call("views.publish", "user_id", people[n], "view", home) })
		all = append(all, func() { f.call("files.getUploadURLExternal", "filename", "x", "length", "1") })
	}
	s.atOnce(all...)

	all = nil
	acked := func(receipt *slack.Receipt, err error) {
		check(err)
		_, err = receipt.Wait(f.ctx)
		check(err)
	}
	for n, channel := range channels {
		for _, m := range f.Messages(channel) {
			if m.Text == "panel" {
				all = append(all, func() { acked(f.Click(people[0], channel, m.TS, "retry")) })
				all = append(all, func() { acked(f.MessageShortcut(people[0], channel, m.TS, "ask")) })
				continue // whether it has a reaction at the click does depend on the order
			}
			all = append(all, func() { check(f.React(channel, people[0], m.TS, "eyes")) })
		}
		all = append(all, func() { acked(f.Command(people[0], channel, "/helper", "x")) })
		all = append(all, func() { check(f.OpenHome(people[n])) })
	}
	s.atOnce(all...)
	time.Sleep(10 * time.Minute) // until all retries are over
	s.lines = f.story(begin)
}

// atOnce does everything at one instant.
func (s *telling) atOnce(what ...func()) {
	if s.backwards {
		slices.Reverse(what)
	}
	var all sync.WaitGroup
	for _, do := range what {
		all.Go(do)
		if !s.together {
			synctest.Wait()
		}
	}
	all.Wait()
	time.Sleep(time.Minute)
}

// timestamp matches a message's ts, which depends on the order within an
// instant.
var timestamp = regexp.MustCompile(`\b\d{10}\.\d{6}`)

// story returns all observable events without timestamps, sorted within each
// instant.
func (f *fixture) story(begin time.Time) []string {
	f.t.Helper()
	var lines []string
	note := func(at time.Time, what string, v any) {
		text, err := json.Marshal(v)
		must(f.t, err)
		lines = append(lines, fmt.Sprintf("%16s %s %s", at.Sub(begin), what, timestamp.ReplaceAllString(string(text), "ts")))
	}
	ids, order := map[string]bool{}, map[string]string{}
	for _, e := range f.Traffic() {
		note(e.Sent, "envelope", e)
		if ids[e.ID] {
			f.t.Errorf("two envelopes are %s", e.ID)
		}
		ids[e.ID] = true
		if c := decode(f.t, e.Payload); c.Event.TS != "" && e.Attempt == 0 {
			order[c.Event.Channel+c.Event.TS] += " " + e.EventID
		}
	}
	for _, events := range order {
		note(begin, "events about one message, in order", events)
	}
	for _, c := range f.Calls() {
		note(c.At, "call", c)
	}
	for _, c := range f.Channels() {
		for _, m := range f.Messages(c.ID) {
			note(begin, "message", m)
		}
	}
	slices.Sort(lines)
	return lines
}
