package bot

import (
	"context"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"enjobridge/enjo"
	"enjobridge/storage"
)

// metrics are the figures that the bot counts. Their labels are what this
// program and the two APIs call things; none names a person, a channel or a
// question. docs/operations.md says what each figure tells.
type metrics struct {
	registry *prometheus.Registry

	envelopes    *prometheus.CounterVec // type
	unacked      *prometheus.CounterVec // cause
	verdicts     *prometheus.CounterVec // action, reason
	ended        *prometheus.CounterVec // end
	interactions *prometheus.CounterVec // control, outcome
	feedback     *prometheus.CounterVec // opinion
	answerTime   prometheus.Observer
	enjoTime     *prometheus.HistogramVec // code
	slackCalls   *prometheus.CounterVec   // method, error
	storeErrors  *prometheus.CounterVec   // operation
	socketsLive  prometheus.Gauge
	socketsOpen  prometheus.Counter
	socketEnds   *prometheus.CounterVec // cause
	socketFaults prometheus.Counter
	ghosts       prometheus.Gauge
}

// The bounds of the histograms, in seconds. An answer can wait in line for minutes.
var (
	callBounds   = []float64{0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60}
	answerBounds = []float64{0.5, 1, 2, 4, 8, 15, 30, 60, 120, 300, 900, 3600}
)

func newMetrics(store storage.Store) *metrics {
	r := prometheus.NewRegistry()
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "enjobridge", Name: name, Help: help}, labels)
		r.MustRegister(c)
		return c
	}
	gauge := func(name, help string) prometheus.Gauge {
		g := prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "enjobridge", Name: name, Help: help})
		r.MustRegister(g)
		return g
	}
	histogram := func(name, help string, bounds []float64, labels ...string) *prometheus.HistogramVec {
		h := prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: "enjobridge", Name: name, Help: help, Buckets: bounds}, labels)
		r.MustRegister(h)
		return h
	}
	r.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		&backlog{store: store, now: time.Now},
	)
	return &metrics{
		registry:     r,
		envelopes:    counter("envelopes_total", "Envelopes that Slack sent, by type.", "type"),
		unacked:      counter("envelopes_unacked_total", "Envelopes that were not acknowledged, so that Slack sends them again, by cause.", "cause"),
		verdicts:     counter("verdicts_total", "Messages by what was decided about them, and why.", "action", "reason"),
		interactions: counter("interactions_total", "Presses, modals, commands and openings of the home tab, by what became of them: done, refused, failed.", "control", "outcome"),
		feedback:     counter("feedback_total", "What people think of answers: good or bad.", "opinion"),
		ended:        counter("questions_ended_total", "Questions by how they ended.", "end"),
		answerTime:   histogram("answer_seconds", "Time from the acceptance of a question to the post that ended it.", answerBounds).WithLabelValues(),
		enjoTime:     histogram("enjo_call_seconds", "Calls of the Enjo API, by the code of the error; ok if there was none.", callBounds, "code"),
		slackCalls:   counter("slack_calls_total", "Calls of Slack's Web API, by method and error; ok if there was none.", "method", "error"),
		storeErrors:  counter("store_errors_total", "Operations that the store could not do, by operation.", "operation"),
		socketsLive:  gauge("sockets_live", "Socket Mode connections that events can come through now."),
		socketsOpen:  counter("sockets_opened_total", "Socket Mode connections that were opened.").WithLabelValues(),
		socketEnds:   counter("sockets_ended_total", "Socket Mode connections that ended, by cause.", "cause"),
		socketFaults: counter("socket_failures_total", "Attempts to open a Socket Mode connection that failed.").WithLabelValues(),
		ghosts:       gauge("socket_ghosts", "Connections that Slack counts for the app and this process does not hold."),
	}
}

// handler serves the figures in the format of Prometheus.
func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorHandling:       promhttp.ContinueOnError, // a store that cannot be read hides no other figure
		MaxRequestsInFlight: 4,
	})
}

// calledEnjo counts a call of the Enjo API.
func (m *metrics) calledEnjo(took time.Duration, err error) {
	code := string(enjo.CodeOf(err))
	switch {
	case err == nil:
		code = "ok"
	case code == "":
		code = "cancelled"
	}
	m.enjoTime.WithLabelValues(code).Observe(took.Seconds())
}

// questionEnded counts a question that has ended in a state, some time after it
// was accepted.
func (m *metrics) questionEnded(end storage.State, after time.Duration) {
	m.ended.WithLabelValues(string(end)).Inc()
	if end == storage.Delivered || end == storage.Failed {
		m.answerTime.Observe(after.Seconds())
	}
}

// backlog tells, whenever it is asked, how many questions have not ended. It
// asks the store, so that a restart does not forget any.
type backlog struct {
	store storage.Store
	now   func() time.Time
}

var (
	backlogQuestions = prometheus.NewDesc("enjobridge_questions_unfinished", "Questions that have not ended, by state: queued ones wait in line, asking ones are at work.", []string{"state"}, nil)
	backlogOldest    = prometheus.NewDesc("enjobridge_oldest_question_seconds", "Age of the oldest question that has not ended; 0 if there is none.", nil, nil)
)

// Describe implements [prometheus.Collector].
func (b *backlog) Describe(descs chan<- *prometheus.Desc) {
	descs <- backlogQuestions
	descs <- backlogOldest
}

// Collect implements [prometheus.Collector].
func (b *backlog) Collect(figures chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	count, err := b.store.Backlog(ctx)
	if err != nil {
		figures <- prometheus.NewInvalidMetric(backlogQuestions, err)
		return
	}
	for state, n := range map[storage.State]int{
		storage.Queued: count.Queued, storage.Asking: count.Asking, storage.Answered: count.Answered,
	} {
		figures <- prometheus.MustNewConstMetric(backlogQuestions, prometheus.GaugeValue, float64(n), string(state))
	}
	age := 0.0
	if !count.Oldest.IsZero() {
		age = max(0, b.now().Sub(count.Oldest).Seconds())
	}
	figures <- prometheus.MustNewConstMetric(backlogOldest, prometheus.GaugeValue, age)
}
