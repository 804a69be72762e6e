package enjo

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	// maxConversations limits the number of stored conversations.
	maxConversations = 4096
	// maxConversationTickets limits the number of tickets stored with a
	// conversation.
	maxConversationTickets = 64
	// maxSources limits the sources of an answer.
	maxSources = 3
	// minScore is the lowest score of an article that is used.
	minScore = 0.3
	// topicBonus is added to the score of the article about the conversation's
	// topic, and referenceBonus if the message refers back ("and if I lost it?").
	topicBonus     = 0.3
	referenceBonus = 0.5
)

// Conversation is a conversation with a bot.
type Conversation struct {
	ID       string
	BotID    string
	Messages int    // number of messages to the bot
	Topic    string // the latest question that was not a follow-up
	Tickets  []string
	Touched  time.Time

	article *article // the article that answered the topic
}

// dialogue stores the conversations and tickets, and answers messages.
type dialogue struct {
	seed        uint64
	ticketEvery int

	mu            sync.Mutex
	conversations map[string]*Conversation
	order         []*Conversation // least recently used first
	tickets       []*Ticket       // oldest first
	opened        int             // number of tickets ever opened, including dropped ones
	messages      int
}

func newDialogue(seed uint64, ticketEvery int) *dialogue {
	return &dialogue{
		seed:          seed,
		ticketEvery:   ticketEvery,
		conversations: make(map[string]*Conversation),
	}
}

// answer adds a message to its conversation, and answers it.
func (d *dialogue) answer(b *bot, m message, now time.Time) reply {
	d.mu.Lock()
	defer d.mu.Unlock()
	c := d.conversation(b.ID, m, now)
	c.Messages++
	d.messages++
	r := d.reply(b, c, m.Text, now)
	if d.ticketEvery > 0 && d.messages%d.ticketEvery == 0 && r.TicketDetails == nil {
		t := d.openTicket(c, m.Text, now)
		r.Answers += fmt.Sprintf("\n\nI have opened **%s** as well, so that somebody looks into it.", t.ID)
		r.TicketDetails = t.details()
	}
	r.ConversationID = c.ID
	return r
}

// reply answers the question in a message. What was said before it matters only if the
// question alone says too little.
func (d *dialogue) reply(b *bot, c *Conversation, message string, now time.Time) reply {
	text := message
	if _, question, ok := strings.Cut(message, "\nThe question:\n"); ok {
		text = question
	}
	if ordersTicket(text) {
		t := d.openTicket(c, text, now)
		about, _, _ := strings.Cut(t.Description, "\n")
		return ticketReply(t, "I have opened %s for you: %s\n\nAsk me for its status here whenever you like.", about)
	}
	if asksForTicket(text) && (len(c.Tickets) > 0 || ticketID.MatchString(text)) {
		return d.reportTicket(c, text, now)
	}
	if smallTalk.MatchString(text) {
		return reply{Answers: "Glad to help. What can I do for you?", Sources: []source{}}
	}
	r := answerFromArticles(b, c, text)
	if len(r.Sources) == 0 && text != message {
		return answerFromArticles(b, c, message)
	}
	return r
}

var (
	smallTalk = regexp.MustCompile(`(?i)^\W*(?:thanks?(?: you)?|cheers|hi|hello|hey|good (?:morning|afternoon|evening)|great|ok(?:ay)?|perfect)(?:[ ,]+(?:a lot|so much|very much|there|all|everyone|team))*\W*$`)
	// goesOn matches the beginnings and words of a message that refers to an
	// earlier one.
	goesOn = regexp.MustCompile(`(?i)^\W*(?:and|but|also|what about|how about|what if|or|then|still)\b|\b(?:it|its|that|this|there|those|them|instead|else)\b`)
)

// answerFromArticles answers from the best article, considering the current
// topic.
func answerFromArticles(b *bot, c *Conversation, text string) reply {
	query := queryTerms(text)
	hits := withTopic(b.index.search(query), c.article, goesOn.MatchString(text))
	if len(hits) == 0 || hits[0].score < minScore {
		return reply{
			Answers: "I found nothing about that in my articles. Could you put it in other words? Or say **open a ticket**, and the service desk will look into it.",
			Sources: []source{},
		}
	}
	best := hits[0].article
	s, fits := b.index.section(best, query)
	answer := s.markdown()
	switch {
	case best != c.article:
		c.Topic, c.article = clip(text), best
		if answer = best.sections[0].markdown(); len(best.sections) > 1 {
			answer += "\n\n" + s.markdown()
		}
	case !fits:
		answer = "I have nothing more about that. Say **open a ticket**, and the service desk will look into it."
	}
	return reply{Answers: answer, Sources: sourcesOf(hits)}
}

// withTopic raises the score of the topic's article, if it matches the message
// at all or the message refers back.
func withTopic(hits []hit, topic *article, refersBack bool) []hit {
	if topic == nil {
		return hits
	}
	bonus := topicBonus
	i := slices.IndexFunc(hits, func(h hit) bool { return h.article == topic })
	if refersBack {
		bonus = referenceBonus
		if i < 0 {
			i, hits = len(hits), append(hits, hit{article: topic})
		}
	}
	if i >= 0 {
		hits[i].score = min(1, hits[i].score+bonus)
		sortHits(hits)
	}
	return hits
}

// sourcesOf returns the hits whose score is close to the best.
func sourcesOf(hits []hit) []source {
	sources := []source{}
	for _, h := range hits[:min(len(hits), maxSources)] {
		if h.score < max(minScore, hits[0].score/2) {
			break
		}
		sources = append(sources, source{
			Type: h.article.kind, Name: h.article.title, URL: h.article.url, Score: math.Round(h.score*100) / 100,
		})
	}
	return sources
}

func (d *dialogue) openTicket(c *Conversation, text string, now time.Time) *Ticket {
	about := describe(text, c.Topic)
	t := &Ticket{
		ID:          fmt.Sprintf("IT-%d", firstTicket+d.opened),
		Type:        typeOf(text + " " + about),
		Status:      StatusOpen,
		Priority:    priorityOf(text + " " + about),
		Description: about,
		BotID:       c.BotID, ConversationID: c.ID,
		Created: now, Modified: now,
		reported: StatusOpen,
	}
	d.opened++
	if len(d.tickets) == maxTickets {
		d.tickets = append(d.tickets[:0], d.tickets[1:]...)
	}
	d.tickets = append(d.tickets, t)
	c.Tickets = append(c.Tickets[max(0, len(c.Tickets)-maxConversationTickets+1):], t.ID)
	return t
}

// reportTicket reports the status of the ticket that the text names, or of the
// conversation's latest ticket.
func (d *dialogue) reportTicket(c *Conversation, text string, now time.Time) reply {
	id := strings.ToUpper(ticketID.FindString(text))
	if id == "" {
		id = c.Tickets[len(c.Tickets)-1]
	}
	t := d.ticket(id)
	if t == nil || t.ConversationID != c.ID {
		return reply{Answers: fmt.Sprintf("I know no ticket **%s** in this conversation.", id), Sources: []source{}}
	}
	if t.Status == t.reported {
		t.advance(now)
	}
	t.reported = t.Status
	return ticketReply(t, "The status of %s is **%s**.", t.Status)
}

func ticketReply(t *Ticket, format, detail string) reply {
	return reply{Answers: fmt.Sprintf(format, "**"+t.ID+"**", detail), Sources: []source{}, TicketDetails: t.details()}
}

func (d *dialogue) ticket(id string) *Ticket {
	for _, t := range d.tickets {
		if t.ID == id {
			return t
		}
	}
	return nil
}

// conversation returns the conversation with that bot that the message
// continues, or a new one. At the limit, a new one replaces the least recently
// used.
func (d *dialogue) conversation(botID string, m message, now time.Time) *Conversation {
	c := d.conversations[m.ConversationID]
	if c == nil || c.BotID != botID {
		if len(d.order) == maxConversations {
			delete(d.conversations, d.order[0].ID)
			d.order = append(d.order[:0], d.order[1:]...)
		}
		c = &Conversation{ID: d.newID(botID, m.Text, strconv.FormatInt(now.UnixNano(), 10)), BotID: botID}
		d.conversations[c.ID] = c
	} else {
		i := slices.Index(d.order, c)
		d.order = slices.Delete(d.order, i, i+1)
	}
	d.order = append(d.order, c)
	c.Touched = now
	return c
}

// newID returns an unused ID in the form of a UUID. It depends on the seed and
// the words, not on the order of simultaneous calls.
func (d *dialogue) newID(words ...string) string {
	h := fnv.New64a()
	for _, word := range words {
		_, _ = h.Write([]byte(word)) // never fails
		_, _ = h.Write([]byte{0})
	}
	random := rand.New(rand.NewPCG(d.seed, h.Sum64())) // repeatable on purpose
	id := randomID(random)
	for d.conversations[id] != nil { // the same was just said by somebody else
		id = randomID(random)
	}
	return id
}

func randomID(random *rand.Rand) string {
	a, b := random.Uint64(), random.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-a%03x-%012x", a>>32, a>>16&0xffff, a&0xfff, b>>48&0xfff, b&0xffffffffffff)
}

// otherID returns the ID of a different conversation.
func (d *dialogue) otherID(not string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, c := range d.order {
		if c.ID != not {
			return c.ID
		}
	}
	return d.newID("other", not)
}

func (d *dialogue) allConversations() []Conversation {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := make([]Conversation, len(d.order))
	for i, c := range d.order {
		all[i] = *c
		all[i].Tickets = slices.Clone(c.Tickets)
	}
	return all
}

func (d *dialogue) allTickets() []Ticket {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := make([]Ticket, len(d.tickets))
	for i, t := range d.tickets {
		all[i] = *t
	}
	return all
}

func (d *dialogue) moveTicket(id, status string, now time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	t := d.ticket(id)
	if t == nil {
		return fmt.Errorf("there is no ticket %q", id)
	}
	t.move(status, now)
	return nil
}
