package intake

import (
	"github.com/prometheus/client_golang/prometheus"

	"enjobridge/bot/telemetry"
)

// kinds are the decisions that there are, by action.
var kinds = map[action][]reason{
	actionAsk: {reasonMentioned, reasonFollowUp, reasonDirect},
	actionIgnore: {
		reasonMalformed, reasonSubtype, reasonOwn, reasonOtherBot, reasonBotLoop, reasonNotAddressed, reasonToAnother,
		reasonHasNotAsked, reasonMuted, reasonDecided,
	},
	actionRefuse: {
		reasonMalformed, reasonOutsider, reasonUnverified, reasonChannelNotAllowed, reasonUserNotAllowed, reasonNoText, reasonFilesOnly,
		reasonNothingToStop, reasonStale, reasonTooManyOfAsker, reasonTooMany, reasonDailyLimit,
	},
	actionReact:   {reasonThanks, reasonDailyLimit},
	actionStop:    {reasonStop},
	actionMute:    {reasonNothingToStop},
	actionCommand: {reasonCommand},
	actionWait:    {reasonUnverified},
}

// newDecisions registers the counter of decisions.
func newDecisions(r *telemetry.Registry) *prometheus.CounterVec {
	decisions := r.Counter("decisions_total", "Messages by what was decided about them, and why.", "action", "reason")
	for action, reasons := range kinds {
		for _, reason := range reasons {
			decisions.WithLabelValues(string(action), string(reason))
		}
	}
	return decisions
}
