package bot_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/bot"
	"enjobridge/enjo"
	"enjobridge/internal/pgtest"
	enjosandbox "enjobridge/sandbox/enjo"
	slacksandbox "enjobridge/sandbox/slack"
	"enjobridge/storage"
	"enjobridge/storage/postgres"
)

const (
	// acceptedQuestions is the number of questions of one measurement. Each is a mention, which
	// Slack sends as two events.
	acceptedQuestions = 2000
	// askedByEach is how many of them a person asks, and peopleInChannel how many people ask in
	// a channel.
	askedByEach, peopleInChannel = 5, 10
)

// BenchmarkAcknowledge measures how fast bots accept events: from the moment at which Slack sends
// one until its ack, which means that the question is on disk. Slack sends the next event when
// one is acknowledged, so that always as many are unacknowledged. It compares one bot with a file
// and replicas with a PostgreSQL that writes to the disk. The worker may call its agent once an
// hour, so it only queues.
//
// All run in this process and share its cores with Slack and the database: the figures are those
// of the whole.
func BenchmarkAcknowledge(b *testing.B) {
	for _, outstanding := range []int{64, 512} {
		b.Run(fmt.Sprintf("bbolt/outstanding=%d", outstanding), func(b *testing.B) {
			for b.Loop() {
				acknowledge(b, outstanding, func(h *house) func() int64 {
					store, err := storage.OpenBolt(h.path, storage.BoltOptions{})
					if err != nil {
						b.Fatal(err)
					}
					b.Cleanup(h.employ(b, store, zerolog.WarnLevel))
					return nil
				})
			}
		})
		for _, replicas := range []int{1, 2, 4} {
			b.Run(fmt.Sprintf("replicas=%d/outstanding=%d", replicas, outstanding), func(b *testing.B) {
				for b.Loop() {
					acknowledge(b, outstanding, func(h *house) func() int64 { return h.employReplicas(b, replicas) })
				}
			})
		}
	}
}

// acknowledge measures what start starts. That returns how to count round trips to the database;
// nil for none.
func acknowledge(b *testing.B, outstanding int, start func(*house) (trips func() int64)) {
	h := foundation(b, plan{
		slack: slacksandbox.Config{History: 100_000},
		enjo:  enjosandbox.Config{Limits: []enjosandbox.Limit{}},
		bot: func(c *bot.Config) {
			c.Limits = []enjo.Limit{{Calls: 1, Per: time.Hour}}
		},
	})
	channels, askers := h.crowd(acceptedQuestions / askedByEach)
	trips := start(h)
	if trips == nil {
		trips = func() int64 { return 0 }
	}
	before := trips()
	free := h.releasing(outstanding)
	for n := range acceptedQuestions {
		<-free // each question is two events
		<-free
		asker := n % len(askers)
		h.say(channels[asker], askers[asker], slacksandbox.Mention(h.slack.BotUserID())+fmt.Sprintf(" How do I print on printer %d?", n))
	}
	h.await("all acks", func(v slacksandbox.View) bool {
		return len(v.LastTraffic(1)) == 1 && len(measured(v.Traffic())) >= 2*acceptedQuestions
	})
	took := trips() - before
	reportAcks(b, measured(h.slack.Traffic()), took)
}

// crowd adds people and channels to the workspace. It returns the channel and the ID of each.
func (h *house) crowd(people int) (channels, askers []string) {
	for len(askers) < people {
		members := []string{h.slack.BotUserID()}
		for range peopleInChannel {
			members = append(members, h.slack.AddUser(slacksandbox.User{Name: fmt.Sprint("person", len(askers)+len(members))}))
		}
		channel := h.slack.AddChannel(slacksandbox.Channel{Name: fmt.Sprint("help", len(askers)), Members: members})
		for _, asker := range members[1:] {
			channels, askers = append(channels, channel), append(askers, asker)
		}
	}
	return channels, askers
}

// releasing returns a channel with so many places, which gets another one with each ack.
func (h *house) releasing(outstanding int) <-chan struct{} {
	free := make(chan struct{}, 2*acceptedQuestions+outstanding)
	for range outstanding {
		free <- struct{}{}
	}
	changes := h.slack.Watch(h.t.Context())
	go func() {
		sent := make(map[string]bool)
		for change := range changes {
			switch {
			case change.Kind == slacksandbox.Missed:
				panic("the benchmark was too slow for its Slack")
			case change.Kind != slacksandbox.EnvelopeChanged:
			case sent[change.Text]:
				free <- struct{}{}
			default:
				sent[change.Text] = true
			}
		}
	}()
	return free
}

// measured returns the events of a benchmark whose ack has arrived.
func measured(traffic []slacksandbox.Envelope) []slacksandbox.Envelope {
	return slices.DeleteFunc(traffic, func(e slacksandbox.Envelope) bool {
		return e.Inner != "message" && e.Inner != "app_mention" || e.Acked.IsZero()
	})
}

// reportAcks reports the results of a measurement.
func reportAcks(b *testing.B, acked []slacksandbox.Envelope, trips int64) {
	b.Helper()
	var took samples
	first, last := acked[0].Sent, acked[0].Acked
	retried := 0
	for _, e := range acked {
		took = append(took, e.Acked.Sub(e.Sent))
		if e.Acked.After(last) {
			last = e.Acked
		}
		if e.Attempt > 0 {
			retried++
		}
	}
	slices.Sort(took)
	for _, percent := range []int{50, 95, 99} {
		b.ReportMetric(took[len(took)*percent/100].Seconds()*1000, fmt.Sprintf("ms/p%d", percent))
	}
	b.ReportMetric(float64(len(acked))/last.Sub(first).Seconds(), "acks/s")
	b.ReportMetric(float64(trips)/float64(len(acked)), "trips/ack")
	b.ReportMetric(float64(retried), "retries")
	b.ReportMetric(load(), "load")
	b.ReportMetric(0, "ns/op") // it would include the setup
}

// employReplicas starts so many replicas over a new PostgreSQL, which run until the benchmark
// ends, and returns how to count their round trips.
func (h *house) employReplicas(b *testing.B, replicas int) func() int64 {
	b.Helper()
	url := benchDatabase(b, os.TempDir())
	trips := new(pgtest.Trips)
	for range replicas {
		b.Cleanup(h.employ(b, openPostgres(b, url, trips), zerolog.WarnLevel))
	}
	h.await("the sockets", func(v slacksandbox.View) bool { return v.Sockets() == 2*replicas })
	return trips.Count
}

// benchDatabase starts a PostgreSQL with its data below a directory, and returns the URL of a
// database.
func benchDatabase(b *testing.B, parent string) string {
	b.Helper()
	pgtest.Require(b)
	server, err := pgtest.Start(parent)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(server.Stop)
	url, err := server.CreateDatabase("bench")
	if err != nil {
		b.Fatal(err)
	}
	return url
}

// openPostgres opens a store that counts its round trips.
func openPostgres(b *testing.B, url string, trips *pgtest.Trips) storage.Store {
	b.Helper()
	store, err := postgres.Open(b.Context(), url, postgres.Options{Tracer: trips})
	if err != nil {
		b.Fatal(err)
	}
	return store
}

// employ runs a bot with a store, and waits until it listens. The function that it returns stops
// the bot and closes the store.
func (h *house) employ(b *testing.B, store storage.Store, level zerolog.Level) (stop func()) {
	b.Helper()
	agent, err := enjo.New(enjo.Config{BaseURL: h.agent, Token: h.enjo.Token(), Version: "test", Timeout: time.Minute})
	if err != nil {
		b.Fatal(err)
	}
	config := bot.Config{
		SlackAPIURL: h.slack.APIURL(), SlackAppToken: h.slack.AppToken(), SlackBotToken: h.slack.BotToken(), AgentView: true,
		Agents: []bot.Agent{{Name: "default", BotID: h.enjo.BotID()}},
	}
	h.config(&config)
	bridge, err := bot.New(config, store, agent, zerolog.New(h.log).Level(level))
	if err != nil {
		b.Fatal(err)
	}
	before := h.slack.Sockets()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- bridge.Run(ctx) }()
	h.await("the bot to listen", func(v slacksandbox.View) bool { return v.Sockets() > before })
	return func() {
		cancel()
		if err := <-ended; err != nil {
			b.Errorf("the bot ended with %v", err)
		}
		agent.Close()
		if err := store.Close(); err != nil {
			b.Error(err)
		}
	}
}
