package sim_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/bot"
	"enjobridge/enjo"
	"enjobridge/storage"
)

// instance is one simulated process of the bot, from its start to its crash or its clean
// exit. A crashed instance is fenced: its connections are broken, its dials fail and its
// store returns errors, so that its remaining goroutines have no effect.
type instance struct {
	world  *world
	number int
	host   string // its name on the network
	path   string // the file of its store
	bot    *bot.Bot
	store  *storage.Bolt // for the judge only
	away   away

	refreshes  refreshes
	isCrashed  atomic.Bool
	stopping   atomic.Bool // it was asked to end
	registered atomic.Bool // as a replica
	cancel     context.CancelFunc
	closeStore func() error
	ended      chan error  // the result of Run, sent after the store is closed
	closed     atomic.Bool // whether the store is closed
}

// crashed reports whether the instance has crashed.
func (l *instance) crashed() bool { return l.isCrashed.Load() }

// crash ends the instance like SIGKILL. Goroutines of the bot may call it.
func (l *instance) crash(where string) {
	if l.isCrashed.Swap(true) {
		return
	}
	w := l.world
	frozen := l.away.isAway() // what it has sent is still at its machine
	l.away.end()
	if w.shared != nil {
		_ = l.closeStore() // nothing more reaches the database
	}
	w.trace.add("%s crashes %s", l.host, where)
	w.seen.note("instance crashes")
	own := func(from, _ string) bool { return from == l.host }
	if mix(w.seed^uint64(l.number))%2 == 0 && !frozen {
		w.net.Crash(own)
	} else {
		// A process with unread data resets its connections, so that data in flight is lost.
		w.net.Reset(own)
	}
	l.cancel()
	w.crashes <- l
}

// start starts an instance with the store of the previous one.
func (w *world) start() error {
	if !w.disk.openable() {
		w.seen.note("store locked")
		return storage.ErrInUse
	}
	w.instances++
	l := &instance{world: w, number: w.instances, host: fmt.Sprint("bot", w.instances), path: filepath.Join(w.dir, fmt.Sprintf("instance%d.db", w.instances))}
	store, err := w.openStore(l)
	if err != nil {
		return err
	}
	dial := w.net.Host(l.host)
	agent, err := enjo.New(enjo.Config{BaseURL: w.enjo.URL(), Token: w.enjo.Token(), Version: "sim", Dial: dial})
	if err != nil {
		return errors.Join(err, l.closeStore())
	}
	config := bot.Config{
		SlackAPIURL: w.slack.APIURL(),
		Dial:        dial, Random: l.jitter,
		AgentView: true, Agents: []bot.Agent{{Name: "default", BotID: w.enjo.BotID()}},
		Limits: published, Jitter: margin, Welcome: true,
		EscalateTo:          []string{w.crowd.people[0]},
		TicketWebhookSecret: webhookSecret,
		Retention:           w.retention,
	}
	setSecrets(&config, w.secrets)
	log := zerolog.New(w.log).Level(zerolog.InfoLevel).With().Str("instance", l.host).Logger()
	if l.bot, err = bot.New(config, store, agent, log); err != nil {
		return errors.Join(err, l.closeStore())
	}
	var ctx context.Context
	ctx, l.cancel = context.WithCancel(context.Background())
	l.ended = make(chan error, 1)
	w.trace.add("%s starts", l.host)
	w.instance.add(l)
	w.running.Go(func() {
		err := l.bot.Run(ctx)
		agent.Close()
		if l.crashed() {
			err = errors.Join(err, l.closeStore())
		} else {
			err = errors.Join(err, store.Close())
		}
		l.closed.Store(true)
		w.trace.add("%s has ended: %v", l.host, err)
		l.ended <- err
		w.exits <- l
	})
	return nil
}

// openStore opens the store of an instance: that of the previous one, or the database that it
// shares with others.
func (w *world) openStore(l *instance) (storage.Store, error) {
	if w.shared != nil {
		return w.shared.connect(l), nil
	}
	if w.leftStore != "" {
		if err := os.Rename(w.leftStore, l.path); err != nil {
			return nil, err
		}
	}
	bolt, err := storage.OpenBolt(l.path, storage.BoltOptions{})
	if err != nil {
		return nil, err
	}
	l.store, l.closeStore = bolt, bolt.Close
	return &instanceStore{instance: l, Store: steppedStore{bolt, w.steps}}, nil
}

// stop asks the current instance to end, like SIGTERM.
func (w *world) stop() {
	l := w.one()
	if l == nil {
		return
	}
	l.stop()
}

// stop asks the instance to end, like SIGTERM.
func (l *instance) stop() {
	w := l.world
	l.stopping.Store(true)
	w.trace.add("%s is asked to stop", l.host)
	w.seen.note("instance stops")
	l.cancel()
}

// takeStore takes the store of an ended instance for the next one, and judges it. It is
// called at the moment of a crash, when all goroutines are blocked.
func (w *world) takeStore(l *instance) {
	w.instance.remove(l)
	w.leftStore = filepath.Join(w.dir, fmt.Sprintf("left%d.db", l.number))
	if err := l.writeStore(w.leftStore); err != nil {
		w.t.Fatal(err)
	}
	w.judge.judgeStore(w.leftStore)
	if w.shared != nil {
		_ = os.Remove(w.leftStore) // the database goes on
	}
}

// writeStore writes a snapshot of the store to a path. It contains no later writes.
func (l *instance) writeStore(path string) error {
	if l.closed.Load() && l.world.shared == nil {
		return os.Rename(l.path, path)
	}
	out, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = l.store.Backup(context.Background(), out)
	return errors.Join(err, out.Close())
}

// jitter is the random source of an instance. Replicas have different ones.
func (l *instance) jitter(n int64) int64 {
	if l.world.shared == nil {
		return l.world.jitter(n)
	}
	return int64(mix(uint64(l.world.jitter(1<<62))+uint64(l.number)) % uint64(n))
}

// jitter is the bot's random source: a hash of the seed and the time, so that the result
// does not depend on the order of the goroutines that call it.
func (w *world) jitter(n int64) int64 {
	return int64(mix(w.seed^mix(uint64(time.Since(w.trace.begin))^uint64(n))) % uint64(n))
}
