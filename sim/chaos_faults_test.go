package sim_test

import (
	"math/rand/v2"
	"net/http"
	"time"

	"enjobridge/internal/smalldisk"
	enjosandbox "enjobridge/sandbox/enjo"
	slacksandbox "enjobridge/sandbox/slack"
)

// latest is the maximum delay of an event.
const latest = 2 * time.Second

// faultInjector injects random faults.
type faultInjector struct {
	random *rand.Rand
	slack  *slacksandbox.Workspace
	enjo   *enjosandbox.Agent
	crowd  *crowd
	trap   *trap
	lose   bool // whether events can be lost
	down   time.Time
	// disk is the disk of the store; nil if it cannot be filled. free frees its space and
	// is nil unless the disk is full. It stays full until the time full.
	disk *smalldisk.Disk
	free func()
	full time.Time
}

// inject injects one fault, for some time or for a few calls.
func (m *faultInjector) inject() {
	m.revive()
	switch n := m.random.IntN(120); {
	case n < 30:
		m.enjo.Faults().Add(m.agentFault())
	case n < 65:
		m.slack.Faults().OnCall(slacksandbox.Calls{Method: one(m.random, []string{
			"chat.*", "chat.postMessage", "chat.postMessage", "conversations.replies", "reactions.*", "assistant.*", "agents.*", "apps.connections.open", "auth.test", "",
		}), Skip: m.random.IntN(5), Times: m.times()}, m.callFault())
	case n < 66 && m.lose:
		m.slack.Faults().LimitEvents(m.upTo(latest))
	case n < 80:
		m.slack.Faults().OnEvent(slacksandbox.Events{Skip: m.random.IntN(5), Times: m.times()}, m.eventFault())
	case n < 93:
		m.socketFault()
	case n < 97:
		m.fill()
	case n < 100:
		m.enjo.Faults().Down()
		m.down = time.Now().Add(m.upTo(3 * time.Second))
	case n < 110:
		m.odd()
	case n < 115:
		m.crowd.forging = m.times()
	default:
		m.slack.Faults().OnCall(slacksandbox.Calls{Skip: m.random.IntN(5), Times: m.times(), If: func(c slacksandbox.Call) bool {
			// A process that is redirected when it starts may exit.
			return c.Method != "auth.test" && c.Method != "apps.connections.open" && c.Method != "oauth.v2.access"
		}}, slacksandbox.Redirect(http.StatusTemporaryRedirect, m.trap.address("chat.postMessage")))
	}
}

// odd injects odd data.
func (m *faultInjector) odd() {
	match := slacksandbox.Calls{Method: one(m.random, []string{"conversations.history", "conversations.replies"}), Times: m.times()}
	switch m.random.IntN(6) {
	case 0:
		for range m.times() {
			m.crowd.oddMessage()
		}
	case 1:
		m.crowd.odd = oddQuestions()
	case 2:
		m.slack.Faults().OnCall(match, rewriteList("messages", nil))
	case 3:
		m.slack.Faults().OnCall(match, slacksandbox.RepeatPage())
	case 4:
		list := slacksandbox.Calls{Method: "users.conversations", Times: m.times()}
		m.slack.Faults().OnCall(list, rewriteList("channels", oddNames(m.random)))
	case 5:
		user := one(m.random, oddUsers())
		m.slack.Faults().OnCall(slacksandbox.Calls{Method: "users.info", Times: m.times()}, slacksandbox.Rewrite(func(body map[string]any) { body["user"] = user }))
	}
}

func (m *faultInjector) times() int { return 1 + m.random.IntN(5) }

func (m *faultInjector) upTo(d time.Duration) time.Duration {
	return time.Duration(m.random.Int64N(int64(d)))
}

// fill fills the disk for some time.
func (m *faultInjector) fill() {
	if m.disk != nil && m.free == nil {
		m.free = m.disk.Fill()
		m.full = time.Now().Add(m.upTo(3 * time.Second))
	}
}

// empty frees the space on the disk.
func (m *faultInjector) empty() {
	if m.free != nil {
		m.free()
		m.free = nil
	}
}

// revive ends an outage of the agent and a full disk when their time is over.
func (m *faultInjector) revive() {
	if time.Now().After(m.full) {
		m.empty()
	}
	if !m.down.IsZero() && time.Now().After(m.down) {
		m.up()
	}
}

func (m *faultInjector) up() {
	if m.enjo.Faults().Up() == nil {
		m.down = time.Time{}
	}
}

// agentFault returns a fault of calls to the agent.
func (m *faultInjector) agentFault() enjosandbox.Fault {
	f := one(m.random, []enjosandbox.Fault{
		{Effect: enjosandbox.Slow, Delay: m.upTo(4 * time.Second)},
		{Effect: enjosandbox.Slow, Delay: time.Hour},
		{Effect: enjosandbox.Status, Status: http.StatusServiceUnavailable},
		{Effect: enjosandbox.Status, Status: http.StatusServiceUnavailable, RetryAfter: enjosandbox.RetryAfterSeconds, RetryIn: time.Second},
		{Effect: enjosandbox.Status, Status: http.StatusTooManyRequests, RetryAfter: enjosandbox.RetryAfterSeconds, RetryIn: time.Second},
		{Effect: enjosandbox.Status, Status: http.StatusTooManyRequests},
		{Effect: enjosandbox.Status, Status: http.StatusInternalServerError, Processed: m.random.IntN(2) == 0},
		{Effect: enjosandbox.Status, Status: http.StatusUnprocessableEntity},
		{Effect: enjosandbox.Status, Status: http.StatusUnauthorized},
		{Effect: enjosandbox.Cut, Processed: m.random.IntN(2) == 0},
		{Effect: enjosandbox.CutMidway},
		{Effect: enjosandbox.HTML},
		{Effect: enjosandbox.Truncated},
		{Effect: enjosandbox.InvalidJSON},
		{Effect: enjosandbox.Mistyped, Field: "data.sources.score"},
		{Effect: enjosandbox.Huge},
		{Effect: enjosandbox.Drip, Interval: time.Millisecond},
		{Effect: enjosandbox.Drip, Interval: time.Second},
		{Effect: enjosandbox.Redirect},
		{Effect: enjosandbox.HugeConversation},
		{Effect: enjosandbox.Unsuccessful},
		{Effect: enjosandbox.InvalidBot},
	})
	f.Calls = m.times()
	return f
}

// callFault returns a fault of calls to Slack's Web API.
func (m *faultInjector) callFault() slacksandbox.CallEffect {
	switch m.random.IntN(12) {
	case 0, 1, 2:
		return slacksandbox.LoseResponse()
	case 3, 4:
		return slacksandbox.RateLimit(m.upTo(2 * time.Second))
	case 5, 6:
		return slacksandbox.Status(one(m.random, []int{http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable}))
	case 7:
		return slacksandbox.Fail("internal_error")
	case 8:
		return slacksandbox.Hang()
	case 9:
		return slacksandbox.Fail(newError)
	}
	return slacksandbox.Delay(m.upTo(time.Second))
}

// eventFault returns a fault of the delivery of events.
func (m *faultInjector) eventFault() slacksandbox.DeliveryEffect {
	if m.lose && m.random.IntN(4) == 0 {
		return slacksandbox.Lose()
	}
	switch m.random.IntN(4) {
	case 0:
		return slacksandbox.Late(m.upTo(latest))
	case 1:
		return slacksandbox.Twice()
	case 2:
		return slacksandbox.AsRetry()
	}
	return slacksandbox.Overtaken(m.upTo(latest))
}

// socketFault injects a fault of the sockets.
func (m *faultInjector) socketFault() {
	switch m.random.IntN(6) {
	case 0, 1:
		m.slack.Faults().CutSockets()
	case 2:
		m.slack.Faults().Rotate()
	case 3:
		m.slack.Faults().Disconnect("refresh_requested")
	case 4:
		m.slack.Faults().UnaccountedSocket(m.upTo(2 * time.Second))
	case 5:
		m.slack.Faults().Freeze(m.upTo(2 * time.Second))
	}
}

// clear ends all faults.
func (m *faultInjector) clear() {
	m.slack.Faults().Clear()
	m.enjo.Faults().Clear()
	m.up()
	m.empty()
}
