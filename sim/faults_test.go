package sim_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"

	"enjobridge/blocks"
	enjosandbox "enjobridge/sandbox/enjo"
	slacksandbox "enjobridge/sandbox/slack"
)

// fault is a kind of fault. inject starts it, for count operations or for some time, and
// returns a function that ends it; nil if it ends on its own.
type fault struct {
	name   string
	inject func(w *world, count int) (end func())
}

// faults returns all faults in groups. All groups are equally likely.
func faults() [][]fault {
	return [][]fault{networkFaults(), callFaults(), eventFaults(), socketFaults(), oddFaults(), hostileFaults(), agentFaults(), diskFaults(), instanceFaults()}
}

// networkFaults returns the faults of the connections to Slack and to the agent.
func networkFaults() []fault {
	sizes := map[string]int64{"slack": 6_000, "enjo": 400} // the maximum number of bytes before a cut
	var all []fault
	for _, host := range []string{"slack", "enjo"} {
		kinds := map[string]func(w *world) *networkFault{
			netRefuse:    func(*world) *networkFault { return &networkFault{left: -1} },
			netBlackHole: func(*world) *networkFault { return &networkFault{left: -1} },
			netHalfOpen:  func(*world) *networkFault { return &networkFault{} },
			netSlow:      func(w *world) *networkFault { return &networkFault{left: -1, slow: w.upTo(8 * time.Second)} },
			netCut:       func(w *world) *networkFault { return &networkFault{bytes: w.random.Int64N(sizes[host])} },
		}
		for _, kind := range []string{netRefuse, netBlackHole, netHalfOpen, netSlow, netCut} {
			all = append(all, fault{"network " + host + ": " + kind, func(w *world, count int) func() {
				s := kinds[kind](w)
				s.kind, s.host = kind, host
				if s.left == 0 {
					s.left = count
				}
				return w.faultyNet.inject(s)
			}})
		}
		all = append(all, fault{"network " + host + ": reset", func(w *world, _ int) func() {
			if host == "enjo" {
				w.faultyNet.lostResponses.reset()
			}
			for _, l := range w.instance.all() {
				if host == "slack" {
					l.refreshes.reset()
				}
			}
			w.net.Reset(func(_, to string) bool { return w.faultyNet.nameOf(to) == host })
			w.seen.note("network " + host + ": reset")
			return nil
		}})
	}
	return all
}

// methods are patterns of the methods whose calls fail, in the format of the local Slack.
var methods = []string{
	"chat.*", "chat.postMessage", "chat.postMessage", "conversations.replies", "conversations.*", "reactions.*", "assistant.*", "agents.*",
	"apps.connections.open", "auth.test", "views.*", "users.*", "files.*", "response_url", "",
}

// callFaults returns the faults of calls to Slack's Web API.
func callFaults() []fault {
	effects := map[string]func(w *world) slacksandbox.CallEffect{
		"500":                   func(*world) slacksandbox.CallEffect { return slacksandbox.Status(http.StatusInternalServerError) },
		"502":                   func(*world) slacksandbox.CallEffect { return slacksandbox.Status(http.StatusBadGateway) },
		"503":                   func(*world) slacksandbox.CallEffect { return slacksandbox.Status(http.StatusServiceUnavailable) },
		"429, short":            func(w *world) slacksandbox.CallEffect { return slacksandbox.RateLimit(w.upTo(3 * time.Second)) },
		"429, long":             func(w *world) slacksandbox.CallEffect { return slacksandbox.RateLimit(w.upTo(5 * time.Minute)) },
		"429, a day":            func(*world) slacksandbox.CallEffect { return slacksandbox.RateLimit(24 * time.Hour) },
		"429, no Retry-After":   func(*world) slacksandbox.CallEffect { return slacksandbox.RateLimit(0) },
		"the response is lost":  func(*world) slacksandbox.CallEffect { return slacksandbox.LoseResponse() },
		"hang":                  func(*world) slacksandbox.CallEffect { return slacksandbox.Hang() },
		"late":                  func(w *world) slacksandbox.CallEffect { return slacksandbox.Delay(w.upTo(20 * time.Second)) },
		"internal_error":        func(*world) slacksandbox.CallEffect { return slacksandbox.Fail("internal_error") },
		"service_unavailable":   func(*world) slacksandbox.CallEffect { return slacksandbox.Fail("service_unavailable") },
		"an error of its class": func(*world) slacksandbox.CallEffect { return slacksandbox.Fail("fatal_error") },
	}
	var all []fault
	for _, name := range sortedKeys(effects) {
		all = append(all, fault{"call: " + name, func(w *world, count int) func() {
			match := slacksandbox.Calls{Method: one(w.random, methods), Skip: w.random.IntN(4), Times: count}
			return w.endOf("call: "+name, w.slack.Faults().OnCall(match, effects[name](w)))
		}})
	}
	all = append(all, fault{"call: invalid_blocks", func(w *world, count int) func() {
		// Only for answers and cards: the bot's notices have only one rendering.
		match := slacksandbox.Calls{Method: one(w.random, []string{"chat.postMessage", "chat.update"}), Times: min(count, 3), If: func(c slacksandbox.Call) bool {
			return !strings.Contains(c.Args["blocks"], blocks.ActionAnswerNow)
		}}
		return w.endOf("call: invalid_blocks", w.slack.Faults().OnCall(match, slacksandbox.Fail("invalid_blocks")))
	}})
	all = append(all, fault{"call: unsupported blocks", func(w *world, count int) func() {
		match := slacksandbox.Calls{Method: one(w.random, []string{"chat.*", "response_url"}), Times: count}
		kind := one(w.random, []string{"card", "container", "citation"})
		return w.endOf("call: unsupported blocks", w.slack.Faults().OnCall(match, slacksandbox.Unsupported(kind)))
	}})
	// The bot retries an unknown error for longer than this lasts.
	all = append(all, fault{"call: an unknown error", func(w *world, _ int) func() {
		match := slacksandbox.Calls{Method: one(w.random, methods)}
		return w.endOf("call: an unknown error", w.slack.Faults().OnCall(match, slacksandbox.Fail(newError)))
	}}, fault{"call: invalid_auth for seconds", func(w *world, _ int) func() {
		end := w.endOf("call: invalid_auth for seconds", w.slack.Faults().OnCall(slacksandbox.Calls{Method: "apps.connections.open"}, slacksandbox.Fail("invalid_auth")))
		w.slack.Faults().CutSockets()
		w.later(time.Second+w.upTo(5*time.Second), "the token is valid again", end)
		return nil
	}})
	return append(all, fault{"a scope is lost", func(w *world, _ int) func() {
		granted := w.scopes()
		lost := one(w.random, []string{"reactions:write", "channels:history", "assistant:write", "users:read", "chat:write"})
		w.slack.SetScopes(slices.DeleteFunc(slices.Clone(granted), func(s string) bool { return s == lost })...)
		w.seen.note("a scope is lost")
		return func() { w.slack.SetScopes(granted...) }
	}})
}

// newError is an error that Slack does not document yet.
const newError = "some_new_error_2027"

// endOf returns a function that ends a fault of the local Slack and records whether the
// fault had an effect.
func (w *world) endOf(name string, f *slacksandbox.Fault) (end func()) {
	return func() {
		if f.Fired() > 0 {
			w.seen.note(name)
		}
		f.Remove()
	}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// eventFaults returns the faults of the delivery of events.
func eventFaults() []fault {
	effects := map[string]func(w *world) slacksandbox.DeliveryEffect{
		"lost":      func(*world) slacksandbox.DeliveryEffect { return slacksandbox.Lose() },
		"late":      func(w *world) slacksandbox.DeliveryEffect { return slacksandbox.Late(w.upTo(5 * time.Minute)) },
		"twice":     func(*world) slacksandbox.DeliveryEffect { return slacksandbox.Twice() },
		"as retry":  func(*world) slacksandbox.DeliveryEffect { return slacksandbox.AsRetry() },
		"overtaken": func(w *world) slacksandbox.DeliveryEffect { return slacksandbox.Overtaken(w.upTo(30 * time.Second)) },
	}
	var all []fault
	for _, name := range sortedKeys(effects) {
		all = append(all, fault{"event: " + name, func(w *world, count int) func() {
			match := slacksandbox.Events{Skip: w.random.IntN(4), Times: count}
			return w.endOf("event: "+name, w.slack.Faults().OnEvent(match, effects[name](w)))
		}})
	}
	return append(all, fault{"event: dropped for being too many", func(w *world, _ int) func() {
		w.slack.Faults().LimitEvents(w.upTo(3 * time.Minute))
		w.seen.note("event: dropped for being too many")
		return nil
	}})
}

// socketFaults returns the faults of Socket Mode connections.
func socketFaults() []fault {
	acts := map[string]func(w *world, count int){
		"cut":                    func(w *world, _ int) { w.slack.Faults().CutSockets() },
		"rotated":                func(w *world, _ int) { w.slack.Faults().Rotate() },
		"refresh_requested":      func(w *world, _ int) { w.slack.Faults().Disconnect("refresh_requested") },
		"link_disabled":          func(w *world, _ int) { w.slack.Faults().Disconnect("link_disabled") },
		"a lost connection":      func(w *world, _ int) { w.loseConnection(w.upTo(2 * time.Minute)) },
		"frozen":                 func(w *world, _ int) { w.freezeConnection(w.upTo(2 * time.Minute)) },
		"too many":               func(w *world, _ int) { w.exhaustConnections() },
		"something unreadable":   func(w *world, _ int) { w.slack.Faults().Inject([]byte(`{"type":7,"payload":[`)) },
		"an odd foreign message": func(w *world, _ int) { w.slack.Faults().Inject([]byte(oddMessage)) },
	}
	var all []fault
	for _, name := range sortedKeys(acts) {
		all = append(all, fault{"socket: " + name, func(w *world, count int) func() {
			acts[name](w, count)
			w.seen.note("socket: " + name)
			return nil
		}})
	}
	return all
}

// oddMessage is an event with a message of another app whose fields have undocumented
// types. Other apps post such messages.
const oddMessage = `{"type":"events_api","envelope_id":"0dd00000-0000-4000-8000-000000000000","payload":{"type":"event_callback","event":{
	"type":"message","subtype":"bot_message","bot_id":"B0ODD","channel":"C0ODD","ts":1772438400.5,"text":{"is":"an object"},"username":7,
	"attachments":[{"id":"1","color":3,"fields":"none"}],"blocks":{"type":"rich_text"},"files":true,"metadata":[]}}}`

// exhaustConnections uses all remaining connections, and then breaks the bot's connections.
func (w *world) exhaustConnections() {
	for range 10 - w.slack.Sockets() {
		w.loseConnection(30*time.Second + w.upTo(time.Minute))
	}
	w.slack.Faults().CutSockets()
}

// loseConnection makes Slack count a connection of nobody for a time.
func (w *world) loseConnection(d time.Duration) {
	w.slack.Faults().UnaccountedSocket(d)
	w.uncounted(d)
}

// freezeConnection makes a connection half open for a time. The bot soon has another one.
func (w *world) freezeConnection(d time.Duration) {
	if w.slack.Faults().Freeze(d) {
		w.uncounted(d)
	}
}

// uncounted notes that Slack counts a connection for a time that nobody has.
func (w *world) uncounted(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.strangers = append(w.strangers, time.Now().Add(d))
}

// unaccounted returns how many connections of nobody Slack counts.
func (w *world) unaccounted() (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, until := range w.strangers {
		if time.Now().Before(until) {
			n++
		}
	}
	return n
}

// agentFaults returns the faults of the agent.
func agentFaults() []fault {
	faults := map[string]func(w *world) enjosandbox.Fault{
		"slow": func(w *world) enjosandbox.Fault {
			return enjosandbox.Fault{Effect: enjosandbox.Slow, Delay: w.upTo(50 * time.Second)}
		},
		"too slow": func(*world) enjosandbox.Fault { return enjosandbox.Fault{Effect: enjosandbox.Slow, Delay: time.Hour} },
		"503": func(*world) enjosandbox.Fault {
			return enjosandbox.Fault{Effect: enjosandbox.Status, Status: http.StatusServiceUnavailable}
		},
		"503, with Retry-After": func(w *world) enjosandbox.Fault {
			return enjosandbox.Fault{Effect: enjosandbox.Status, Status: http.StatusServiceUnavailable, RetryAfter: enjosandbox.RetryAfterDate, RetryIn: w.upTo(2 * time.Minute)}
		},
		"429, with Retry-After": func(w *world) enjosandbox.Fault {
			return enjosandbox.Fault{Effect: enjosandbox.Status, Status: http.StatusTooManyRequests, RetryAfter: enjosandbox.RetryAfterSeconds, RetryIn: w.upTo(time.Minute)}
		},
		"429": func(*world) enjosandbox.Fault {
			return enjosandbox.Fault{Effect: enjosandbox.Status, Status: http.StatusTooManyRequests}
		},
		"500": func(w *world) enjosandbox.Fault {
			return enjosandbox.Fault{Effect: enjosandbox.Status, Status: http.StatusInternalServerError, Processed: w.random.IntN(2) == 0}
		},
		"422": func(*world) enjosandbox.Fault {
			return enjosandbox.Fault{Effect: enjosandbox.Status, Status: http.StatusUnprocessableEntity}
		},
		"401": func(*world) enjosandbox.Fault {
			return enjosandbox.Fault{Effect: enjosandbox.Status, Status: http.StatusUnauthorized}
		},
		"cut": func(w *world) enjosandbox.Fault {
			return enjosandbox.Fault{Effect: enjosandbox.Cut, Processed: w.random.IntN(2) == 0}
		},
		"cut midway":   func(*world) enjosandbox.Fault { return enjosandbox.Fault{Effect: enjosandbox.CutMidway} },
		"a web page":   func(*world) enjosandbox.Fault { return enjosandbox.Fault{Effect: enjosandbox.HTML} },
		"truncated":    func(*world) enjosandbox.Fault { return enjosandbox.Fault{Effect: enjosandbox.Truncated} },
		"invalid JSON": func(*world) enjosandbox.Fault { return enjosandbox.Fault{Effect: enjosandbox.InvalidJSON} },
		"mistyped": func(*world) enjosandbox.Fault {
			return enjosandbox.Fault{Effect: enjosandbox.Mistyped, Field: "data.sources.score"}
		},
		"huge": func(*world) enjosandbox.Fault { return enjosandbox.Fault{Effect: enjosandbox.Huge} },
		"dripping": func(*world) enjosandbox.Fault {
			return enjosandbox.Fault{Effect: enjosandbox.Drip, Interval: time.Second}
		},
		"a redirect":             func(*world) enjosandbox.Fault { return enjosandbox.Fault{Effect: enjosandbox.Redirect} },
		"a huge conversation ID": func(*world) enjosandbox.Fault { return enjosandbox.Fault{Effect: enjosandbox.HugeConversation} },
		"unsuccessful":           func(*world) enjosandbox.Fault { return enjosandbox.Fault{Effect: enjosandbox.Unsuccessful} },
		"invalid bot ID":         func(*world) enjosandbox.Fault { return enjosandbox.Fault{Effect: enjosandbox.InvalidBot} },
	}
	var all []fault
	for _, name := range sortedKeys(faults) {
		all = append(all, fault{"agent: " + name, func(w *world, count int) func() {
			f := faults[name](w)
			f.Calls = count
			w.enjo.Faults().Add(f)
			w.seen.note("agent: " + name)
			return nil
		}})
	}
	down := func(name string, most time.Duration) fault {
		return fault{"agent: " + name, func(w *world, _ int) func() {
			w.enjo.Faults().Down()
			w.seen.note("agent: " + name)
			w.later(w.upTo(most), "the agent is back", func() { _ = w.enjo.Faults().Up() })
			return nil
		}}
	}
	return append(all, down("down for seconds", 20*time.Second), down("down for minutes", 20*time.Minute), down("down for hours", 2*time.Hour))
}

// unknownWrite is the name of the fault in which writes return an error but are done.
const unknownWrite = "disk: an error after the commit"

// diskFaults returns the faults of the disk with the store.
func diskFaults() []fault {
	return []fault{
		{"disk: full", func(w *world, _ int) func() {
			w.disk.set(func(d *disk) { d.full = true })
			w.seen.note("disk: full")
			return func() { w.disk.set(func(d *disk) { d.full = false }) }
		}},
		{unknownWrite, func(w *world, count int) func() {
			w.disk.set(func(d *disk) { d.unknownWrites = count })
			w.seen.note(unknownWrite)
			return nil
		}},
		{"disk: cannot be read", func(w *world, _ int) func() {
			w.disk.set(func(d *disk) { d.unreadable = true })
			w.seen.note("disk: cannot be read")
			return func() { w.disk.set(func(d *disk) { d.unreadable = false }) }
		}},
		{"disk: slow", func(w *world, _ int) func() {
			w.disk.set(func(d *disk) { d.slow = w.upTo(2 * time.Second) })
			w.seen.note("disk: slow")
			return func() { w.disk.set(func(d *disk) { d.slow = 0 }) }
		}},
		{"disk: locked at the start", func(w *world, _ int) func() {
			w.disk.set(func(d *disk) { d.locked = true })
			w.kill()
			w.seen.note("disk: locked at the start")
			return func() { w.disk.set(func(d *disk) { d.locked = false }) }
		}},
	}
}

// instanceFaults returns the faults that end an instance.
func instanceFaults() []fault {
	return []fault{
		{"instance: killed", func(w *world, _ int) func() {
			w.kill()
			return nil
		}},
		{"instance: killed at a point", func(w *world, _ int) func() {
			w.points.crashSoon(w.random)
			return nil
		}},
		{"instance: stopped", func(w *world, _ int) func() {
			w.stop()
			return nil
		}},
		{"instance: down for long", func(w *world, _ int) func() {
			if w.instance.Load() == nil {
				return nil
			}
			w.downtime = 10*time.Minute + w.upTo(3*time.Hour)
			w.kill()
			w.seen.note("instance: down for long")
			return nil
		}},
		{"instance: starts while Slack is out of reach", func(w *world, _ int) func() {
			end := w.faultyNet.inject(&networkFault{kind: netRefuse, host: "slack", left: -1})
			w.kill()
			w.seen.note("instance: starts while Slack is out of reach")
			return end
		}},
	}
}

// kill ends the current instance, if there is one, like SIGKILL.
func (w *world) kill() {
	if l := w.one(); l != nil {
		l.crash("killed")
	}
}

// crashSoon makes the bot crash at one of the next points.
func (p *points) crashSoon(random *rand.Rand) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.reached) == 0 {
		return
	}
	latest := p.reached[max(0, len(p.reached)-500):]
	at := latest[random.IntN(len(latest))]
	at.n = p.counts[at.when+at.what] + 1 + random.IntN(3)
	p.crashAt = append(p.crashAt, at)
}

// injectFault injects a random fault.
func (w *world) injectFault(all [][]fault) {
	chosen := one(w.random, one(w.random, all))
	length := time.Second + w.upTo(one(w.random, []time.Duration{5 * time.Second, 30 * time.Second, 4 * time.Minute}))
	count := 1 + w.random.IntN(5)
	w.trace.add("FAULT %s, for %v or %d times", chosen.name, length.Round(time.Millisecond), count)
	if end := chosen.inject(w, count); end != nil {
		w.later(length, fmt.Sprintf("end of %s", chosen.name), end)
	}
}
