// Package settings reads the bot's settings from the environment, checks them and
// describes them for the help. It does not know the commands.
package settings

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/bot"
	"enjobridge/enjo"
)

// environment holds the settings as text, so that all invalid ones can be reported
// at once. The tag desc describes a setting; the tag from says where to get it; the tag
// live says that a running bot can use another value.
type environment struct {
	SlackAppToken secret `envconfig:"SLACK_APP_TOKEN" live:"true" desc:"app-level token of the Slack app, xapp-…" from:"https://api.slack.com/apps, your app, Basic Information, App-Level Tokens, with the scope connections:write"`
	SlackBotToken secret `envconfig:"SLACK_BOT_TOKEN" live:"true" desc:"bot token of the Slack app, xoxb-…" from:"https://api.slack.com/apps, your app, OAuth & Permissions, after Install to Workspace"`
	EnjoToken     secret `envconfig:"ENJO_TOKEN" live:"true" desc:"personal access token of Enjo" from:"the Enjo dashboard, settings icon, Personal Access Token, Create Token"`
	EnjoBotID     string `envconfig:"ENJO_BOT_ID" desc:"bot ID of the default agent" from:"the Enjo dashboard, your AI agent"`

	EnjoAgents  string `envconfig:"ENJO_AGENTS" desc:"more agents, name:botID,…"`
	EnjoRoutes  string `envconfig:"ENJO_ROUTES" desc:"agents of channels, channelID:agent name,…; other channels use the default agent"`
	EnjoAPIURL  string `envconfig:"ENJO_API_URL" default:"https://api.enjo.ai" desc:"base URL of the Enjo API"`
	EnjoLimits  string `envconfig:"ENJO_LIMITS" default:"10/5s,20/1m" desc:"Enjo's call limits, calls/period,…"`
	EnjoJitter  string `envconfig:"ENJO_JITTER" default:"500ms" desc:"maximum difference in latency between two calls to Enjo; added to each limit's period"`
	EnjoTimeout string `envconfig:"ENJO_TIMEOUT" default:"60s" desc:"timeout of one call to Enjo"`

	SlackClientID        string `envconfig:"SLACK_CLIENT_ID" live:"true" desc:"client ID of the Slack app, if a Slack token expires (token rotation)"`
	SlackClientSecret    secret `envconfig:"SLACK_CLIENT_SECRET" live:"true" desc:"client secret of the Slack app, if a Slack token expires"`
	SlackBotRefreshToken secret `envconfig:"SLACK_BOT_REFRESH_TOKEN" live:"true" desc:"refresh token of SLACK_BOT_TOKEN, xoxe-1-…, if that expires (xoxe.xoxb-…)"`
	SlackAppRefreshToken secret `envconfig:"SLACK_APP_REFRESH_TOKEN" live:"true" desc:"refresh token of SLACK_APP_TOKEN, xoxe-1-…, if that expires (xoxe.xapp-…)"`

	SlackAPIURL  string `envconfig:"SLACK_API_URL" default:"https://slack.com/api/" desc:"base URL of Slack's Web API"`
	SlackSockets string `envconfig:"SLACK_SOCKETS" default:"2" desc:"number of Socket Mode connections, 1 to 9"`
	SlackAgent   string `envconfig:"SLACK_AGENT" default:"true" desc:"whether the app has Slack's Agents feature: each direct message starts a thread"`

	AllowExternal   string `envconfig:"ALLOW_EXTERNAL" default:"false" desc:"answer people of other organisations in shared channels"`
	AllowedChannels string `envconfig:"ALLOWED_CHANNELS" desc:"IDs of the channels to serve, C1,C2,…; empty allows all"`
	AllowedUsers    string `envconfig:"ALLOWED_USERS" desc:"IDs of the people to serve, U1,U2,…; empty allows all"`
	AllowedBots     string `envconfig:"ALLOWED_BOTS" desc:"IDs of other bots that can ask with a mention, B1,U2,…; empty allows none"`

	StaleAfter        string `envconfig:"STALE_AFTER" default:"15m" desc:"questions found later than this are answered only if still needed"`
	MaxWaiting        string `envconfig:"MAX_WAITING" default:"500" desc:"maximum number of waiting questions; more are refused with a button to ask again"`
	MaxWaitingPerUser string `envconfig:"MAX_WAITING_PER_USER" default:"5" desc:"maximum number of waiting questions of one person"`
	ChannelDailyLimit string `envconfig:"CHANNEL_DAILY_LIMIT" default:"0" desc:"questions per channel and day (UTC); 0 means unlimited"`

	FollowUps        string `envconfig:"FOLLOW_UPS" default:"askers" desc:"who can continue in the bot's threads without a mention: askers, all or mention (nobody)"`
	Welcome          string `envconfig:"WELCOME" default:"true" desc:"post how to ask in channels that the bot is added to"`
	SuggestedPrompts string `envconfig:"SUGGESTED_PROMPTS" desc:"up to four questions to suggest in direct messages, separated by |"`
	ShareEmail       string `envconfig:"SHARE_EMAIL" default:"false" desc:"add the requester's e-mail address to Create ticket; needs the scope users:read.email"`

	TicketButton        string `envconfig:"TICKET_BUTTON" default:"true" desc:"show Create ticket below answers, in threads without a ticket"`
	TicketPrompt        string `envconfig:"TICKET_PROMPT" desc:"what Create ticket asks the agent; {requester}, {channel} and {link} are replaced; default: a request with all three"`
	TicketStatusPrompt  string `envconfig:"TICKET_STATUS_PROMPT" default:"What is the status of ticket {id}?" desc:"what Check status asks the agent; {id} is the ticket's ID"`
	TicketWebhookSecret secret `envconfig:"TICKET_WEBHOOK_SECRET" live:"true" desc:"secret for ticket updates, at least 16 characters; empty turns them off"`
	EscalateTo          string `envconfig:"ESCALATE_TO" desc:"IDs of the people and user groups that Talk to a person calls, U1,S1,…; empty removes the button"`
	EscalateChannel     string `envconfig:"ESCALATE_CHANNEL" desc:"ID of the channel in which they are called from direct messages; empty writes to each person"`

	ReportChannel string `envconfig:"REPORT_CHANNEL" desc:"ID of the channel that gets a report each Monday; empty posts none"`

	HTTPAddr    string `envconfig:"HTTP_ADDR" default:"127.0.0.1:9090" desc:"address to serve health, metrics, backups and ticket updates at; off turns it off"`
	WebhookAddr string `envconfig:"WEBHOOK_ADDR" desc:"address to serve ticket updates at, and nothing else; empty serves them at HTTP_ADDR"`
	AdminToken  secret `envconfig:"ADMIN_TOKEN" live:"true" desc:"token for backups over HTTP, at least 16 characters; empty refuses them"`
	AdminSocket string `envconfig:"ADMIN_SOCKET" desc:"Unix socket for commands such as backup and explain; default: STORAGE with .sock, or enjobridge.sock with PostgreSQL; off turns it off"`

	Storage       secret `envconfig:"STORAGE" default:"enjobridge.db" desc:"the store: a file, or a PostgreSQL database that replicas share, postgres://user:password@host/database"`
	StorageListen secret `envconfig:"STORAGE_LISTEN" desc:"address of the same database without a pooler, if STORAGE leads to one such as pgbouncer"`

	Retention string `envconfig:"RETENTION" default:"30d" desc:"how long idle threads, tickets and ended questions are stored, at least 48h"`
	LogLevel  string `envconfig:"LOG_LEVEL" live:"true" default:"info" desc:"debug, info, warn or error; only debug logs message texts"`
	LogFormat string `envconfig:"LOG_FORMAT" desc:"json or console; default: console on a terminal, else json"`
}

// Config holds the checked settings.
type Config struct {
	Bot         bot.Config
	Enjo        enjo.Config // its Version is not a setting, and empty
	Storage     Storage
	HTTPAddr    string // host:port to serve operators at; empty if HTTP_ADDR is off
	WebhookAddr string // host:port to serve ticket updates at; empty for HTTPAddr
	AdminToken  string // may be empty
	AdminSocket string // the path of a Unix socket; empty if ADMIN_SOCKET is off
	LogLevel    zerolog.Level
	LogFormat   string // json or console; empty chooses by the terminal

	given environment // what it was read from, to see changes
}

// Error lists all settings that are missing or invalid.
type Error struct{ problems []string }

// Error returns one problem per line.
func (e *Error) Error() string {
	return "settings are missing or invalid:\n  " + strings.Join(e.problems, "\n  ")
}

// Read reads the settings from the environment. If settings are missing or invalid,
// it returns an *[Error] that lists them all.
func Read() (Config, error) {
	c, problems, err := Inspect()
	if err == nil && len(problems) > 0 {
		err = &Error{problems}
	}
	if err != nil {
		return Config{}, err
	}
	return c, nil
}

// Inspect is Read for commands that also need the valid ones of the settings if others are
// missing or invalid. Each problem begins with the name of its setting; the value of an
// invalid setting is any.
func Inspect() (c Config, problems []string, err error) {
	r := reader{}
	env, err := r.load()
	if err != nil {
		return Config{}, nil, err
	}
	r.nearMisses()
	store := r.storage(env)
	c = Config{
		Bot:         r.bot(env),
		Storage:     store,
		HTTPAddr:    r.address("HTTP_ADDR", env.HTTPAddr),
		WebhookAddr: r.webhookAddress(env),
		AdminToken:  r.chosenSecret("ADMIN_TOKEN", env.AdminToken),
		AdminSocket: r.socket(env.AdminSocket, store),
		LogLevel:    r.logLevel(env.LogLevel),
		LogFormat:   r.oneOf("LOG_FORMAT", env.LogFormat, "", "json", "console"),
		given:       env,
	}
	agents := r.enjo(env)
	c.Enjo, c.Bot.Agents, c.Bot.Limits, c.Bot.Jitter = agents.Client, agents.Agents, agents.Limits, agents.Jitter
	c.Bot.Routes = r.routes(env.EnjoRoutes, agents.Agents)
	return c, r.problems, nil
}

// bot checks the settings of the bot, without those of the agents.
func (r *reader) bot(env environment) bot.Config {
	c := bot.Config{
		SlackAppToken:     r.token("SLACK_APP_TOKEN", env.SlackAppToken, appTokenPrefixes...),
		SlackBotToken:     r.token("SLACK_BOT_TOKEN", env.SlackBotToken, botTokenPrefixes...),
		SlackAPIURL:       r.slackURL(env),
		Sockets:           r.count("SLACK_SOCKETS", env.SlackSockets, 1, maxSockets),
		AgentView:         r.boolean("SLACK_AGENT", env.SlackAgent),
		AllowExternal:     r.boolean("ALLOW_EXTERNAL", env.AllowExternal),
		AllowedChannels:   r.ids("ALLOWED_CHANNELS", env.AllowedChannels, "CGD"),
		AllowedUsers:      r.ids("ALLOWED_USERS", env.AllowedUsers, "UW"),
		AllowedBots:       r.ids("ALLOWED_BOTS", env.AllowedBots, "BUW"),
		FollowUps:         bot.FollowUps(r.oneOf("FOLLOW_UPS", env.FollowUps, "askers", "all", "mention")),
		Welcome:           r.boolean("WELCOME", env.Welcome),
		ReportChannel:     r.channel("REPORT_CHANNEL", env.ReportChannel),
		SuggestedPrompts:  r.prompts("SUGGESTED_PROMPTS", env.SuggestedPrompts),
		ShareEmail:        r.boolean("SHARE_EMAIL", env.ShareEmail),
		StaleAfter:        r.duration("STALE_AFTER", env.StaleAfter, time.Minute, 24*time.Hour),
		MaxWaiting:        r.count("MAX_WAITING", env.MaxWaiting, 1, maxWaiting),
		MaxWaitingPerUser: r.count("MAX_WAITING_PER_USER", env.MaxWaitingPerUser, 1, maxWaiting),
		ChannelDailyLimit: r.count("CHANNEL_DAILY_LIMIT", env.ChannelDailyLimit, 0, 1_000_000),
		Retention:         r.duration("RETENTION", env.Retention, minRetention, MaxRetention),
	}
	r.tickets(env, &c)
	r.rotation(env, &c)
	return c
}

// The limits of some settings.
const (
	// maxSockets is one less than Slack allows an app, because a socket is open twice while it is renewed.
	maxSockets = 9
	// maxWaiting limits the memory and the work that the queue needs.
	maxWaiting = 5_000
	// minRetention is how long Slack can redeliver a message.
	minRetention = 48 * time.Hour
)

// MaxRetention is the longest time for RETENTION.
const MaxRetention = 10 * 365 * day

// agents checks the agents, the default one first.
func (r *reader) agents(env environment) []bot.Agent {
	agents := []bot.Agent{{Name: defaultAgent, BotID: r.required("ENJO_BOT_ID", env.EnjoBotID)}}
	for _, pair := range r.pairs("ENJO_AGENTS", env.EnjoAgents) {
		if slices.ContainsFunc(agents, func(a bot.Agent) bool { return a.Name == pair[0] }) {
			r.problem("ENJO_AGENTS", fmt.Sprintf("has two agents named %q; the agent of ENJO_BOT_ID is named %q", pair[0], defaultAgent))
		}
		agents = append(agents, bot.Agent{Name: pair[0], BotID: pair[1]})
	}
	return agents
}

// tickets checks the settings for tickets and escalation.
func (r *reader) tickets(env environment, c *bot.Config) {
	c.TicketPrompt, c.TicketStatusPrompt = cmp.Or(env.TicketPrompt, bot.DefaultTicketPrompt), env.TicketStatusPrompt
	c.NoTicketButton = !r.boolean("TICKET_BUTTON", env.TicketButton)
	c.EscalateTo = r.ids("ESCALATE_TO", env.EscalateTo, "UWS")
	c.EscalateChannel = r.channel("ESCALATE_CHANNEL", env.EscalateChannel)
	c.TicketWebhookSecret = r.chosenSecret("TICKET_WEBHOOK_SECRET", env.TicketWebhookSecret)
	if !strings.Contains(c.TicketStatusPrompt, "{id}") {
		r.problem("TICKET_STATUS_PROMPT", "must contain {id}, which is replaced with the ticket's ID")
	}
}

// channel checks the ID of a channel, which may be missing.
func (r *reader) channel(name, text string) string {
	ids := r.ids(name, text, "CG")
	switch {
	case len(ids) > 1:
		r.problem(name, "must be one channel")
	case len(ids) == 1:
		return ids[0]
	}
	return ""
}

// defaultAgent is the name of the agent of ENJO_BOT_ID.
const defaultAgent = "default"

// routes checks the agents of channels.
func (r *reader) routes(text string, agents []bot.Agent) map[string]string {
	routes := make(map[string]string)
	for _, pair := range r.pairs("ENJO_ROUTES", text) {
		channel, name := pair[0], pair[1]
		r.ids("ENJO_ROUTES", channel, "CGD")
		if !slices.ContainsFunc(agents, func(a bot.Agent) bool { return a.Name == name }) {
			r.problem("ENJO_ROUTES", fmt.Sprintf("routes channel %s to the agent %q, which is not in ENJO_AGENTS", channel, name))
		}
		routes[channel] = name
	}
	return routes
}
