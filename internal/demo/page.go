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

// page is the demo's page in the browser, with the agent's faults beside Slack's.
func (s *stage) page(w *slacksandbox.Workspace) http.Handler {
	return page.New(w, page.Options{
		Teams:  map[string]string{w.TeamID(): w.TeamName(), globex: "Globex"},
		Panels: []page.Panel{s.agentPanel()},
	})
}

// agentPanel lets the agent fail in the ways in which it could.
func (s *stage) agentPanel() page.Panel {
	return page.Panel{
		Name: "Agent",
		Help: "The agent that answers. Ask something after a press, and see what becomes of it.",
		Buttons: []page.Button{
			s.agentFault("Slow", "The next answer takes 25 seconds", enjosandbox.Fault{Effect: enjosandbox.Slow, Delay: 25 * time.Second, Calls: 1}),
			{Label: "Down", Help: "Refuses connections until it is ended", Press: s.takeAgentDown},
			s.agentFault("Over its limit", "Refuses the next call with 429, and asks for 5 seconds of patience", enjosandbox.Fault{
				Effect: enjosandbox.Status, Status: http.StatusTooManyRequests, RetryAfter: enjosandbox.RetryAfterSeconds, RetryIn: 5 * time.Second, Calls: 1,
			}),
			s.agentFault("Error 500", "Answers the next two calls with an error", enjosandbox.Fault{Effect: enjosandbox.Status, Calls: 2}),
			s.agentFault("Garbage", "Answers the next call with a web page", enjosandbox.Fault{Effect: enjosandbox.HTML, Calls: 1}),
			s.agentFault("Response lost", "Works on the next call, and cuts the connection", enjosandbox.Fault{Effect: enjosandbox.Cut, Processed: true, Calls: 1}),
			s.agentFault("Bad token", "Refuses the next call's token", enjosandbox.Fault{Effect: enjosandbox.Status, Status: http.StatusUnauthorized, Calls: 1}),
		},
		Journal: s.agentJournal,
	}
}

// agentFault is a button that lets one fault loose.
func (s *stage) agentFault(label, help string, fault enjosandbox.Fault) page.Button {
	return page.Button{Label: label, Help: help, Press: func() (func(), error) {
		s.enjo.Faults().Add(fault)
		return nil, nil
	}}
}

func (s *stage) takeAgentDown() (func(), error) {
	s.enjo.Faults().Down()
	return func() { _ = s.enjo.Faults().Up() }, nil // its port is free: it was its own
}

// agentJournal is what the agent was asked, for the inspector.
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
