package enjo

import (
	"regexp"
	"strings"
	"time"
)

// The statuses of a ticket, in order.
const (
	StatusOpen       = "Open"
	StatusInProgress = "In Progress"
	StatusResolved   = "Resolved"
)

const (
	// ticketTime is Jira's time format.
	ticketTime = "2006-01-02T15:04:05.000-0700"
	// firstTicket is the number of the first ticket.
	firstTicket = 1042
	// maxTickets limits the number of stored tickets.
	maxTickets = 4096
	// maxNegation limits how far before a request its negation is looked for, in
	// bytes.
	maxNegation = 64
	// maxDescription limits a ticket's description, in bytes.
	maxDescription = 2000
)

// Ticket is a ticket in the simulated ticketing system.
type Ticket struct {
	ID             string // such as "IT-1042"
	Type           string // "Incident" or "Service Request"
	Status         string
	Priority       string // "Highest", "High", "Medium" or "Low"
	Description    string
	BotID          string
	ConversationID string
	Created        time.Time
	Modified       time.Time

	reported string // the status that was last reported in the conversation
}

// details returns the ticket in the API's format.
func (t *Ticket) details() *ticketDetails {
	return &ticketDetails{
		URL:              "https://jira.example.com/browse/" + t.ID,
		Attributes:       "project: IT, queue: Service Desk, channel: Enjo",
		ID:               t.ID,
		Type:             t.Type,
		Status:           t.Status,
		Priority:         t.Priority,
		Description:      t.Description,
		CreatedDate:      t.Created.Format(ticketTime),
		LastModifiedDate: t.Modified.Format(ticketTime),
	}
}

func (t *Ticket) move(status string, now time.Time) { t.Status, t.Modified = status, now }

// advance moves a ticket to its next status. It does nothing at the last
// status, or if a person has set another one.
func (t *Ticket) advance(now time.Time) {
	switch t.Status {
	case StatusOpen:
		t.move(StatusInProgress, now)
	case StatusInProgress:
		t.move(StatusResolved, now)
	}
}

var (
	ticketOrder = regexp.MustCompile(`(?i)\b(?:open|create|raise|file|log|make|submit)\s+(?:(?:me|us|up|a|an|another|new|the|please|support|service|it|urgent|jira|high|priority|second)\s+){0,4}(?:ticket|incident|case|service request)s?\b`)
	// notAnOrder matches the text before a request that makes it a question or a
	// negation.
	notAnOrder     = regexp.MustCompile(`(?i)\b(?:(?:how|where) (?:do|can|could|to|should)(?: \w+)?|don['’]t|do not|did you|without|no need to)\s+(?:\w+\s+)?$`)
	ticketQuestion = regexp.MustCompile(`(?i)\b(?:status|ticket|incident|eta)\b|\bIT-\d+\b|\bany\s+(?:news|update|progress)|\b(?:is|was)\s+(?:it|that|this)\s+(?:done|fixed|resolved|solved|ready)\b`)
	// filler matches what remains around the subject when the request itself is
	// removed.
	filler = regexp.MustCompile(`(?i)^(?:[\s.,:;!?–-]|\b(?:please|hi|hey|ok|yes|can you|could you|for me|for (?:this|that|it)|about|because|then|and|so)\b)+|(?:[\s.,:;!?–-]|\b(?:please|can you|could you|for me|(?:for|about) (?:this|that|it)|thanks|thank you|then|and|so)\b)+$`)
	// details match the lines after a request that give its details: "Channel: #it".
	details  = regexp.MustCompile(`\n[A-Z]\w*: .*`)
	ticketID = regexp.MustCompile(`(?i)\bIT-\d{1,9}\b`)
	incident = regexp.MustCompile(`(?i)\b(?:incident|broken|broke|crash\w*|down|fail\w*|error\w*|cannot|can't|won't|not work\w*|doesn't work|lost|stolen|phish\w*|stuck|locked)\b`)
)

func ordersTicket(text string) bool {
	for _, at := range ticketOrder.FindAllStringIndex(text, -1) {
		// Searching the whole text would take minutes for a text full of negated
		// requests.
		if !notAnOrder.MatchString(text[max(0, at[0]-maxNegation):at[0]]) {
			return true
		}
	}
	return false
}

func asksForTicket(text string) bool { return ticketQuestion.MatchString(text) }

// priorities are guessed from words. The first match wins: "not urgent" has to
// come before "urgent".
var priorities = []struct {
	name  string
	words *regexp.Regexp
}{
	{"Low", regexp.MustCompile(`(?i)\b(?:low priority|no rush|no hurry|not urgent|whenever|when you have time|minor|some day)\b`)},
	{"Highest", regexp.MustCompile(`(?i)\b(?:critical|emergency|outage|everyone|nobody can|production|stolen|breach)\b`)},
	{"High", regexp.MustCompile(`(?i)\b(?:urgent\w*|asap|immediately|right now|high priority|blocked|blocking|important|deadline)\b`)},
}

func priorityOf(text string) string {
	for _, p := range priorities {
		if p.words.MatchString(text) {
			return p.name
		}
	}
	return "Medium"
}

func typeOf(text string) string {
	if incident.MatchString(text) {
		return "Incident"
	}
	return "Service Request"
}

// describe returns a ticket's description: the rest of the request, or else the
// conversation's topic, and then the details of the request.
func describe(order, topic string) string {
	rest := strings.Join(strings.Fields(ticketOrder.ReplaceAllString(details.ReplaceAllString(order, ""), " ")), " ")
	rest = filler.ReplaceAllString(rest, "")
	if len(terms(rest)) == 0 {
		rest = topic
	}
	if rest == "" {
		rest = "Help was asked for, without a description"
	}
	rest += strings.Join(details.FindAllString(order, -1), "")
	if len(rest) > maxDescription {
		rest = strings.ToValidUTF8(rest[:maxDescription], "")
	}
	return rest
}
