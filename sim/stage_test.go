package sim_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"enjobridge/bot"
	"enjobridge/enjo"
	enjosandbox "enjobridge/sandbox/enjo"
	slacksandbox "enjobridge/sandbox/slack"
)

// stage is what is around the bot in real time: a workspace with its users, an agent, and
// their faults.
type stage struct {
	t      *testing.T
	seed   uint64
	random *rand.Rand
	slack  *slacksandbox.Workspace
	enjo   *enjosandbox.Agent
	trap   *trap
	crowd  *crowd
	faults *faultInjector
	limits []enjo.Limit
}

// chaosLimits returns limits of perMinute calls a minute. After a 429 all calls pause for the
// longest window, which must be shorter than chaosPatience.
func chaosLimits(perMinute int) []enjo.Limit {
	return []enjo.Limit{{Calls: perMinute / 8, Per: 5 * time.Second}, {Calls: perMinute / 3, Per: 20 * time.Second}}
}

// newStage returns a stage whose agent has limits, and answers after a time.
func newStage(t *testing.T, seed uint64, limits []enjo.Limit, latency time.Duration) *stage {
	t.Helper()
	s := &stage{t: t, seed: seed, random: rand.New(rand.NewPCG(seed, 0)), limits: limits}
	config, err := workspace(seed)
	if err != nil {
		t.Fatal(err)
	}
	config.Speed, config.History = chaosSpeed, 50_000
	if seed%4 == 0 {
		withRotation(&config, chaosTokenLife*chaosSpeed, chaosGrace*chaosSpeed)
	}
	if s.slack, err = slacksandbox.Open(config); err != nil {
		t.Fatal(err)
	}
	enforced := []enjosandbox.Limit{enjosandbox.Limit(s.limits[0]), enjosandbox.Limit(s.limits[1])}
	if s.enjo, err = enjosandbox.Open(enjosandbox.Config{Articles: library(), Limits: enforced, Seed: seed, Latency: latency}); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.trap = newTrap(listener)
	s.crowd = newCrowd(s.slack, s.random)
	s.faults = &faultInjector{random: s.random, slack: s.slack, enjo: s.enjo, crowd: s.crowd, trap: s.trap, lose: *chaosLose}
	return s
}

// settings returns the settings of a bot process, without its store.
func (s *stage) settings() settings {
	given := settings{
		Agent: enjo.Config{BaseURL: s.enjo.URL(), Token: s.enjo.Token(), Version: "test", Timeout: 3 * time.Second},
		Bot: bot.Config{
			SlackAPIURL: s.slack.APIURL(), SlackSpeed: chaosSpeed,
			AgentView: true, Agents: []bot.Agent{{Name: "default", BotID: s.enjo.BotID()}},
			// The load of this machine causes delays, too.
			Limits: s.limits, Jitter: chaosMargin,
			ProbeEvery: time.Second, Grace: 3 * time.Second, Welcome: true,
		},
	}
	setSecrets(&given.Bot, secretsOf(s.slack))
	return given
}

// newLog creates the file of the log of a process.
func newLog(t *testing.T, dir, name string) *os.File {
	t.Helper()
	log, err := os.Create(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return log
}

// newJudge returns the judge of a bot in real time.
func (s *stage) newJudge() *judge {
	j := &judge{slack: s.slack, enjo: s.enjo, crowd: s.crowd}
	j.mayHaveNoEnd = j.stoppedWithLater
	return j
}

// awaitDeliveries waits until all events are delivered.
func (s *stage) awaitDeliveries(ctx context.Context, j *judge) {
	<-time.After(latest) // all delayed events are delivered by then
	for !j.eventsDelivered() && ctx.Err() == nil {
		<-time.After(100 * time.Millisecond)
	}
}

// awaitEnds waits until all questions have ended, and no thread shows that the bot is
// working.
func (s *stage) awaitEnds(ctx context.Context, j *judge) {
	j.noteArrivals()
	open := slices.Clone(s.crowd.questions)
	_ = s.slack.Await(ctx, func(slacksandbox.View) bool {
		for len(open) > 0 && j.over(open[0]) {
			open = open[1:]
		}
		return len(open) == 0
	})
	working := slices.DeleteFunc(slices.Clone(s.crowd.threads), func(t *talk) bool { return t.channel == s.crowd.lostChannel })
	_ = s.slack.Await(ctx, func(slacksandbox.View) bool {
		for len(working) > 0 && !j.working(working[0]) {
			working = working[1:]
		}
		return len(working) == 0
	})
}

// verdict fails the test for everything that was wrong.
func (s *stage) verdict(j *judge, logs ...*os.File) {
	all := s.textOf(logs)
	if found := s.trap.findings(); found != "" {
		j.report("%s", found)
	}
	for _, wrong := range j.judgeAll(all) {
		s.t.Errorf("seed %d: %s", s.seed, wrong)
		for _, id := range messageID.FindAllString(wrong, 1) {
			s.t.Logf("log lines of the question:\n%s", linesAbout(all, id))
		}
	}
}

// textOf returns the text of logs, one after the other.
func (s *stage) textOf(logs []*os.File) (all []byte) {
	for _, log := range logs {
		text, err := os.ReadFile(log.Name())
		if err != nil {
			s.t.Fatal(err)
		}
		all = append(all, text...)
	}
	return all
}

// String summarizes what happened.
func (s *stage) String() string {
	return fmt.Sprintf("seed %d: %d questions in %d threads, %d calls to the agent, %d to Slack", s.seed,
		len(s.crowd.questions), len(s.crowd.threads), len(s.enjo.Requests()), len(s.slack.Calls()))
}

// close closes everything.
func (s *stage) close() {
	s.trap.close()
	if err := s.enjo.Close(); err != nil {
		s.t.Error(err)
	}
	if err := s.slack.Close(); err != nil {
		s.t.Error(err)
	}
}
