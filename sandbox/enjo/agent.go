package enjo

import (
	"crypto/rand"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"time"
)

// Bot is an agent with its own ID.
type Bot struct {
	ID   string
	Name string
	// Articles are patterns, as for [path.Match], of the articles that this bot
	// may use, such as "hr/*.md"; none means all.
	Articles []string
}

// Config configures an agent. The zero value is an agent that follows the
// published contract exactly.
type Config struct {
	// Addr is the address to listen on; empty means a free port of 127.0.0.1.
	Addr string
	// Listen opens the listener, also after [Faults.Down]; nil means [net.Listen].
	Listen func(network, address string) (net.Listener, error)
	// Token is the bearer token that callers must send; empty generates a random
	// one.
	Token string
	// Bots are the agents that can be asked; none means one named "Help Desk".
	Bots []Bot
	// Articles contains the Markdown files for the answers; nil means the built-in
	// ones.
	Articles fs.FS
	// Limits are the call limits for each client IP; all of them apply. Nil means
	// [DefaultLimits], an empty slice means no limits.
	Limits []Limit
	// Windows says how the limits' windows are placed.
	Windows Windows
	// CountRefused makes refused calls count towards the limits.
	CountRefused bool
	// RetryAfter says whether and in which form a refused call gets a Retry-After
	// header.
	RetryAfter RetryAfter
	// Clock returns the time for limits, tickets and the log; nil means time.Now.
	Clock func() time.Time
	// TicketEvery opens a ticket with every n-th message, without a request; 0
	// means never.
	TicketEvery int
	// Latency is the time that each answer takes.
	Latency time.Duration
	// Seed determines the conversation IDs. The same messages at the same times
	// get the same answers, even if simultaneous messages arrive in another order.
	Seed uint64
}

//go:embed articles
var builtin embed.FS

// Agent is a running local agent. It is safe for concurrent use.
type Agent struct {
	config   Config
	bots     map[string]*bot
	limiter  *limiter
	dialogue *dialogue
	journal  *journal
	faults   *Faults
	server   *server
}

// bot is a [Bot] with its articles.
type bot struct {
	Bot
	index *index
}

// Open reads the articles and starts an agent. It fails if the configuration is
// invalid, an article cannot be read, or the address is in use.
func Open(config Config) (*Agent, error) {
	if err := config.complete(); err != nil {
		return nil, err
	}
	articles, err := readArticles(config.Articles)
	if err != nil {
		return nil, err
	}
	a := &Agent{
		config:   config,
		bots:     make(map[string]*bot),
		limiter:  newLimiter(config),
		dialogue: newDialogue(config.Seed, config.TicketEvery),
		journal:  newJournal(config.Clock),
	}
	for _, b := range config.Bots {
		chosen, err := choose(articles, b.Articles)
		if err != nil {
			return nil, fmt.Errorf("choosing the articles of bot %q: %w", b.ID, err)
		}
		a.bots[b.ID] = &bot{Bot: b, index: newIndex(chosen)}
	}
	a.server = &server{listen: config.Listen, handler: a.routes()}
	a.faults = &Faults{server: a.server}
	if err := a.server.open(config.Addr); err != nil {
		return nil, fmt.Errorf("starting the agent: %w", err)
	}
	return a, nil
}

// complete checks the configuration and fills in the defaults.
func (c *Config) complete() error {
	if c.Addr == "" {
		c.Addr = "127.0.0.1:0"
	}
	if c.Listen == nil {
		c.Listen = net.Listen
	}
	if c.Token == "" {
		c.Token = "pat-" + rand.Text()
	}
	if len(c.Bots) == 0 {
		c.Bots = []Bot{{ID: "help-desk", Name: "Help Desk"}}
	}
	if c.Limits == nil {
		c.Limits = DefaultLimits()
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Articles == nil {
		articles, err := fs.Sub(builtin, "articles")
		if err != nil {
			return fmt.Errorf("opening the built-in articles: %w", err)
		}
		c.Articles = articles
	}
	return c.check()
}

func (c *Config) check() error {
	seen := make(map[string]bool)
	for _, b := range c.Bots {
		if b.ID == "" || seen[b.ID] {
			return fmt.Errorf("the bot ID %q is empty or used twice", b.ID)
		}
		seen[b.ID] = true
	}
	for _, l := range c.Limits {
		if l.Calls <= 0 || l.Per <= 0 {
			return fmt.Errorf("the limit of %d calls per %v allows nothing", l.Calls, l.Per)
		}
	}
	if c.TicketEvery < 0 || c.Latency < 0 {
		return errors.New("the latency and the number of messages per ticket must not be negative")
	}
	return nil
}

// Close stops the agent, closes its connections and waits until they have
// ended.
func (a *Agent) Close() error {
	a.server.shut()
	return nil
}

// URL returns the base URL of the API, such as "http://127.0.0.1:40123".
func (a *Agent) URL() string { return "http://" + a.server.address() }

// Token returns the bearer token that callers must send.
func (a *Agent) Token() string { return a.config.Token }

// BotID returns the ID of the first bot.
func (a *Agent) BotID() string { return a.config.Bots[0].ID }

// Requests returns the latest requests, oldest first.
func (a *Agent) Requests() []Request { return a.journal.all() }

// Conversations returns the stored conversations, the least recently used
// first.
func (a *Agent) Conversations() []Conversation { return a.dialogue.allConversations() }

// Tickets returns the stored tickets, oldest first.
func (a *Agent) Tickets() []Ticket { return a.dialogue.allTickets() }

// MoveTicket changes a ticket's status, as a person would in the ticketing
// system. The next question about the ticket reports the change. It fails if
// the ticket does not exist.
func (a *Agent) MoveTicket(id, status string) error {
	return a.dialogue.moveTicket(id, status, a.config.Clock())
}

// Faults returns the faults of this agent.
func (a *Agent) Faults() *Faults { return a.faults }
