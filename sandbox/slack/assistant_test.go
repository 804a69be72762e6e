package slack_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	slackgo "github.com/slack-go/slack"

	"enjobridge/sandbox/slack"
)

// status sets the thread's status.
func (f *fixture) status(thread, text string) {
	f.t.Helper()
	err := f.api.SetAssistantThreadsStatusContext(f.ctx, slackgo.AssistantThreadsSetStatusParameters{
		ChannelID: f.general, ThreadTS: thread, Status: text,
	})
	if err != nil {
		f.t.Fatal(err)
	}
}

// Ensure that a status ends when it is set to empty, when the app replies, and
// when it expires.
func TestStatus(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		ts := f.post("hello")
		for name, clear := range map[string]func(){
			"empty status": func() { f.status(ts, "") },
			"reply": func() {
				if _, _, err := f.api.PostMessageContext(f.ctx, f.general, slackgo.MsgOptionText("hi", false), slackgo.MsgOptionTS(ts)); err != nil {
					t.Fatal(err)
				}
			},
		} {
			f.status(ts, "is thinking…")
			f.status(ts, "is still thinking…")
			if got := f.Status(f.general, ts); got != "is still thinking…" {
				t.Errorf("status is %q", got)
			}
			f.post("patience", slack.InThread(ts)) // a person's reply does not end it
			if f.Status(f.general, ts) == "" {
				t.Error("a person's reply ended the status")
			}
			clear()
			if got := f.Status(f.general, ts); got != "" {
				t.Errorf("%s: status is %q", name, got)
			}
		}

		f.status(ts, "is thinking…")
		begin := time.Now()
		f.await("the status to expire", func(v slack.View) bool { return v.Status(f.general, ts) == "" })
		if took := time.Since(begin); took != 2*time.Minute {
			t.Errorf("the status expired after %v", took)
		}
	})
}

// Ensure that a session shows a Stop button while it is processing, and that
// only the app ends that state.
func TestSession(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		l := f.listen(nil)
		ts := f.post("hello")
		f.events(l, 1)
		set := func(state string) *slackgo.AgentSessionSetStatusResponse {
			t.Helper()
			response, err := f.api.SetAgentSessionStatusContext(f.ctx, slackgo.AgentSessionSetStatusParameters{
				Status: state, ChannelID: f.general, ThreadTS: ts, Title: "Greeting",
			})
			if err != nil {
				t.Fatal(err)
			}
			return response
		}
		if r := set("processing"); r.AgentStatus != "processing" || r.Title != "Greeting" || r.Warning != "" {
			t.Errorf("response is %s", pretty(r))
		}
		if err := f.Stop(f.general, f.ada, ts); err != nil {
			t.Fatal(err)
		}
		if e := f.events(l, 1)[0].Event; e.Type != "agent_session_stopped" || e.ThreadTS != ts || e.User != f.ada {
			t.Errorf("event is %s", pretty(e))
		}
		if s, _ := f.Session(f.general, ts); s.Status != "processing" {
			t.Errorf("session is %s", pretty(s))
		}
		set("active")
		if err := f.Stop(f.general, f.ada, ts); !errors.Is(err, slack.ErrNotStoppable) {
			t.Errorf("stopping an active session: %v", err)
		}
		if _, err := f.api.RenameAgentSessionContext(f.ctx, slackgo.AgentSessionRenameParameters{ChannelID: f.general, ThreadTS: ts, Title: "Hello"}); err != nil {
			t.Fatal(err)
		}
		if s, _ := f.Session(f.general, ts); s.Title != "Hello" || s.Status != "active" {
			t.Errorf("session is %s", pretty(s))
		}

		f = open(t, func(c *slack.Config) {
			c.Manifest = []byte(strings.ReplaceAll(manifest, "agent_session_stopped, ", ""))
		})
		ts = f.post("hello")
		if r := set("processing"); r.Warning != "missing_agent_session_stopped_event_subscription" {
			t.Errorf("response is %s", pretty(r))
		}
		begin := time.Now()
		f.await("processing to end by itself", func(v slack.View) bool {
			s, _ := v.Session(f.general, ts)
			return s.Status == "active"
		})
		if took := time.Since(begin); took != time.Hour {
			t.Errorf("processing ended after %v", took)
		}
	})
}

// Ensure that suggested prompts are shown only without a thread.
func TestPrompts(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		l := f.listen(nil)
		direct, err := f.OpenDM(f.ada)
		if err != nil {
			t.Fatal(err)
		}
		if e := f.events(l, 1)[0].Event; e.Type != "app_home_opened" || e.Tab != "messages" {
			t.Errorf("event is %s", pretty(e))
		}
		ts, err := f.Post(direct, f.ada, "hello")
		if err != nil {
			t.Fatal(err)
		}
		prompts := `[{"title":"Help","message":"Help me"}]`
		if a := f.call("assistant.threads.setSuggestedPrompts", "channel_id", direct, "thread_ts", ts, "prompts", prompts); !a.OK || f.Prompts(direct) != nil {
			t.Errorf("with a thread: %s, prompts %v", pretty(a), f.Prompts(direct))
		}
		if a := f.call("assistant.threads.setSuggestedPrompts", "channel_id", direct, "prompts", prompts); !a.OK || len(f.Prompts(direct)) != 1 {
			t.Errorf("without: %s, prompts %v", pretty(a), f.Prompts(direct))
		}
		five := "[" + strings.Repeat(prompts[1:len(prompts)-1]+",", 4) + prompts[1:]
		if a := f.call("assistant.threads.setSuggestedPrompts", "channel_id", direct, "prompts", five); a.Error != "invalid_arguments" {
			t.Errorf("five prompts: %s", pretty(a))
		}
		if a := f.call("assistant.threads.setTitle", "channel_id", direct, "thread_ts", ts, "title", "Help"); !a.OK || f.Title(direct, ts) != "Help" {
			t.Errorf("title: %s, %q", pretty(a), f.Title(direct, ts))
		}
	})
}
