package bot_test

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"

	"enjobridge/blocks"
	slacksandbox "enjobridge/sandbox/slack"
)

// grid is a house in an organisation with two workspaces. Eve is in the other one.
type grid struct {
	*house
	eve          string
	sister, both string // a channel of the other workspace, and one of both
}

// buildGrid creates a house in an organisation, for which the app is installed if orgWide.
func buildGrid(t *testing.T, orgWide bool) *grid {
	t.Helper()
	config := slacksandbox.Config{
		Enterprise: &slacksandbox.Enterprise{ID: "E0ACME", Sisters: []slacksandbox.Team{{ID: "T0SISTER", Name: "Sister"}}},
		OrgWide:    orgWide, MentionTeam: slacksandbox.Never, DirectWithoutTeam: true,
	}
	manifest, err := os.ReadFile("../manifest.yml")
	if err != nil {
		t.Fatal(err)
	}
	if orgWide { // as docs/operations.md says
		config.Manifest = bytes.ReplaceAll(manifest, []byte("org_deploy_enabled: false"), []byte("org_deploy_enabled: true"))
	}
	g := &grid{house: foundation(t, plan{slack: config})}
	app := g.slack.BotUserID()
	g.eve = g.slack.AddUser(slacksandbox.User{Name: "eve", Team: "T0SISTER", TeamID: slacksandbox.Never})
	g.both = g.slack.AddChannel(slacksandbox.Channel{
		Name: "both", Teams: []string{g.slack.TeamID(), "T0SISTER"}, Shared: true, Members: []string{g.alice, g.eve, g.carol, app},
	})
	if orgWide {
		g.sister = g.slack.AddChannel(slacksandbox.Channel{Name: "sister", Teams: []string{"T0SISTER"}, Members: []string{g.eve, app}})
	}
	g.start()
	return g
}

// ask posts a mention.
func (g *grid) ask(channel, user, text string, options ...slacksandbox.PostOption) string {
	g.t.Helper()
	return g.say(channel, user, slacksandbox.Mention(g.slack.BotUserID())+" "+text, options...)
}

// use has a person press a button below an answer, and enter a command.
func (g *grid) use(channel, user, answer string) {
	g.t.Helper()
	requests := len(g.enjo.Requests())
	g.press(user, channel, answer, blocks.ActionCreateTicket)
	g.awaitEnded(requests + 1)
	receipt, err := g.slack.Command(user, channel, "/enjo", "status")
	g.acknowledged(receipt, err)
	g.awaitEphemeral(channel, user, blocks.Waiting(0, 0, 0))
}

// Ensure that an app that is installed for an organisation serves all its workspaces, by
// mention, direct message, button and command, and finds what was missed in each.
func TestOrganisationWideInstallation(t *testing.T) {
	bubble(t, func(t *testing.T) {
		g := buildGrid(t, true)
		dm := g.slack.DM(g.eve)
		g.awaitAnswers(g.support, g.mention(g.alice, "How do I print?"), 1)
		top := g.ask(g.sister, g.eve, "How do I reset my VPN password?")
		answer := g.awaitAnswers(g.sister, top, 1)[0].TS
		g.awaitAnswers(dm, g.say(dm, g.eve, "What about Wi-Fi?"), 1)
		g.awaitEnded(3)
		g.use(g.sister, g.eve, answer)
		if err := g.stop(); err != nil {
			t.Fatal(err)
		}

		g.slack.Faults().OnEvent(slacksandbox.Events{}, slacksandbox.Lose())
		missed := map[string]string{}
		missed[g.support] = g.mention(g.bob, "Where is the printer?")
		missed[g.sister] = g.ask(g.sister, g.eve, "Where is the scanner?")
		missed[g.both] = g.ask(g.both, g.eve, "Where is the projector?")
		missed[dm] = g.say(dm, g.eve, "Where is the coffee?")
		g.slack.Faults().Clear()
		g.start()
		for channel, ts := range missed {
			g.awaitAnswers(channel, ts, 1)
		}
		g.awaitEnded(8)
		time.Sleep(2 * time.Hour) // history is read again
		if n := len(g.enjo.Requests()); n != 8 {
			t.Errorf("the agent got %d requests", n)
		}
		if n := len(g.ephemerals(g.slack.View, g.both, g.eve)) + len(g.ephemerals(g.slack.View, g.sister, g.eve)); n != 1 { // of the command
			t.Errorf("the colleague was shown %d notices", n)
		}
	})
}

// Ensure that colleagues of a sister workspace are served like others, although nothing
// that Slack sends says that they belong to the organisation, and that outsiders are not.
func TestSisterWorkspaces(t *testing.T) {
	bubble(t, func(t *testing.T) {
		g := buildGrid(t, false)
		top := g.ask(g.both, g.eve, "How do I reset my VPN password?")
		answer := g.awaitAnswers(g.both, top, 1)[0].TS
		g.awaitEnded(1)
		g.use(g.both, g.eve, answer)
		shot := g.ask(g.both, g.eve, "what is this?", slacksandbox.WithFiles(slacksandbox.File{Name: "shot.png"}))
		g.awaitAnswers(g.both, shot, 1)
		for range 2 {
			g.ask(g.both, g.carol, "What are your secrets?")
		}
		g.press(g.carol, g.both, answer, blocks.ActionCreateTicket)
		g.awaitEphemeral(g.both, g.carol, "organisation")
		time.Sleep(time.Minute)
		if n := len(g.enjo.Requests()); n != 3 {
			t.Errorf("the agent got %d requests", n)
		}
		if got := g.ephemerals(g.slack.View, g.both, g.carol); len(got) != 2 { // of the messages, and of the press
			t.Errorf("the outsider was shown %d notices: %s", len(got), texts(got))
		}
	})
}

// Ensure that a person whom Slack does not identify in time is not refused: the question is
// answered when Slack sends it again. If Slack answers with an error, the person is refused
// in the end, and not as an outsider.
func TestUnidentifiedPeople(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{slack: slacksandbox.Config{MentionTeam: slacksandbox.Never}})
		ask := func(text string) string {
			file := slacksandbox.WithFiles(slacksandbox.File{Name: "shot.png"})
			return h.say(h.shared, h.alice, slacksandbox.Mention(h.slack.BotUserID())+" "+text, file)
		}
		fault := h.slack.Faults().OnCall(slacksandbox.Calls{Method: "users.info"}, slacksandbox.Fail("user_not_found"))
		began := time.Now()
		refused := ask("what is this?")
		h.awaitEphemeral(h.shared, h.alice, "check right now")
		if took := time.Since(began); took < 10*time.Second || took > 12*time.Second {
			t.Errorf("the refusal came after %v", took)
		}
		fault.Remove()
		fault = h.slack.Faults().OnCall(slacksandbox.Calls{Method: "users.info"}, slacksandbox.Status(503))
		ts := ask("and this?")
		time.Sleep(30 * time.Second)
		if n := len(h.answers(h.slack.View, h.shared, ts)); n > 0 || fault.Fired() == 0 {
			t.Errorf("%d answers came before Slack said who asks", n)
		}
		fault.Remove()
		h.awaitAnswers(h.shared, ts, 1)
		time.Sleep(time.Hour)
		if n := len(h.enjo.Requests()); n != 1 || len(h.answers(h.slack.View, h.shared, refused)) > 0 {
			t.Errorf("the agent got %d requests", n)
		}
		notices := len(h.ephemerals(h.slack.View, h.shared, h.alice))
		if notices != 1 || !strings.Contains(h.log.String(), "receive: Slack has not said in time") {
			t.Errorf("the person got %d notices", notices)
		}
	})
}

// Ensure that a message that waits for its twin is decided by the next process if this one
// ends, and that its sender is notified once.
func TestUnidentifiedPeople_Restart(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{slack: slacksandbox.Config{MentionTeam: slacksandbox.Never}})
		fault := h.slack.Faults().OnCall(slacksandbox.Calls{Method: "users.info"}, slacksandbox.Fail("user_not_found"))
		ask := func() string {
			return h.say(h.shared, h.alice, slacksandbox.Mention(h.slack.BotUserID())+" this?", slacksandbox.WithFiles(slacksandbox.File{Name: "shot.png"}))
		}
		ask()
		time.Sleep(5 * time.Second)
		if err := h.stop(); err != nil {
			t.Fatal(err)
		}
		h.begin()
		h.awaitEphemeral(h.shared, h.alice, "check right now")
		time.Sleep(time.Hour)
		ts := ask()
		time.Sleep(5 * time.Second)
		if err := h.stop(); err != nil {
			t.Fatal(err)
		}
		fault.Remove() // the next process knows the person
		h.start()
		h.awaitAnswers(h.shared, ts, 1)
		time.Sleep(time.Hour)
		if n := len(h.ephemerals(h.slack.View, h.shared, h.alice)); n != 1 {
			t.Errorf("the person got %d notices", n)
		}
	})
}
