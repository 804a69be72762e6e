package blocks

import (
	"net/url"
	"strings"

	"enjobridge/enjo"
)

// ticketSystems are the names of ticketing systems, by the domains of their tickets.
var ticketSystems = []struct{ name, domain string }{
	{"Jira", "atlassian.net"},
	{"Jira", "jira.com"},
	{"ServiceNow", "service-now.com"},
	{"ServiceNow", "servicenowservices.com"},
	{"Zendesk", "zendesk.com"},
	{"Freshservice", "freshservice.com"},
	{"Freshdesk", "freshdesk.com"},
	{"GitHub", "github.com"},
	{"GitLab", "gitlab.com"},
	{"Linear", "linear.app"},
	{"Azure DevOps", "dev.azure.com"},
	{"Asana", "asana.com"},
	{"Salesforce", "force.com"},
	{"Salesforce", "salesforce.com"},
	{"HaloITSM", "haloitsm.com"},
	{"PagerDuty", "pagerduty.com"},
}

// ticketSystem returns the name of the system that a ticket is in, by the host of its
// URL or by its type; empty if it is unknown. A company's own host counts by its first
// name, such as jira.acme.com.
func ticketSystem(t enjo.Ticket) string {
	host := ""
	if u, err := url.Parse(t.URL); err == nil {
		host = strings.ToLower(u.Hostname())
	}
	first, _, _ := strings.Cut(host, ".")
	kind := oneLine(t.Type)
	for _, s := range ticketSystems {
		if host == s.domain || strings.HasSuffix(host, "."+s.domain) {
			return s.name
		}
	}
	for _, s := range ticketSystems {
		if strings.EqualFold(first, s.name) || strings.EqualFold(kind, s.name) {
			return s.name
		}
	}
	return ""
}

// openTicketLabel is the label of the button that opens a ticket.
func openTicketLabel(t enjo.Ticket) string {
	if system := ticketSystem(t); system != "" {
		return buttonOpenIn.Text("system", system)
	}
	return buttonOpenTicket.Text()
}
