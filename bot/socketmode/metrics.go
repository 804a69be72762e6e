package socketmode

import (
	"github.com/prometheus/client_golang/prometheus"

	"enjobridge/bot/telemetry"
)

type metrics struct {
	envelopes   *prometheus.CounterVec // type
	live        prometheus.Gauge
	opened      prometheus.Counter
	ended       *prometheus.CounterVec // cause
	failures    prometheus.Counter
	unaccounted prometheus.Gauge
}

func newMetrics(r *telemetry.Registry) *metrics {
	m := &metrics{
		envelopes:   r.Counter("envelopes_total", "Envelopes that Slack sent, by type.", "type"),
		live:        r.Gauge("sockets_live", "Socket Mode connections that are open."),
		opened:      r.Counter("sockets_opened_total", "Socket Mode connections opened.").WithLabelValues(),
		ended:       r.Counter("sockets_ended_total", "Socket Mode connections that ended, by cause.", "cause"),
		failures:    r.Counter("socket_failures_total", "Attempts to open a Socket Mode connection that failed.").WithLabelValues(),
		unaccounted: r.Gauge("sockets_unaccounted", "Connections that Slack counts for the app and this process does not hold."),
	}
	telemetry.Preset(m.envelopes.MetricVec, []string{"events_api", "interactive", "slash_commands", "other"})
	telemetry.Preset(m.ended.MetricVec, []string{
		endSilent, endClosed, endCut, endAck, endRenewed, endStopped, endNotOurs, endPanicked, // and Slack's
		"warning", "refresh_requested", "link_disabled", "too_many_websockets",
	})
	return m
}
