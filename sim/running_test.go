package sim_test

import (
	"slices"
	"sync"
)

// runningInstances are the instances that run: one, or several replicas. A crashed one is
// among them until its store is taken.
type runningInstances struct {
	mu  sync.Mutex
	has []*instance
}

// Load returns an instance; nil while none runs.
func (r *runningInstances) Load() *instance {
	all := r.all()
	for _, l := range all {
		if !l.crashed() {
			return l
		}
	}
	if len(all) > 0 {
		return all[0]
	}
	return nil
}

// all returns all instances in the order of their start.
func (r *runningInstances) all() []*instance {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.has)
}

// between returns the instance that is one of two hosts; nil if neither is one that runs.
func (r *runningInstances) between(from, to string) *instance {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, l := range r.has {
		if l.host == from || l.host == to {
			return l
		}
	}
	return nil
}

func (r *runningInstances) add(l *instance) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.has = append(r.has, l)
}

func (r *runningInstances) remove(l *instance) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.has = slices.DeleteFunc(r.has, func(other *instance) bool { return other == l })
}

// one returns the instance that something happens to: of several replicas the one with the
// lease half of the time. nil if none runs.
func (w *world) one() *instance {
	if w.shared == nil {
		return w.instance.Load()
	}
	running := slices.DeleteFunc(w.instance.all(), func(l *instance) bool { return l.crashed() || l.stopping.Load() })
	if len(running) == 0 {
		return nil
	}
	if holder := w.shared.holder(); slices.Contains(running, holder) && w.random.IntN(2) == 0 {
		return holder
	}
	return one(w.random, running)
}
