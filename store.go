package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/bot/backoff"
	"enjobridge/internal/ops"
	"enjobridge/internal/settings"
	"enjobridge/storage"
	"enjobridge/storage/postgres"
)

// openStore opens the store of the settings, and migrates it if it is of an older version. It
// calls waits with the reason each time that it has to wait for a database.
func openStore(ctx context.Context, s settings.Storage, waits func(reason string) error, log zerolog.Logger) (storage.Store, error) {
	if s.IsDatabase() {
		return openDatabase(ctx, s, waits, log)
	}
	return storage.OpenBolt(s.File, storage.BoltOptions{Migrated: func(m storage.Migration) {
		log.Info().Int("from", m.From).Int("to", m.To).Str("backup", m.Backup).Msg("storage: store migrated")
	}})
}

// retryDatabase is how long to wait for a database that is not there.
var retryDatabase = backoff.Exponential(rand.Int64N, time.Second, 10*time.Second)

// openDatabase opens the store in a database. While there is no connection, it tries again.
func openDatabase(ctx context.Context, s settings.Storage, waits func(reason string) error, log zerolog.Logger) (storage.Store, error) {
	options := postgres.Options{ListenURL: s.ListenURL(), Migrated: func(from, to int) {
		log.Info().Int("from", from).Int("to", to).Stringer("store", s).Msg("storage: schema of the database migrated")
	}}
	for attempt := 1; ; attempt++ {
		store, err := postgres.Open(ctx, s.URL(), options)
		switch {
		case err == nil:
			return store, nil
		case ctx.Err() != nil:
			return nil, context.Cause(ctx)
		}
		fix, err := postgres.Diagnose(err)
		if _, refused := errors.AsType[*postgres.RefusedError](err); refused {
			return nil, err
		}
		if err := waits("no connection to the database: " + fix); err != nil {
			return nil, err
		}
		wait := retryDatabase(attempt)
		log.Error().Err(err).Str("hint", fix).Stringer("store", s).Float64("wait_seconds", wait.Seconds()).
			Msg("storage: no connection to the database, trying again")
		if err := backoff.Sleep(ctx, wait); err != nil {
			return nil, err
		}
	}
}

// copied returns the store for backups; nil for one in a database, which has its own.
func copied(store storage.Store) ops.Store {
	if file, ok := store.(*storage.Bolt); ok {
		return file
	}
	return nil
}
