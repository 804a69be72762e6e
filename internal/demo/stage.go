package demo

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"enjobridge/bot"
	"enjobridge/enjo"
	enjosandbox "enjobridge/sandbox/enjo"
	slacksandbox "enjobridge/sandbox/slack"
	"enjobridge/storage"
)

// stage holds everything that the demo runs.
type stage struct {
	slack *slacksandbox.Workspace
	enjo  *enjosandbox.Agent // nil if the operator's agent answers
	store storage.Store
	agent *enjo.Client
	bot   *bot.Bot
	dir   string

	alice, bob, carol, support, shared string // IDs
}

// props are the differences between a stage and the demo.
type props struct {
	speed    float64 // how many times faster than Slack the local Slack is; 0 means 1
	enjo     enjosandbox.Config
	agentURL string            // of an agent that replaces the local one; may be empty
	bot      func(*bot.Config) // changes the settings; may be nil
}

// openStage starts a local Slack and a local agent, and creates a bot that connects
// them with the settings of production.
func openStage(o Options, p props) (s *stage, err error) {
	s = &stage{}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if s.dir, err = os.MkdirTemp("", "enjobridge-demo-"); err != nil {
		return s, fmt.Errorf("creating a directory for the demo's store: %w", err)
	}
	if o.Own == nil {
		if s.enjo, err = enjosandbox.Open(p.enjo); err != nil {
			return s, err
		}
	}
	workspace := slacksandbox.Config{Addr: o.Addr, Manifest: o.Manifest, Speed: p.speed, LeastDeadline: 3 * time.Second, Page: s.page}
	if s.slack, err = slacksandbox.Open(workspace); err != nil && o.Addr != "" {
		return s, fmt.Errorf("%w; choose another address with -addr", err)
	} else if err != nil {
		return s, err
	}
	if s.store, err = storage.OpenBolt(filepath.Join(s.dir, "enjobridge.db"), storage.BoltOptions{}); err != nil {
		return s, err
	}
	answering, err := s.answering(o, p)
	if err != nil {
		return s, err
	}
	if s.agent, err = enjo.New(answering.Client); err != nil {
		return s, err
	}
	if err = s.people(); err != nil {
		return s, err
	}
	settings := bot.Config{
		SlackAPIURL:   s.slack.APIURL(),
		SlackAppToken: s.slack.AppToken(),
		SlackBotToken: s.slack.BotToken(),
		SlackSpeed:    p.speed,
		AgentView:     true,
		Agents:        []bot.Agent{{Name: "default", BotID: answering.BotID}},
		Limits:        answering.Limits,
		Jitter:        answering.Jitter,
		EscalateTo:    []string{s.bob},
		Welcome:       true,
	}
	if p.bot != nil {
		p.bot(&settings)
	}
	s.bot, err = bot.New(settings, s.store, s.agent, o.Log)
	return s, err
}

// answering returns the agent that answers: the operator's, or the local one with Enjo's
// limits.
func (s *stage) answering(o Options, p props) (Agent, error) {
	if o.Own != nil {
		own := *o.Own
		own.Client.Version = o.Version
		return own, nil
	}
	limits, err := enjo.ParseLimits("10/5s,20/1m")
	return Agent{
		Client: enjo.Config{BaseURL: cmp.Or(p.agentURL, s.enjo.URL()), Token: s.enjo.Token(), Version: o.Version},
		BotID:  s.enjo.BotID(), Limits: limits, Jitter: 500 * time.Millisecond,
	}, err
}

// url returns the address of the page where the user is Alice in #support.
func (s *stage) url() string { return fmt.Sprintf("%s/u/%s/c/%s", s.slack.URL(), s.alice, s.support) }

// people fills the workspace with channels, two people of the company and one of
// another. Alice has this machine's time zone, so that the page shows local times. The bot
// is not in #random, so that it can be added there.
func (s *stage) people() error {
	s.alice = s.slack.AddUser(slacksandbox.User{Name: "alice", RealName: "Alice Abara", TZ: machineZone()})
	s.bob = s.slack.AddUser(slacksandbox.User{Name: "bob", RealName: "Bob Berg", TZ: "America/New_York", Admin: true})
	s.carol = s.slack.AddUser(slacksandbox.User{Name: "carol", RealName: "Carol Cruz", TZ: "Asia/Tokyo", Team: globex})
	s.slack.AddUserGroup(slacksandbox.UserGroup{Handle: "it-team", Name: "IT team", Users: []string{s.bob}})
	app, monitor := s.slack.BotUserID(), s.slack.AddUser(slacksandbox.User{Name: "monitor", Bot: true})
	s.support = s.slack.AddChannel(slacksandbox.Channel{Name: "support", Topic: "Mention @enjobridge with your question", Members: []string{s.alice, s.bob, app, monitor}})
	s.slack.AddChannel(slacksandbox.Channel{Name: "general", Members: []string{s.alice, s.bob, app}})
	s.slack.AddChannel(slacksandbox.Channel{Name: "random", Topic: "Add the bot: /invite @enjobridge", Members: []string{s.alice, s.bob}})
	s.shared = s.slack.AddChannel(slacksandbox.Channel{Name: "with-globex", Shared: true, Members: []string{s.alice, s.bob, s.carol, app}})
	_, err := s.slack.Post(s.support, monitor, "", slacksandbox.WithAttachments(json.RawMessage(alert)))
	if err == nil {
		_, err = s.slack.Post(s.support, s.bob, "New here? Ask enjobridge: mention it with your question, and it answers in a thread.")
	}
	return err
}

// alert is what another app posted: like most alerts, it has no text.
const alert = `[{"color": "danger", "fallback": "The VPN gateway fra-2 is down", "title": "The VPN gateway fra-2 is down",
	"text": "No connections since 10:20.", "fields": [{"title": "Site", "value": "Frankfurt", "short": true}, {"title": "Since", "value": "10:20", "short": true}]}]`

// close closes everything that was opened, in reverse order.
func (s *stage) close() error {
	var errs []error
	if s.agent != nil {
		s.agent.Close()
	}
	if s.store != nil {
		errs = append(errs, s.store.Close())
	}
	if s.enjo != nil {
		errs = append(errs, s.enjo.Close())
	}
	if s.slack != nil {
		errs = append(errs, s.slack.Close())
	}
	if s.dir != "" {
		errs = append(errs, os.RemoveAll(s.dir))
	}
	return errors.Join(errs...)
}
