package main

import (
	"cmp"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
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
	SlackSockets string `envconfig:"SLACK_SOCKETS" default:"2" desc:"Socket Mode connections held open, 1 to 10"`
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

// config is the settings, checked.
type config struct {
	bot       bot.Config
	enjo      enjo.Config
	storage   string
	httpAddr  string // off serves nothing
	admin     string // the token; may be empty
	logLevel  zerolog.Level
	logFormat string
}

// configError names every setting that is missing or wrong.
type configError struct{ problems []string }

// Error returns one problem a line.
func (e *configError) Error() string {
	return "the settings are not complete:\n  " + strings.Join(e.problems, "\n  ")
}

// readConfig reads the settings from the environment. Its error is a
// *configError, which names all that is missing or wrong.
func readConfig() (config, error) {
	var env environment
	if err := envconfig.Process("", &env); err != nil {
		return config{}, fmt.Errorf("reading the environment: %w", err)
	}
	r := reader{}
	c := config{
		bot:       r.bot(env),
		storage:   env.Storage,
		httpAddr:  r.address("HTTP_ADDR", env.HTTPAddr),
		admin:     r.adminToken("ADMIN_TOKEN", env.AdminToken),
		logLevel:  r.logLevel(env.LogLevel),
		logFormat: r.oneOf("LOG_FORMAT", env.LogFormat, "", "json", "console"),
		enjo: enjo.Config{
			BaseURL: r.url("ENJO_API_URL", env.EnjoAPIURL),
			Token:   r.required("ENJO_TOKEN", env.EnjoToken.reveal()),
			Timeout: r.duration("ENJO_TIMEOUT", env.EnjoTimeout, time.Second, 10*time.Minute),
			Version: version(),
		},
	}
	if env.Storage == "" {
		r.problem("STORAGE", "is empty: name a file, such as enjobridge.db")
	}
	if len(r.problems) > 0 {
		return config{}, &configError{r.problems}
	}
	return c, nil
}

// reader checks settings and collects what is wrong with them.
type reader struct{ problems []string }

func (r *reader) problem(name, what string) {
	r.problems = append(r.problems, name+" "+what)
}

// bot checks the settings of the bridge.
func (r *reader) bot(env environment) bot.Config {
	sockets, err := strconv.Atoi(env.SlackSockets)
	if err != nil || sockets < 1 || sockets > 10 {
		r.problem("SLACK_SOCKETS", "must be a number from 1 to 10")
	}
	limits, err := enjo.ParseLimits(env.EnjoLimits)
	if err != nil {
		r.problem("ENJO_LIMITS", "is wrong: "+err.Error())
	}
	c := bot.Config{
		SlackAppToken:     r.token("SLACK_APP_TOKEN", env.SlackAppToken, "xapp-"),
		SlackBotToken:     r.token("SLACK_BOT_TOKEN", env.SlackBotToken, "xoxb-"),
		SlackAPIURL:       strings.TrimSuffix(r.url("SLACK_API_URL", env.SlackAPIURL), "/") + "/",
		Sockets:           sockets,
		AgentView:         r.boolean("SLACK_AGENT", env.SlackAgent),
		AllowExternal:     r.boolean("ALLOW_EXTERNAL", env.AllowExternal),
		AllowedChannels:   r.ids("ALLOWED_CHANNELS", env.AllowedChannels, "CGD"),
		AllowedUsers:      r.ids("ALLOWED_USERS", env.AllowedUsers, "UW"),
		AllowedBots:       r.ids("ALLOWED_BOTS", env.AllowedBots, "BUW"),
		Limits:            limits,
		Jitter:            r.duration("ENJO_JITTER", env.EnjoJitter, 0, time.Minute),
		StaleAfter:        r.duration("STALE_AFTER", env.StaleAfter, time.Minute, 24*time.Hour),
		MaxWaiting:        r.count("MAX_WAITING", env.MaxWaiting, 1, 100_000),
		MaxWaitingPerUser: r.count("MAX_WAITING_PER_USER", env.MaxWaitingPerUser, 1, 100_000),
		ChannelDailyLimit: r.count("CHANNEL_DAILY_LIMIT", env.ChannelDailyLimit, 0, 1_000_000),

		Retention: r.duration("RETENTION", env.Retention, time.Hour, 10*365*24*time.Hour),
	}
	c.Agents = append(c.Agents, bot.Agent{Name: defaultAgent, BotID: r.required("ENJO_BOT_ID", env.EnjoBotID)})
	for _, pair := range r.pairs("ENJO_AGENTS", env.EnjoAgents) {
		c.Agents = append(c.Agents, bot.Agent{Name: pair[0], BotID: pair[1]})
	}
	r.tickets(env, &c)
	c.Routes = r.routes(env.EnjoRoutes, c.Agents)
	return c
}

// tickets checks the settings of tickets.
func (r *reader) tickets(env environment, c *bot.Config) {
	c.TicketPrompt, c.TicketStatusPrompt = strings.TrimSpace(env.TicketPrompt), strings.TrimSpace(env.TicketStatusPrompt)
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
		if !slices.ContainsFunc(agents, func(a bot.Agent) bool { return a.Name == name }) {
			r.problem("ENJO_ROUTES", fmt.Sprintf("leads channel %s to the agent %q, which is not in ENJO_AGENTS", channel, name))
		}
		routes[channel] = name
	}
	return routes
}

// required checks a setting that has no default, and says where to get it.
func (r *reader) required(name, value string) string {
	if strings.TrimSpace(value) == "" {
		what, from := describe(name)
		r.problem(name, "is missing: the "+what+", from "+from)
	}
	return strings.TrimSpace(value)
}

// token checks a token of Slack's by its beginning, and never shows it.
func (r *reader) token(name string, value secret, prefix string) string {
	token := r.required(name, value.reveal())
	if token != "" && !strings.HasPrefix(token, prefix) {
		what, from := describe(name)
		r.problem(name, fmt.Sprintf("does not begin with %s: it is the %s, from %s", prefix, what, from))
	}
	return token
}

func (r *reader) url(name, value string) string {
	parsed, err := url.Parse(value)
	if err != nil || (parsed.Scheme != "https" && parsed.Scheme != "http") || parsed.Host == "" {
		r.problem(name, "must be an http or https address")
	}
	return value
}

// address checks where to listen.
func (r *reader) address(name, value string) string {
	if value == httpOff {
		return value
	}
	if _, port, err := net.SplitHostPort(value); err != nil || port == "" {
		r.problem(name, "must be an address and a port, such as 127.0.0.1:9090, or off")
	}
	return value
}

// adminToken checks a token that is made up by the operator, and never shows it.
func (r *reader) adminToken(name string, value secret) string {
	token := value.reveal()
	if token != "" && (len(token) < 16 || strings.ContainsAny(token, " \t\r\n")) {
		r.problem(name, "must have at least 16 characters and no spaces, such as what openssl rand -hex 32 prints")
	}
	return token
}

func (r *reader) boolean(name, value string) bool {
	is, err := strconv.ParseBool(value)
	if err != nil {
		r.problem(name, "must be true or false")
	}
	return is
}

func (r *reader) count(name, value string, least, most int) int {
	n, err := strconv.Atoi(value)
	if err != nil || n < least || n > most {
		r.problem(name, fmt.Sprintf("must be a number from %d to %d", least, most))
	}
	return n
}

func (r *reader) duration(name, value string, least, most time.Duration) time.Duration {
	d, err := time.ParseDuration(value)
	if err != nil || d < least || d > most {
		r.problem(name, fmt.Sprintf("must be a duration from %v to %v, such as 30s or 5m", least, most))
	}
	return d
}

func (r *reader) oneOf(name, value string, allowed ...string) string {
	if !slices.Contains(allowed, value) {
		r.problem(name, "must be "+strings.Join(slices.DeleteFunc(allowed, func(s string) bool { return s == "" }), " or "))
	}
	return value
}

func (r *reader) logLevel(value string) zerolog.Level {
	level, err := zerolog.ParseLevel(r.oneOf("LOG_LEVEL", value, "debug", "info", "warn", "error"))
	if err != nil {
		return zerolog.InfoLevel
	}
	return level
}

// ids checks a list of Slack's IDs, by their first letter.
func (r *reader) ids(name, value, letters string) []string {
	var ids []string
	for _, id := range list(value) {
		if !strings.ContainsRune(letters, rune(id[0])) {
			r.problem(name, fmt.Sprintf("holds %q, which is no ID: open the details in Slack to copy it", id))
		}
		ids = append(ids, id)
	}
	return ids
}

// pairs checks a list of key:value.
func (r *reader) pairs(name, value string) [][2]string {
	var pairs [][2]string
	for _, item := range list(value) {
		key, val, ok := strings.Cut(item, ":")
		if !ok || strings.TrimSpace(key) == "" || strings.TrimSpace(val) == "" {
			r.problem(name, fmt.Sprintf("holds %q, which is not of the form name:value", item))
			continue
		}
		pairs = append(pairs, [2]string{strings.TrimSpace(key), strings.TrimSpace(val)})
	}
	return pairs
}

// list splits a list at its commas, without what is empty.
func list(value string) []string {
	var items []string
	for item := range strings.SplitSeq(value, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}

// logFormatFor returns the format to log in where it is not set.
func logFormatFor(set string, terminal bool) string {
	if terminal {
		return cmp.Or(set, "console")
	}
	return cmp.Or(set, "json")
}
