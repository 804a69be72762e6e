package blocks

import (
	"testing"

	"enjobridge/enjo"
)

// Ensure that the button names the ticketing system, and only if it is known.
func TestOpenTicketLabel(t *testing.T) {
	for _, tt := range []struct{ url, kind, want string }{
		{"https://acme.atlassian.net/browse/IT-1", "Incident", "Open in Jira"},
		{"https://acme.service-now.com/nav_to.do?uri=1", "", "Open in ServiceNow"},
		{"https://ACME.Zendesk.com/agent/tickets/1", "", "Open in Zendesk"},
		{"https://github.com/acme/it/issues/1", "", "Open in GitHub"},
		{"https://jira.acme.example/browse/IT-1", "", "Open in Jira"},
		{"https://tickets.acme.example/1", "freshservice", "Open in Freshservice"},
		{"https://tickets.acme.example/1", "Incident", "Open ticket"},
		{"https://atlassian.net.evil.example/1", "", "Open ticket"},
		{"https://notatlassian.net/1", "", "Open ticket"},
		{"%", "", "Open ticket"},
	} {
		if got := openTicketLabel(enjo.Ticket{URL: tt.url, Type: tt.kind}); got != tt.want {
			t.Errorf("%s of type %q: %q, want %q", tt.url, tt.kind, got, tt.want)
		}
	}
}
