package main

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/mattn/go-isatty"
	"github.com/rs/zerolog"

	"enjobridge/bot"
	"enjobridge/internal/settings"
)

// logLevel is the level of a log, which can change while the log is in use. As a sampler it
// drops events before their fields are built. The zero value is debug.
type logLevel struct{ level atomic.Int32 }

func newLogLevel(level zerolog.Level) *logLevel {
	l := &logLevel{}
	l.set(level)
	return l
}

func (l *logLevel) set(level zerolog.Level) { l.level.Store(int32(level)) }

// Sample reports whether an event is logged.
func (l *logLevel) Sample(level zerolog.Level) bool { return level >= zerolog.Level(l.level.Load()) }

// reloader reads the settings again when the process gets SIGHUP, and has the bot use them.
// The zero value never does.
type reloader struct {
	config   settings.Config // in use, or waiting for the next start
	level    *logLevel
	hangups  chan os.Signal
	terminal *os.File // the log's; nil if the log is not on a terminal
	stop     func()   // ends the bot
	apply    func(settings.Config) error
	log      zerolog.Logger
}

// newReloader returns a reloader that gets the signals from now on, until it is closed.
func newReloader(config settings.Config, level *logLevel, terminal *os.File, stop func()) *reloader {
	r := &reloader{config: config, level: level, hangups: make(chan os.Signal, 1), terminal: terminal, stop: stop}
	signal.Notify(r.hangups, syscall.SIGHUP)
	return r
}

func (r *reloader) close() { signal.Stop(r.hangups) }

// start has the bot use changed settings, with apply, until end is called.
func (r *reloader) start(apply func(settings.Config) error, log zerolog.Logger) (end func()) {
	r.apply, r.log = apply, log
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { r.run(ctx) })
	return func() { cancel(); running.Wait() }
}

func (r *reloader) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.hangups:
		}
		// A person who closes a terminal wants its programs to end.
		if r.terminal != nil && !isatty.IsTerminal(r.terminal.Fd()) {
			r.stop()
			return
		}
		r.reload()
	}
}

// reload reads the settings again, and logs what has changed.
func (r *reloader) reload() {
	config, changes, err := settings.Reread(r.config)
	if err != nil {
		r.log.Error().Err(err).Msg("main: settings not re-read, the previous ones stay in use")
		return
	}
	// The lines below are logged if one of the two levels allows it.
	r.level.set(min(r.config.LogLevel, config.LogLevel))
	defer r.level.set(config.LogLevel)
	r.config = config
	if err := r.apply(config); err != nil {
		r.log.Error().Err(err).Msg("main: using the new settings failed")
		return
	}
	logWarnings(r.log)
	if len(changes.Restart) > 0 {
		r.log.Warn().Strs("settings", changes.Restart).Msg("settings: changed, but needs a restart")
	}
	r.log.Info().Strs("changed", changes.Live).Msg("main: settings re-read")
}

// secretsOf returns the secrets of the settings that a running bot can use.
func secretsOf(c settings.Config) bot.Secrets {
	secrets := c.Bot.Secrets()
	secrets.EnjoToken = c.Enjo.Token
	return secrets
}

// logWarnings logs what is risky in how the settings are stored.
func logWarnings(log zerolog.Logger) {
	for _, warning := range settings.Warnings() {
		log.Warn().Msg("settings: " + warning)
	}
}
