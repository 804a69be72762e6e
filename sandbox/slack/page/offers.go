package page

import (
	"cmp"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"enjobridge/sandbox/slack"
)

// offer is one of the workspace's faults in the panel.
type offer struct {
	Name  string // in requests
	Group string // connection, event or call
	Label string
	Help  string

	connection func(*slack.Faults) (label string)
	event      slack.DeliveryEffect
	call       slack.CallEffect
}

// The durations of the faults.
const (
	late        = 5 * time.Second
	overtaken   = 10 * time.Second
	unaccounted = time.Minute
	frozen      = 45 * time.Second
	limited     = 5 * time.Second
	slow        = 3 * time.Second
)

// eventTypes are the possible targets of delivery faults.
var eventTypes = []string{"app_mention", "message", "app_home_opened", "reaction_added", "block_actions", "view_submission", "message_action", "shortcut"}

// offers returns the faults of a group.
func offers(group string) []offer {
	var found []offer
	for _, o := range allOffers() {
		if o.Group == group {
			found = append(found, o)
		}
	}
	return found
}

func allOffers() []offer {
	return []offer{
		{Name: "cut", Group: "connection", Label: "Cut all sockets", Help: "Without a close frame, like a pulled cable", connection: func(f *slack.Faults) string {
			if n := f.CutSockets(); n != 1 {
				return fmt.Sprintf("Cut %d sockets", n)
			}
			return "Cut 1 socket"
		}},
		{Name: "rotate", Group: "connection", Label: "Rotate", Help: "Warns every connection and closes it 10 s later, as Slack does every few hours", connection: func(f *slack.Faults) string {
			f.Rotate()
			return "Rotation of all connections"
		}},
		{Name: "refresh", Group: "connection", Label: "Refresh at once", Help: "disconnect with refresh_requested", connection: func(f *slack.Faults) string {
			f.Disconnect("refresh_requested")
			return "Refresh of all connections"
		}},
		{Name: "unaccounted", Group: "connection", Label: "Unaccounted socket", Help: "For a minute, a connection without a client loses its share of the deliveries", connection: func(f *slack.Faults) string {
			f.UnaccountedSocket(unaccounted)
			return "Unaccounted socket for a minute"
		}},
		{Name: "freeze", Group: "connection", Label: "Freeze a socket", Help: "Half open for 45 s: nothing gets through, and neither side notices", connection: func(f *slack.Faults) string {
			if f.Freeze(frozen) {
				return "One socket frozen for 45 s"
			}
			return "No socket to freeze"
		}},
		{Name: "late", Group: "event", Label: "Late", Help: "5 s later", event: slack.Late(late)},
		{Name: "twice", Group: "event", Label: "Twice", Help: "Two copies with one event_id", event: slack.Twice()},
		{Name: "overtaken", Group: "event", Label: "Out of order", Help: "After the next one, or after 10 s", event: slack.Overtaken(overtaken)},
		{Name: "retry", Group: "event", Label: "As a retry", Help: "The first delivery that the app sees is retry 1, as after a gap", event: slack.AsRetry()},
		{Name: "lose", Group: "event", Label: "Lose", Help: "Never delivered; only in the channel's history", event: slack.Lose()},
		{Name: "limit", Group: "call", Label: "429", Help: "Rate limited, Retry-After: 5", call: slack.RateLimit(limited)},
		{Name: "error", Group: "call", Label: "500", Help: "Internal server error", call: slack.Status(http.StatusInternalServerError)},
		{Name: "unavailable", Group: "call", Label: "503", Help: "Service unavailable", call: slack.Status(http.StatusServiceUnavailable)},
		{Name: "hang", Group: "call", Label: "Time-out", Help: "Never answers; the call is not processed", call: slack.Hang()},
		{Name: "lost", Group: "call", Label: "Response lost", Help: "The call is processed, and the connection is cut instead of an answer", call: slack.LoseResponse()},
		{Name: "slow", Group: "call", Label: "Slow", Help: "Processed 3 s later", call: slack.Delay(slow)},
		{Name: "internal", Group: "call", Label: "internal_error", Help: "Slack's own error code, not processed", call: slack.Fail("internal_error")},
	}
}

// inject injects the offered fault for the target (a method, or a type of
// event; empty means any).
func (p *Page) inject(name, target, times string) error {
	n, err := strconv.Atoi(times)
	if err != nil || n < 0 {
		n = 1
	}
	faults := p.slack.Faults()
	for _, o := range allOffers() {
		if o.Name != name {
			continue
		}
		one := &injected{at: time.Now()}
		switch o.Group {
		case "connection":
			p.faults.add(one) // before it acts, so that its effects come after it
			p.faults.rename(one, o.connection(faults))
			return nil
		case "event":
			one.label = fmt.Sprintf("%s: %s %s", o.Label, many(n), cmp.Or(target, "event"))
			one.fault = faults.OnEvent(slack.Events{Type: target, Times: n}, o.event)
		default:
			one.label = fmt.Sprintf("%s: %s %s", o.Label, many(n), cmp.Or(target, "call"))
			one.fault = faults.OnCall(slack.Calls{Method: target, Times: n}, o.call)
		}
		one.undo = one.fault.Remove
		p.faults.add(one)
		return nil
	}
	return errNoFault
}

// rename changes the label of a fault once its effect is known.
func (b *faultBoard) rename(one *injected, label string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	one.label = label
}

func many(n int) string {
	switch n {
	case 0:
		return "every"
	case 1:
		return "the next"
	}
	return fmt.Sprintf("the next %d ×", n)
}
