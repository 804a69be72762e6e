package bot_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"enjobridge/blocks"
	"enjobridge/bot"
	enjosandbox "enjobridge/sandbox/enjo"
	slacksandbox "enjobridge/sandbox/slack"
)

// serves returns the status and the body of the bot's response to an operator.
func (h *house) serves(path string) (status int, body string) {
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, httptest.NewRequestWithContext(h.t.Context(), http.MethodGet, path, nil))
	return w.Code, w.Body.String()
}

// isUp fails the test unless readiness and metrics show the agent as up or down.
func (h *house) isUp(up, ready bool, agent, reason string) {
	h.t.Helper()
	status, body := h.serves("/readyz")
	var report bot.Health
	if err := json.Unmarshal([]byte(body), &report); err != nil {
		h.t.Fatal(err)
	}
	shown := strings.Join(report.Reasons, "\n")
	if report.Ready != ready || (status == http.StatusOK) != ready || !strings.Contains(shown, reason) || up != (shown == "") {
		h.t.Errorf("readyz: %d %s", status, body)
	}
	gauge := 0
	if up {
		gauge = 1
	}
	if _, metrics := h.serves("/metrics"); !strings.Contains(metrics, fmt.Sprintf("enjobridge_agent_up{agent=%q} %d\n", agent, gauge)) {
		h.t.Errorf("the metrics lack the agent that is up: %v", up)
	}
}

// setupFaults are the agent's responses to a bot whose setup is wrong, and the setting
// that the hint names.
var setupFaults = map[string]struct {
	fault   enjosandbox.Fault
	setting string
}{
	"401":        {enjosandbox.Fault{Effect: enjosandbox.Status, Status: http.StatusUnauthorized}, "ENJO_TOKEN"},
	"403":        {enjosandbox.Fault{Effect: enjosandbox.Status, Status: http.StatusForbidden}, "ENJO_TOKEN"},
	"404":        {enjosandbox.Fault{Effect: enjosandbox.Status, Status: http.StatusNotFound}, "ENJO_API_URL"},
	"405":        {enjosandbox.Fault{Effect: enjosandbox.Status, Status: http.StatusMethodNotAllowed}, "ENJO_API_URL"},
	"415":        {enjosandbox.Fault{Effect: enjosandbox.Status, Status: http.StatusUnsupportedMediaType}, "ENJO_API_URL"},
	"web page":   {enjosandbox.Fault{Effect: enjosandbox.HTML}, "ENJO_API_URL"},
	"redirect":   {enjosandbox.Fault{Effect: enjosandbox.Redirect}, "ENJO_API_URL"},
	"bot ID":     {enjosandbox.Fault{Effect: enjosandbox.InvalidBot}, "ENJO_BOT_ID"},
	"bot ID 200": {enjosandbox.Fault{Effect: enjosandbox.InvalidBot, Status: http.StatusOK}, "ENJO_BOT_ID"},
}

// Ensure that a wrong setup loses no question: the agent is down at once, everyone who
// waits gets one notice, operators see the fix, and the questions are answered once the
// setup is right.
func TestAWrongSetupKeepsItsQuestions(t *testing.T) {
	for name, test := range setupFaults {
		bubbles(t, name, func(t *testing.T) {
			h := build(t, plan{})
			h.isUp(true, true, "default", "")
			h.enjo.Faults().Add(test.fault)
			asked := []string{h.mention(h.alice, "How do I print?"), h.mention(h.bob, "Open a ticket: my laptop is broken")}
			h.awaitLog("agent is down", 1)
			asked = append(asked, h.mention(h.alice, "How do I reset my VPN password?"))
			for _, ts := range asked {
				h.await("the notice of the outage", h.shows(h.support, ts, "saved your question"))
			}
			h.isUp(false, false, "default", test.setting)
			h.command(h.alice, h.support, "status")
			h.awaitEphemeral(h.support, h.alice, "I can't reach the agent")

			tried := len(h.enjo.Requests())
			time.Sleep(10 * time.Minute)
			if n := len(h.enjo.Requests()) - tried; n < 16 || n > 22 {
				t.Errorf("in ten minutes, the agent got %d requests", n)
			}
			h.enjo.Faults().Clear()
			for _, ts := range asked {
				h.awaitAnswers(h.support, ts, 2)
			}
			h.awaitEnded(len(asked))
			h.isUp(true, true, "default", "")
			for _, ts := range asked {
				answers := h.answers(h.slack.View, h.support, ts)
				if first, rest := texts(answers[:1]), texts(answers[1:]); !strings.Contains(first, "saved your question") || strings.Contains(rest, "saved your question") {
					t.Errorf("a thread shows %s", texts(answers))
				}
			}
			if log := h.log.String(); strings.Count(log, `"level":"error"`) != 1 || strings.Count(log, "agent is back") != 1 || !strings.Contains(log, test.setting) {
				t.Error("the outage is not logged once, with the setting")
			}
		})
	}
}

// Ensure that a process with the right setup answers what waits since the one with the
// wrong setup, and that nobody is notified again.
func TestTheNextProcessHasTheRightSetup(t *testing.T) {
	bubble(t, func(t *testing.T) {
		wrong := true
		h := build(t, plan{bot: func(c *bot.Config) {
			c.Retention = time.Hour
			if wrong {
				c.Agents[0].BotID = "no-such-bot"
			}
		}})
		ts := h.mention(h.alice, "How do I print?")
		h.await("the notice of the outage", h.shows(h.support, ts, "saved your question"))
		for range 2 {
			time.Sleep(130 * time.Minute) // longer than RETENTION, which is checked every hour
			if err := h.stop(); err != nil {
				t.Fatal(err)
			}
			h.start()
			time.Sleep(time.Minute)
		}
		if err := h.stop(); err != nil {
			t.Fatal(err)
		}
		wrong = false
		h.start()
		h.awaitEnded(1)
		if answers := h.answers(h.slack.View, h.support, ts); len(answers) != 2 || strings.Contains(texts(answers[1:]), "saved your question") {
			t.Errorf("the thread shows %s", texts(answers))
		}
	})
}

// Ensure that an agent whose bot ID is wrong does not stop the others, and that health
// and the status name it.
func TestOneAgentHasTheWrongSetup(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := foundation(t, plan{})
		h.config = func(c *bot.Config) {
			c.Agents = append(c.Agents, bot.Agent{Name: "HR", BotID: "no-such-bot"})
			c.Routes = map[string]string{h.shared: "HR"}
		}
		h.start()
		h.say(h.shared, h.alice, slacksandbox.Mention(h.slack.BotUserID())+" How many days off do I have?")
		h.awaitLog("agent is down", 1)
		for range 3 {
			h.awaitAnswers(h.support, h.mention(h.bob, "How do I print?"), 1)
		}
		h.awaitEnded(3)
		h.isUp(false, false, "HR", "the agent HR is down")
		h.command(h.alice, h.support, "status")
		h.awaitEphemeral(h.support, h.alice, "I can't reach HR right now")
		if _, metrics := h.serves("/metrics"); !strings.Contains(metrics, `enjobridge_agent_up{agent="default"} 1`) {
			t.Error("the other agent counts as down")
		}
	})
}

// Ensure that an agent that is down for another reason than its setup shows in
// readiness, which stays, until it answers.
func TestAnOutageShowsInHealth(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		h.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Status, Status: http.StatusServiceUnavailable})
		h.mention(h.alice, "How do I print?")
		h.awaitLog("agent is down", 1)
		h.isUp(false, true, "default", "check Enjo's status")
		h.enjo.Faults().Clear()
		h.awaitEnded(1)
		h.isUp(true, true, "default", "")
	})
}

// Ensure that one question that is refused like a wrong setup, such as by a firewall,
// does not mark the agent as down, delays nobody, and fails.
func TestOneRefusedQuestionIsNoWrongSetup(t *testing.T) {
	for _, name := range []string{"403", "404", "web page", "redirect"} {
		test := setupFaults[name]
		bubbles(t, name, func(t *testing.T) {
			h := build(t, plan{enjo: enjosandbox.Config{Latency: 100 * time.Millisecond}})
			h.awaitAnswers(h.support, h.mention(h.bob, "How do I print?"), 1)
			h.awaitEnded(1)
			test.fault.Match = "drop table"
			h.enjo.Faults().Add(test.fault)
			bad := h.mention(h.alice, "What does ' OR 1=1; DROP TABLE users do?")
			h.awaitLog("agent did not answer", 1)
			time.Sleep(time.Millisecond)
			began := time.Now()
			h.awaitAnswers(h.support, h.mention(h.bob, "How do I reset my VPN password?"), 1)
			if took := time.Since(began); took > 2*time.Second {
				t.Errorf("another question is answered after %v", took)
			}
			h.await("the failure", h.shows(h.support, bad, blocks.SayRejected.Text()))
			h.awaitEnded(3)
			if log := h.log.String(); strings.Contains(log, "agent is down") {
				t.Error("the agent counts as down")
			}
			h.isUp(true, true, "default", "")
		})
	}
}

// Ensure that one question that is refused like a wrong setup while nobody else asks
// fails once somebody does, whom it does not delay.
func TestOneRefusedQuestionDelaysNobody(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		h.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Status, Status: http.StatusForbidden, Match: "drop table"})
		bad := h.mention(h.alice, "What does ' OR 1=1; DROP TABLE users do?")
		h.await("the notice of the outage", h.shows(h.support, bad, "saved your question"))
		time.Sleep(time.Hour + 7*time.Second) // between two tries
		began := time.Now()
		other := h.mention(h.bob, "How do I print?")
		answers := h.awaitAnswers(h.support, other, 1)
		if took := time.Since(began); took > 2*time.Second || strings.Contains(texts(answers), "saved your question") {
			t.Errorf("after %v, the thread shows %s", took, texts(answers))
		}
		h.await("the failure", h.shows(h.support, bad, blocks.SayRejected.Text()))
	})
}

// stubborn is an agent that refuses all conversations but those that it has begun since
// it was last reset.
type stubborn struct {
	mu     sync.Mutex
	status int
	known  map[string]bool
	texts  []string
}

func (s *stubborn) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known = make(map[string]bool)
}

func (s *stubborn) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Message struct{ Text, ConversationID string }
	}
	body, _ := io.ReadAll(r.Body)
	_ = json.Unmarshal(body, &asked)
	s.mu.Lock()
	defer s.mu.Unlock()
	id := asked.Message.ConversationID
	if id != "" && !s.known[id] {
		http.Error(w, `{"success":false,"message":"no such conversation"}`, s.status)
		return
	}
	if id == "" {
		id = fmt.Sprintf("conversation %d", len(s.texts))
		s.known[id] = true
	}
	s.texts = append(s.texts, asked.Message.Text)
	_, _ = fmt.Fprintf(w, `{"success":true,"data":{"answers":"here you are","conversationId":%q}}`, id)
}

// Ensure that a thread whose conversation the agent no longer knows continues in a new
// one, and that the agent does not count as down, also of a process that was just started.
func TestAConversationThatIsGone(t *testing.T) {
	for _, status := range []int{http.StatusForbidden, http.StatusNotFound} {
		for name, restarts := range map[string]bool{"the same process": false, "the next process": true} {
			bubbles(t, fmt.Sprint(status, " ", name), func(t *testing.T) {
				agent := &stubborn{status: status}
				agent.reset()
				h := build(t, plan{agent: agent})
				ts := h.mention(h.alice, "How do I print?")
				h.awaitEnded(1)
				agent.reset()
				if restarts {
					if err := h.stop(); err != nil {
						t.Fatal(err)
					}
					h.start()
				}
				h.say(h.support, h.alice, "and in colour?", slacksandbox.InThread(ts))
				h.awaitEnded(2)
				h.say(h.support, h.alice, "and on both sides?", slacksandbox.InThread(ts))
				h.awaitEnded(3)
				if n := len(h.answers(h.slack.View, h.support, ts)); n != 3 || len(agent.texts) != 3 {
					t.Errorf("the thread has %d answers, of %q", n, agent.texts)
				}
				if log := h.log.String(); strings.Contains(log, "agent is down") || strings.Count(log, "agent did not answer") != 1 {
					t.Error("the agent counts as down, or the next question is asked in the old conversation")
				}
			})
		}
	}
}

// Ensure that what waits for the setup can be stopped, deleted and edited, also the
// question that the agent is tried with.
func TestWhatWaitsForTheSetupCanBeChanged(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		h.enjo.Faults().Add(enjosandbox.Fault{Effect: enjosandbox.Status, Status: http.StatusUnauthorized})
		var asked []string
		for _, text := range []string{"How do I print?", "What about Wi-Fi?", "How do I reset my VNP password?"} {
			asked = append(asked, h.mention(h.alice, text))
			h.awaitAsked(len(asked))
		}
		for _, ts := range asked {
			h.await("the notice of the outage", h.shows(h.support, ts, "saved your question"))
		}
		time.Sleep(10 * time.Minute) // each was tried
		h.say(h.support, h.alice, "stop", slacksandbox.InThread(asked[0]))
		h.await("the confirmation of the stop", h.shows(h.support, asked[0], blocks.SayStopped.Text()))
		if err := h.slack.Delete(h.support, asked[1]); err != nil {
			t.Fatal(err)
		}
		if err := h.slack.Edit(h.support, h.alice, asked[2], slacksandbox.Mention(h.slack.BotUserID())+" How do I reset my VPN password?"); err != nil {
			t.Fatal(err)
		}
		h.awaitEnded(2)
		tried := len(h.enjo.Requests())
		h.enjo.Faults().Clear()
		h.awaitEnded(3)
		requests := h.enjo.Requests()[tried:]
		if len(requests) != 1 || requests[0].Text != "How do I reset my VPN password?" {
			t.Errorf("the agent got %+v", requests)
		}
	})
}
