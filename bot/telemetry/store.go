package telemetry

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"enjobridge/storage"
)

// storeWrites are the store's operations that write. True stands for those that
// have certainly written something when they succeed; a transaction that wrote
// nothing proves nothing about the disk.
var storeWrites = map[string]bool{
	"accept": false, "once": false, "first_time_since": false, "renew": false, "forget": false, "forget_person": false, "stop_thread": false, "mute_once": false,
	"tally": true, "claim": true, "requeue": true, "edit": true, "settle": true, "end": true, "probe": true,
	"set_muted": true, "set_swept": true, "tell_ticket": true, "set_card": true, "set_feedback": true, "set_preferences": true,
	"record_copies": true, "set_token": true,
}

// setAsideHint tells an operator what to do about a damaged record.
const setAsideHint = "the bot works without the record, whose content is preserved: check the disk, stop enjobridge and run check-store"

// WatchStore registers the metrics of a store, counts its failed operations, logs which
// damaged records were set aside, and reports to health whether the store takes writes.
func WatchStore(store storage.Store, r *Registry, h *Health, log zerolog.Logger) {
	r.registry.MustRegister(&backlog{store: store, now: time.Now})
	store.Observe(storeHook(r, h, log))
}

// storeHook returns the function that the store reports its operations to.
func storeHook(r *Registry, h *Health, log zerolog.Logger) func(op string, took time.Duration, err error) {
	failures := r.Counter("store_errors_total", "Store operations that failed, by operation.", "operation")
	Preset(failures.MetricVec, append(slices.Collect(maps.Values(storage.Operations())), storage.OperationSetAside))
	return func(op string, _ time.Duration, err error) {
		wrote, writes := storeWrites[op]
		failed := storeFailed(err)
		if failed {
			failures.WithLabelValues(op).Inc()
		}
		if aside := new(storage.SetAsideError); errors.As(err, &aside) {
			log.Error().Str("bucket", aside.Bucket).Str("record", aside.Record).Str("hint", setAsideHint).Msg("storage: a damaged record was set aside")
		}
		if writes && failed || wrote && err == nil {
			h.StoreWrote(err)
		}
	}
}

// storeFailed reports whether an error says that the store could not be used: a
// record that does not exist or is in another state is no failure of the store.
func storeFailed(err error) bool {
	for _, answer := range []error{
		nil, context.Canceled, context.DeadlineExceeded, storage.ErrNotFound, storage.ErrState, storage.ErrBadID, storage.ErrLeaseHeld, storage.ErrLeaseLost,
	} {
		if errors.Is(err, answer) {
			return false
		}
	}
	return true
}

// backlog reports how many questions have not ended. It asks the store, so that
// they count after a restart, too.
type backlog struct {
	store storage.Store
	now   func() time.Time
}

var (
	backlogQuestions = prometheus.NewDesc("enjobridge_questions_unfinished",
		"Questions that have not ended, by state: queued ones wait for their turn, asking ones are with the agent.", []string{"state"}, nil)
	backlogOldest = prometheus.NewDesc("enjobridge_oldest_question_seconds", "Age of the oldest question that has not ended; 0 if there is none.", nil, nil)
)

// Describe implements [prometheus.Collector].
func (b *backlog) Describe(descs chan<- *prometheus.Desc) {
	descs <- backlogQuestions
	descs <- backlogOldest
}

// Collect implements [prometheus.Collector].
func (b *backlog) Collect(metrics chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	count, err := b.store.Backlog(ctx)
	if err != nil {
		metrics <- prometheus.NewInvalidMetric(backlogQuestions, err)
		return
	}
	for state, n := range map[storage.State]int{
		storage.Queued: count.Queued, storage.Asking: count.Asking, storage.Answered: count.Answered,
	} {
		metrics <- prometheus.MustNewConstMetric(backlogQuestions, prometheus.GaugeValue, float64(n), string(state))
	}
	age := 0.0
	if !count.Oldest.IsZero() {
		age = max(0, b.now().Sub(count.Oldest).Seconds())
	}
	metrics <- prometheus.MustNewConstMetric(backlogOldest, prometheus.GaugeValue, age)
}
