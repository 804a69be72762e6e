package bot

import (
	"cmp"
	"context"
	"math/rand/v2"
	"net"
	"time"

	"enjobridge/bot/agents"
	"enjobridge/bot/intake"
	"enjobridge/bot/interact"
	"enjobridge/enjo"
)

// Agent is an Enjo agent under the name that people call it by.
type Agent = agents.Agent

// Config is what a [Bot] needs to know. Fields without a default are required.
type Config struct {
	// Version and Commit are those of the program, for its metrics; empty if unknown.
	Version, Commit string
	// SlackAPIURL ends in a slash, such as https://slack.com/api/.
	SlackAPIURL   string
	SlackAppToken string // xapp-… or, if it expires, xoxe.xapp-…
	SlackBotToken string // xoxb-… or, if it expires, xoxe.xoxb-…
	// SlackClientID and SlackClientSecret, and the refresh token of each token that expires,
	// are needed to refresh them: xoxe-1-….
	SlackClientID        string
	SlackClientSecret    string
	SlackBotRefreshToken string
	SlackAppRefreshToken string
	// Sockets is how many Socket Mode connections are held open; 2 by default.
	Sockets int
	// SlackSpeed is how many times faster than Slack the workspace lets the bot
	// post; 1 by default. Only a workspace in a test is faster.
	SlackSpeed float64
	// Dial opens connections to Slack in place of a [net.Dialer], for tests that
	// have a network of their own.
	Dial func(ctx context.Context, network, address string) (net.Conn, error) `json:"-"`
	// Random returns a random number that is at least 0 and less than its
	// argument, for waits that must not end at the same time everywhere;
	// [rand.Int64N] by default.
	Random func(n int64) int64 `json:"-"`
	// AgentView says that the app has Slack's Agents feature.
	AgentView bool

	// Agents are the Enjo agents; the first one is the default.
	Agents []agents.Agent
	// Routes names the agent of a channel, by the channel's ID.
	Routes map[string]string

	AllowExternal   bool     // serve people of other organisations
	AllowedChannels []string // IDs; empty allows all
	AllowedUsers    []string // IDs; empty allows all
	AllowedBots     []string // bot IDs or their user IDs; empty allows none

	// Limits are the agent's call limits.
	Limits []enjo.Limit
	// Jitter is how much later one call may arrive than another, at most.
	Jitter time.Duration

	// MaxWaiting and MaxWaitingPerUser limit the questions that wait, in all and of
	// one person; 0 is unlimited.
	MaxWaiting, MaxWaitingPerUser int
	// ChannelDailyLimit limits the questions of a channel in a day, UTC; 0 is unlimited.
	ChannelDailyLimit int

	// FollowUps says who can continue in the bot's threads without a mention.
	FollowUps FollowUps
	// Welcome posts how to ask in channels that the bot is added to.
	Welcome bool
	// SuggestedPrompts are shown in direct messages; at most four.
	SuggestedPrompts []string
	// ShareEmail sends the requester's e-mail address to the agent with a request for a
	// ticket, if Slack returns it.
	ShareEmail bool

	// NoTicketButton leaves "Create ticket" out below answers.
	NoTicketButton bool
	// TicketPrompt is what "Create ticket" asks the agent. {requester} is replaced by the
	// person's name, {channel} by the channel's, and {link} by a link to the thread.
	TicketPrompt string
	// TicketStatusPrompt is what "Check status" asks the agent; {id} is the ticket's ID.
	TicketStatusPrompt string
	// EscalateTo are the IDs of the users and user groups that "Talk to a person"
	// calls; if it is empty there is no such button.
	EscalateTo []string
	// EscalateChannel is the ID of the channel in which people are called from direct
	// messages. If it is empty, each user of EscalateTo gets a direct message.
	EscalateChannel string
	// TicketWebhookSecret authenticates the ticketing system that sends updates of
	// tickets; without it none are accepted.
	TicketWebhookSecret string

	// ReportChannel is the ID of the channel that gets the report of each week; empty for none.
	ReportChannel string

	// StaleAfter is the age from which a question that arrives late is answered only
	// if its asker still needs it; 15 min by default.
	StaleAfter time.Duration
	// SweepEvery is how often the history of active conversations is read for lost
	// messages; 1 h by default.
	SweepEvery time.Duration
	// ProbeEvery is how often an agent that is down is tried; 30 s by default.
	ProbeEvery time.Duration
	// Retention is how long idle threads, tickets and ended questions are
	// stored; 30 days by default.
	Retention time.Duration
	// Grace is how long work in progress may continue when the bot stops; 20 s by default.
	Grace time.Duration
}

// offersPerson reports whether "Talk to a person" works in a thread. Nobody but the asker can
// read a personal one, so it works there only if people can be called elsewhere.
func (c *Config) offersPerson(personal bool) bool {
	if len(c.EscalateTo) == 0 || !personal {
		return len(c.EscalateTo) > 0
	}
	return c.EscalateChannel != "" || len(interact.Users(c.EscalateTo)) > 0
}

// FollowUps says who can continue in the bot's threads without a mention.
type FollowUps = intake.FollowUps

// DefaultTicketPrompt is the default of Config.TicketPrompt.
const DefaultTicketPrompt = "Please create a ticket for this.\nRequester: {requester}\nChannel: {channel}\nThread: {link}"

// setDefaults sets the fields that are left out.
func (c *Config) setDefaults() {
	if c.Sockets <= 0 {
		c.Sockets = 2
	}
	if c.Random == nil {
		c.Random = rand.Int64N
	}
	if c.SlackSpeed <= 0 {
		c.SlackSpeed = 1
	}
	c.TicketPrompt = cmp.Or(c.TicketPrompt, DefaultTicketPrompt)
	c.FollowUps = cmp.Or(c.FollowUps, intake.FollowUpAskers)
	c.TicketStatusPrompt = cmp.Or(c.TicketStatusPrompt, "What is the status of ticket {id}?")
	for _, d := range []struct {
		field *time.Duration
		value time.Duration
	}{
		{&c.StaleAfter, 15 * time.Minute},
		{&c.SweepEvery, time.Hour},
		{&c.ProbeEvery, 30 * time.Second},
		{&c.Retention, 30 * 24 * time.Hour},
		{&c.Grace, 20 * time.Second},
	} {
		if *d.field <= 0 {
			*d.field = d.value
		}
	}
}
