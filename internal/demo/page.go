package demo

import (
	"net/http"
	"time"

	enjosandbox "enjobridge/sandbox/enjo"
	slacksandbox "enjobridge/sandbox/slack"
	"enjobridge/sandbox/slack/page"
)

// globex is the other organisation's team ID.
const globex = "TGLOBEX"

// page returns the demo's web page, with panels for the faults of Slack and the local agent.
func (s *stage) page(w *slacksandbox.Workspace) http.Handler {
	options := page.Options{Teams: map[string]string{w.TeamID(): w.TeamName(), globex: "Globex"}}
	if s.enjo != nil {
		options.Panels = []page.Panel{s.agentPanel()}
	}
	return page.New(w, options)
}

// agentPanel returns the buttons that make the agent fail.
func (s *stage) agentPanel() page.Panel {
	return page.Panel{
		Name: "Agent",
		Help: "The agent that answers. Press a button, then ask something to see what happens.",
		Buttons: []page.Button{
			s.agentFault("Slow", "The next answer takes 25 seconds", enjosandbox.Fault{Effect: enjosandbox.Slow, Delay: 25 * time.Second, Calls: 1}),
			{Label: "Down", Help: "Refuses connections until you end the fault", Press: s.takeAgentDown},
			s.agentFault("Over its limit", "Refuses the next call with 429 and asks for a retry after 5 seconds", enjosandbox.Fault{
				Effect: enjosandbox.Status, Status: http.StatusTooManyRequests, RetryAfter: enjosandbox.RetryAfterSeconds, RetryIn: 5 * time.Second, Calls: 1,
			}),
			s.agentFault("Error 500", "Answers the next two calls with an error", enjosandbox.Fault{Effect: enjosandbox.Status, Calls: 2}),
			s.agentFault("Garbage", "Answers the next call with a web page", enjosandbox.Fault{Effect: enjosandbox.HTML, Calls: 1}),
			s.agentFault("Response lost", "Processes the next call, but cuts the connection", enjosandbox.Fault{Effect: enjosandbox.Cut, Processed: true, Calls: 1}),
			s.agentFault("Bad token", "Rejects the token of the next call", enjosandbox.Fault{Effect: enjosandbox.Status, Status: http.StatusUnauthorized, Calls: 1}),
		},
		Journal: s.agentJournal,
	}
}

// agentFault returns a button that adds one fault.
func (s *stage) agentFault(label, help string, fault enjosandbox.Fault) page.Button {
	return page.Button{Label: label, Help: help, Press: func() (func(), error) {
		s.enjo.Faults().Add(fault)
		return nil, nil
	}}
}

func (s *stage) takeAgentDown() (func(), error) {
	s.enjo.Faults().Down()
	return func() { _ = s.enjo.Faults().Up() }, nil // cannot fail: nothing else took its port
}

// agentJournal lists the agent's requests for the inspector.
func (s *stage) agentJournal() []page.Entry {
	var entries []page.Entry
	for _, r := range s.enjo.Requests() {
		entry := page.Entry{At: r.Time, Name: "message", Hint: r.Text, Outcome: http.StatusText(r.Status), Bad: r.Done && r.Status != http.StatusOK, Detail: r}
		if r.Done {
			entry.Took = r.Ended.Sub(r.Time)
		}
		if r.Done && r.Status == 0 {
			entry.Outcome = "connection cut"
		}
		entries = append(entries, entry)
	}
	return entries
}
