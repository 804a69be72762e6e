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

// life is one process of the bot: from its start to its death, or to its end in
// peace. A life that is over is fenced: its connections are broken, its dials
// fail and its store answers with errors, whatever its goroutines still try.
type instance struct {
	world  *world
	number int
	host   string // its name on the network
	path   string // its store
	bot    *bot.Bot
	store  *storage.Bolt // for the judge alone

	isCrashed atomic.Bool
	cancel    context.CancelFunc
	ended     chan error  // what Run returned, once the store is closed
	closed    atomic.Bool // whether it is
}

// dead reports whether the life has died.
func (l *instance) crashed() bool { return l.isCrashed.Load() }

// die ends the life as SIGKILL would. It can be called from within the bot.
func (l *instance) crash(where string) {
	if l.isCrashed.Swap(true) {
		return
	}
	w := l.world
	w.trace.add("%s dies %s", l.host, where)
	w.seen.note("life dies")
	mine := func(from, _ string) bool { return from == l.host }
	if mix(w.seed^uint64(l.number))%2 == 0 {
		w.net.Crash(mine)
	} else {
		// Of a process that had not read all it was sent, nothing arrives any more.
		w.net.Reset(mine)
	}
	l.cancel()
	w.crashes <- l
}

// start starts a life with the store that the one before left.
func (w *world) start() error {
	if !w.disk.openable() {
		w.seen.note("store locked")
		return storage.ErrInUse
	}
	w.instances++
	l := &instance{world: w, number: w.instances, host: fmt.Sprint("bot", w.instances), path: filepath.Join(w.dir, fmt.Sprintf("life%d.db", w.instances))}
	if w.leftStore != "" {
		if err := os.Rename(w.leftStore, l.path); err != nil {
			return err
		}
	}
	bolt, err := storage.OpenBolt(l.path, storage.BoltOptions{})
	if err != nil {
		return err
	}
	dial := w.net.Host(l.host)
	agent, err := enjo.New(enjo.Config{BaseURL: w.enjo.URL(), Token: w.enjo.Token(), Version: "sim", Dial: dial})
	if err != nil {
		return errors.Join(err, bolt.Close())
	}
	l.store = bolt
	config := bot.Config{
		SlackAPIURL: w.slack.APIURL(), SlackAppToken: w.slack.AppToken(), SlackBotToken: w.slack.BotToken(),
		Dial: dial, Random: w.jitter,
		AgentView: true, Agents: []bot.Agent{{Name: "default", BotID: w.enjo.BotID()}},
		Limits: published, Jitter: margin,
		EscalateTo:          []string{w.crowd.people[0]},
		TicketWebhookSecret: webhookSecret,
		Retention:           w.retention,
	}
	log := zerolog.New(w.log).Level(zerolog.InfoLevel).With().Str("life", l.host).Logger()
	kept := &instanceStore{instance: l, Store: steppedStore{bolt, w.steps}}
	if l.bot, err = bot.New(config, kept, agent, log); err != nil {
		return errors.Join(err, bolt.Close())
	}
	var ctx context.Context
	ctx, l.cancel = context.WithCancel(context.Background())
	l.ended = make(chan error, 1)
	w.trace.add("%s starts", l.host)
	w.instance.Store(l)
	w.running.Go(func() {
		err := l.bot.Run(ctx)
		agent.Close()
		if l.crashed() {
			err = errors.Join(err, bolt.Close())
		} else {
			err = errors.Join(err, kept.Close())
		}
		l.closed.Store(true)
		w.trace.add("%s has ended: %v", l.host, err)
		l.ended <- err
		w.exits <- l
	})
	return nil
}

// stop asks the present life to end, as SIGTERM would.
func (w *world) stop() {
	l := w.instance.Load()
	if l == nil {
		return
	}
	w.trace.add("%s is asked to stop", l.host)
	w.seen.note("life stops")
	l.cancel()
}

// bury takes what a life left as what the next one starts with, and judges it.
// It is called at the instant of the death, when all goroutines have come to rest.
func (w *world) takeStore(l *instance) {
	w.instance.CompareAndSwap(l, nil)
	w.leftStore = filepath.Join(w.dir, fmt.Sprintf("left%d.db", l.number))
	if err := l.writeStore(w.leftStore); err != nil {
		w.t.Fatal(err)
	}
	w.judge.judgeStore(w.leftStore)
}

// leave puts the store as it is now at a path. What the dead still write is not in it.
func (l *instance) writeStore(path string) error {
	if l.closed.Load() {
		return os.Rename(l.path, path)
	}
	out, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = l.store.Backup(context.Background(), out)
	return errors.Join(err, out.Close())
}

// jitter is the bot's randomness: a hash of the seed and the time, so that it does
// not depend on which of several goroutines asks first.
func (w *world) jitter(n int64) int64 {
	return int64(mix(w.seed^mix(uint64(time.Since(w.trace.begin))^uint64(n))) % uint64(n))
}
