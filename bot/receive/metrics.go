package receive

import (
	"github.com/prometheus/client_golang/prometheus"

	"enjobridge/bot/telemetry"
)

// The causes for which an envelope is not acknowledged.
const (
	causeStore    = "store"    // the store failed
	causeSocket   = "socket"   // the socket failed
	causeOverload = "overload" // too many events wait
	causeIdentity = "identity" // Slack has not said in time where a person belongs
)

// newUnacked registers the counter of envelopes that were not acknowledged.
func newUnacked(r *telemetry.Registry) *prometheus.CounterVec {
	unacked := r.Counter("envelopes_unacked_total", "Envelopes that were not acknowledged, so that Slack sends them again, by cause.", "cause")
	telemetry.Preset(unacked.MetricVec, []string{causeStore, causeSocket, causeOverload, causeIdentity})
	return unacked
}
