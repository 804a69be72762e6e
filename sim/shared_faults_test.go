package sim_test

import (
	"slices"
	"time"
)

// sharedFaults returns the faults that only replicas and their database have.
func sharedFaults() []fault {
	some := func(name string, do func(w *world, l *instance) (end func())) fault {
		return fault{"replica: " + name, func(w *world, _ int) func() {
			l := w.one()
			if l == nil {
				return nil
			}
			w.trace.add("%s: %s", l.host, name)
			w.seen.note("replica: " + name)
			return do(w, l)
		}}
	}
	database := func(name string, begin, end func(*shared), most time.Duration) fault {
		return fault{"database: " + name, func(w *world, _ int) func() {
			w.seen.note("database: " + name)
			w.shared.set(begin)
			w.later(w.upTo(most), "end of database: "+name, func() { w.shared.set(end) })
			return nil
		}}
	}
	atCall := func(name string, do func(*instance, time.Duration)) fault {
		return fault{"replica: " + name, func(w *world, _ int) func() {
			call := one(w.random, []string{"enjo", "chat.postMessage", "chat.postMessage", "chat.update", "conversations.replies"})
			length := 5*time.Second + w.upTo(35*time.Second)
			w.shared.set(func(s *shared) {
				s.atCall, s.then = call, func(l *instance) {
					w.trace.add("%s: %s %s", l.host, name, call)
					w.seen.note("replica: " + name)
					do(l, length)
				}
			})
			return nil
		}}
	}
	return []fault{
		some("frozen", func(w *world, l *instance) func() {
			l.away.freeze(5*time.Second + w.upTo(35*time.Second))
			return nil
		}),
		atCall("frozen while it calls", func(l *instance, d time.Duration) { l.away.freeze(d) }),
		atCall("cut off from the database while it calls", func(l *instance, d time.Duration) { l.away.cutOff(d) }),
		some("frozen, then killed", func(w *world, l *instance) func() {
			l.away.freeze(5*time.Second + w.upTo(35*time.Second))
			return func() {
				if slices.Contains(w.instance.all(), l) {
					l.crash("frozen")
				}
			}
		}),
		some("cut off from the database", func(w *world, l *instance) func() {
			l.away.cutOff(w.upTo(time.Minute))
			return nil
		}),
		some("cut off from Slack", func(w *world, l *instance) func() {
			return w.faultyNet.inject(&networkFault{kind: netBlackHole, host: "slack", of: l.host, left: -1})
		}),
		some("cut off from the agent", func(w *world, l *instance) func() {
			return w.faultyNet.inject(&networkFault{kind: netBlackHole, host: "enjo", of: l.host, left: -1})
		}),
		some("killed", func(_ *world, l *instance) func() {
			l.crash("killed")
			return nil
		}),
		database("down", func(s *shared) { s.down = true }, func(s *shared) { s.down = false }, time.Minute),
		database("wakes nobody", func(s *shared) { s.deaf = true }, func(s *shared) { s.deaf = false }, 10*time.Minute),
		{"replicas: restarted one after the other", func(w *world, _ int) func() {
			for n, l := range w.instance.all() {
				w.later(time.Duration(n)*(5*time.Second+w.upTo(20*time.Second)), l.host+" is restarted", func() {
					if slices.Contains(w.instance.all(), l) && !l.crashed() && !l.stopping.Load() {
						l.stop()
					}
				})
			}
			w.seen.note("replicas: restarted one after the other")
			return nil
		}},
		{"replicas: all killed", func(w *world, _ int) func() {
			for _, l := range w.instance.all() {
				l.crash("killed with all others")
			}
			w.seen.note("replicas: all killed")
			return nil
		}},
	}
}
