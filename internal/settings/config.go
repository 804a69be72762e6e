// Package settings reads the settings of the bot from the environment, checks
// them, and describes them for the help. It does not know the commands, or what
// they do with a setting.
package settings

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kelseyhightower/envconfig"
	"github.com/rs/zerolog"

	"enjobridge/bot"
	"enjobridge/enjo"
)

// environment is the settings as they stand in the environment. All are read as
// text, so that every wrong one can be named at once. The tag desc says what a
// setting is; the tag from, where to get it.
type environment struct {
	SlackAppToken secret `envconfig:"SLACK_APP_TOKEN" desc:"app-level token of the Slack app, xapp-…" from:"https://api.slack.com/apps, your app, Basic Information, App-Level Tokens, with the scope connections:write"`
	SlackBotToken secret `envconfig:"SLACK_BOT_TOKEN" desc:"bot token of the Slack app, xoxb-…" from:"https://api.slack.com/apps, your app, OAuth & Permissions, after Install to Workspace"`
	EnjoToken     secret `envconfig:"ENJO_TOKEN" desc:"personal access token of Enjo" from:"the Enjo dashboard, settings icon, Personal Access Token, Create Token"`
	EnjoBotID     string `envconfig:"ENJO_BOT_ID" desc:"bot ID of the default agent" from:"the Enjo dashboard, your AI agent"`

	EnjoAgents  string `envconfig:"ENJO_AGENTS" desc:"more agents, name:botID,…"`
	EnjoRoutes  string `envconfig:"ENJO_ROUTES" desc:"which agent answers in a channel, channelID:agent name,…"`
	EnjoAPIURL  string `envconfig:"ENJO_API_URL" default:"https://api.enjo.ai" desc:"where the Enjo API is"`
	EnjoLimits  string `envconfig:"ENJO_LIMITS" default:"10/5s,20/1m" desc:"Enjo's call limits, all of them kept"`
	EnjoJitter  string `envconfig:"ENJO_JITTER" default:"500ms" desc:"how much later one call may reach Enjo than another; added to each limit's time"`
	EnjoTimeout string `envconfig:"ENJO_TIMEOUT" default:"60s" desc:"how long one call may take"`

	SlackAPIURL  string `envconfig:"SLACK_API_URL" default:"https://slack.com/api/" desc:"where Slack's Web API is"`
	SlackSockets string `envconfig:"SLACK_SOCKETS" default:"2" desc:"Socket Mode connections held open, 1 to 9"`
	SlackAgent   string `envconfig:"SLACK_AGENT" default:"true" desc:"the app has Slack's Agents feature: direct messages are threads"`

	StaleAfter        string `envconfig:"STALE_AFTER" default:"15m" desc:"a question that comes later than this, after an outage, is answered only if its asker still needs it"`
	MaxWaiting        string `envconfig:"MAX_WAITING" default:"500" desc:"questions that may wait in line; more are refused with a button to ask again"`
	MaxWaitingPerUser string `envconfig:"MAX_WAITING_PER_USER" default:"5" desc:"questions of one person that may wait in line"`
	ChannelDailyLimit string `envconfig:"CHANNEL_DAILY_LIMIT" default:"0" desc:"questions of one channel in a day; 0 is no bound"`

	AllowExternal   string `envconfig:"ALLOW_EXTERNAL" default:"false" desc:"serve people of other organisations in shared channels"`
	AllowedChannels string `envconfig:"ALLOWED_CHANNELS" desc:"IDs of the channels served, C1,C2,…; empty allows all"`
	AllowedUsers    string `envconfig:"ALLOWED_USERS" desc:"IDs of the people served, U1,U2,…; empty allows all"`
	AllowedBots     string `envconfig:"ALLOWED_BOTS" desc:"IDs of other bots that may ask by a mention, B1,U2,…; empty allows none"`

	TicketButton        string `envconfig:"TICKET_BUTTON" default:"true" desc:"offer to create a ticket below answers, where a thread has none yet"`
	TicketPrompt        string `envconfig:"TICKET_PROMPT" default:"Please create a ticket for this." desc:"what the button asks the agent"`
	TicketStatusPrompt  string `envconfig:"TICKET_STATUS_PROMPT" default:"What is the status of ticket {id}?" desc:"what Check status asks the agent"`
	TicketWebhookSecret secret `envconfig:"TICKET_WEBHOOK_SECRET" desc:"what a ticketing system bears to tell news of its tickets; without it none are taken"`
	EscalateTo          string `envconfig:"ESCALATE_TO" desc:"IDs of the people and user groups that Talk to a person calls, U1,S1,…; empty for no such button"`

	HTTPAddr   string `envconfig:"HTTP_ADDR" default:"127.0.0.1:9090" desc:"where health, figures and backups are served; off for nowhere"`
	AdminToken secret `envconfig:"ADMIN_TOKEN" desc:"who bears it may take backups; without it only this machine may"`

	Storage   string `envconfig:"STORAGE" default:"enjobridge.db" desc:"the file that keeps what must survive a restart"`
	Retention string `envconfig:"RETENTION" default:"720h" desc:"idle threads and tickets are forgotten after it"`
	LogLevel  string `envconfig:"LOG_LEVEL" default:"info" desc:"debug, info, warn or error; debug logs what people write"`
	LogFormat string `envconfig:"LOG_FORMAT" desc:"json or console; by default console on a terminal and json elsewhere"`
}

// Config is the settings, checked.
type Config struct {
	Bot        bot.Config
	Enjo       enjo.Config // no setting is its Version
	Storage    string      // the store's file
	HTTPAddr   string      // host:port to serve operators at; empty if HTTP_ADDR is off
	AdminToken string      // may be empty
	LogLevel   zerolog.Level
	LogFormat  string // json or console; empty if it depends on the terminal
}

// Error names every setting that is missing or wrong.
type Error struct{ problems []string }

// Error returns one problem a line.
func (e *Error) Error() string {
	return "the settings are not complete:\n  " + strings.Join(e.problems, "\n  ")
}

// Read reads the settings from the environment. If some are missing or wrong,
// its error is an *[Error], which names them all.
func Read() (Config, error) {
	var env environment
	if err := envconfig.Process("", &env); err != nil {
		return Config{}, fmt.Errorf("reading the environment: %w", err)
	}
	r := reader{}
	c := Config{
		Bot:        r.bot(env),
		Storage:    r.file("STORAGE", env.Storage),
		HTTPAddr:   r.address("HTTP_ADDR", env.HTTPAddr),
		AdminToken: r.adminToken("ADMIN_TOKEN", env.AdminToken),
		LogLevel:   r.logLevel(env.LogLevel),
		LogFormat:  r.oneOf("LOG_FORMAT", env.LogFormat, "", "json", "console"),
		Enjo: enjo.Config{
			BaseURL: r.enjoURL("ENJO_API_URL", env.EnjoAPIURL),
			Token:   r.enjoToken("ENJO_TOKEN", env.EnjoToken),
			Timeout: r.duration("ENJO_TIMEOUT", env.EnjoTimeout, time.Second, 10*time.Minute),
		},
	}
	if len(r.problems) > 0 {
		return Config{}, &Error{r.problems}
	}
	return c, nil
}

// bot checks the settings of the bridge.
func (r *reader) bot(env environment) bot.Config {
	limits, err := enjo.ParseLimits(env.EnjoLimits)
	if err != nil {
		r.problem("ENJO_LIMITS", "is wrong: "+err.Error())
	}
	c := bot.Config{
		SlackAppToken:     r.token("SLACK_APP_TOKEN", env.SlackAppToken, "xapp-"),
		SlackBotToken:     r.token("SLACK_BOT_TOKEN", env.SlackBotToken, "xoxb-"),
		SlackAPIURL:       strings.TrimSuffix(r.url("SLACK_API_URL", env.SlackAPIURL), "/") + "/",
		Sockets:           r.count("SLACK_SOCKETS", env.SlackSockets, 1, mostSockets),
		AgentView:         r.boolean("SLACK_AGENT", env.SlackAgent),
		AllowExternal:     r.boolean("ALLOW_EXTERNAL", env.AllowExternal),
		AllowedChannels:   r.ids("ALLOWED_CHANNELS", env.AllowedChannels, "CGD"),
		AllowedUsers:      r.ids("ALLOWED_USERS", env.AllowedUsers, "UW"),
		AllowedBots:       r.ids("ALLOWED_BOTS", env.AllowedBots, "BUW"),
		Limits:            limits,
		Jitter:            r.duration("ENJO_JITTER", env.EnjoJitter, 0, time.Minute),
		StaleAfter:        r.duration("STALE_AFTER", env.StaleAfter, time.Minute, 24*time.Hour),
		MaxWaiting:        r.count("MAX_WAITING", env.MaxWaiting, 1, mostWaiting),
		MaxWaitingPerUser: r.count("MAX_WAITING_PER_USER", env.MaxWaitingPerUser, 1, mostWaiting),
		ChannelDailyLimit: r.count("CHANNEL_DAILY_LIMIT", env.ChannelDailyLimit, 0, 1_000_000),

		Retention: r.duration("RETENTION", env.Retention, leastRetention, 10*365*24*time.Hour),
	}
	c.Agents = r.agents(env)
	c.Routes = r.routes(env.EnjoRoutes, c.Agents)
	r.tickets(env, &c)
	return c
}

// The bounds of some settings.
const (
	// mostSockets is one less than Slack allows an app, so that one can be replaced.
	mostSockets = 9
	// mostWaiting bounds the line: every place in it is computed again when it moves.
	mostWaiting = 5_000
	// leastRetention is how long Slack can redeliver a message.
	leastRetention = 48 * time.Hour
)

// agents checks the agents, the default one first.
func (r *reader) agents(env environment) []bot.Agent {
	agents := []bot.Agent{{Name: defaultAgent, BotID: r.required("ENJO_BOT_ID", env.EnjoBotID)}}
	for _, pair := range r.pairs("ENJO_AGENTS", env.EnjoAgents) {
		if slices.ContainsFunc(agents, func(a bot.Agent) bool { return a.Name == pair[0] }) {
			r.problem("ENJO_AGENTS", fmt.Sprintf("names two agents %q; the one of ENJO_BOT_ID is called %q", pair[0], defaultAgent))
		}
		agents = append(agents, bot.Agent{Name: pair[0], BotID: pair[1]})
	}
	return agents
}

// tickets checks the settings of tickets.
func (r *reader) tickets(env environment, c *bot.Config) {
	c.TicketPrompt, c.TicketStatusPrompt = strings.TrimSpace(env.TicketPrompt), strings.TrimSpace(env.TicketStatusPrompt)
	c.NoTicketButton = !r.boolean("TICKET_BUTTON", env.TicketButton)
	c.EscalateTo = r.ids("ESCALATE_TO", env.EscalateTo, "UWS")
	c.TicketWebhookSecret = r.adminToken("TICKET_WEBHOOK_SECRET", env.TicketWebhookSecret)
	if c.TicketPrompt == "" {
		r.problem("TICKET_PROMPT", "is empty: write a sentence, or turn the button off with TICKET_BUTTON=false")
	}
	if !strings.Contains(c.TicketStatusPrompt, "{id}") {
		r.problem("TICKET_STATUS_PROMPT", "must hold {id}, the place of the ticket's ID")
	}
}

// defaultAgent is the name of the agent of ENJO_BOT_ID.
const defaultAgent = "default"

// routes checks which agent answers in which channel.
func (r *reader) routes(text string, agents []bot.Agent) map[string]string {
	routes := make(map[string]string)
	for _, pair := range r.pairs("ENJO_ROUTES", text) {
		channel, name := pair[0], pair[1]
		r.ids("ENJO_ROUTES", channel, "CGD")
		if !slices.ContainsFunc(agents, func(a bot.Agent) bool { return a.Name == name }) {
			r.problem("ENJO_ROUTES", fmt.Sprintf("leads channel %s to the agent %q, which is not in ENJO_AGENTS", channel, name))
		}
		routes[channel] = name
	}
	return routes
}
