package sim_test

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"time"

	slacksandbox "enjobridge/sandbox/slack"
)

const (
	// longestLapse is how long nobody may work although a replica could.
	longestLapse = 15 * time.Second
	// lateAfter is how long after a lease that was not released what its holder has sent may
	// arrive.
	lateAfter = time.Minute
	// mostSockets is how many connections the replicas have together at most.
	mostSockets = 9
	// mostOrphans is how many questions may be found by looking through the store: faults of the
	// database can hold announcements up.
	mostOrphans = 10
)

// latePost is noted when a part of an outcome was posted twice, because one of the posts was
// on its way when its replica lost the lease.
const latePost = "a late post is deleted"

// watch judges the lease and the connections until ctx ends.
func (s *shared) watch(ctx context.Context) {
	ticker := time.NewTicker(250 * time.Millisecond)
	defer ticker.Stop()
	var since time.Time // when a replica that could work began to wait for the lease
	for {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		if n := s.world.slack.Sockets() - s.world.unaccounted(); n > mostSockets {
			s.world.judge.report("the replicas have %d connections", n)
		}
		switch holder := s.holder(); {
		case holder != nil && !holder.crashed() && !holder.away.isAway() || !s.anyAble():
			since = time.Time{}
		case since.IsZero() || s.takenAfter(since):
			since = time.Now()
		case time.Since(since) > longestLapse:
			s.world.judge.report("nobody has worked for %v although a replica could", time.Since(since))
			since = time.Now()
		}
	}
}

// takenAfter reports whether a replica has taken the lease over since a time.
func (s *shared) takenAfter(since time.Time) bool {
	return slices.ContainsFunc(s.takeOvers(), since.Before)
}

// judgeAnnouncements checks that the holder of the lease learns of questions from the others, and
// not only by looking through the store.
func (s *shared) judgeAnnouncements(log []byte) {
	if n := bytes.Count(log, []byte("resuming an orphaned question")); n > mostOrphans {
		s.world.judge.report("%d questions were found only by looking through the store", n)
	}
}

// anyAble reports whether a replica can take the lease over.
func (s *shared) anyAble() bool {
	s.mu.Lock()
	down := s.down
	s.mu.Unlock()
	return !down && s.world.disk.works() && slices.ContainsFunc(s.world.instance.all(), func(l *instance) bool {
		return l.registered.Load() && !l.crashed() && !l.stopping.Load() && !l.away.isAway()
	})
}

// calling judges a call that an instance sends: only the one with the lease asks the agent and
// reads the history of channels. Others look for single messages and for their own posts. Then
// it injects the fault that waits for the call.
func (s *shared) calling(l *instance, call string, request []byte) {
	look := bytes.Contains(request, []byte("include_all_metadata=")) || bytes.Contains(request, []byte("inclusive="))
	history := call == "conversations.history" && bytes.Contains(request, []byte("channel=C")) && !look
	if (history || call == "enjo") && s.holder() != l {
		s.world.judge.report("%s calls %s without the lease", l.host, call)
	}
	s.mu.Lock()
	then := s.then
	if call == s.atCall && s.owners[s.lease.Owner] == l {
		s.atCall = ""
	} else {
		then = nil
	}
	s.mu.Unlock()
	if then != nil {
		then(l)
	}
}

// lateCall records when a call to the agent arrives that was on its way when its replica
// froze.
func (s *shared) lateCall(arrives time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.late = append(s.late, arrives)
}

// isLate reports whether a request that reached the agent at a time was late.
func (s *shared) isLate(at time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.late, func(late time.Time) bool { return at.Sub(late).Abs() < 10*time.Millisecond })
}

// anyLate reports whether a late call reached the agent in a time.
func (s *shared) anyLate(from, until time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.late, func(late time.Time) bool { return !late.Before(from) && !late.After(until) })
}

// lapsedLately reports whether a replica has just lost the lease without releasing it.
func (s *shared) lapsedLately() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.lapses) > 0 && time.Since(s.lapses[len(s.lapses)-1]) < lateAfter
}

// mayBeTwice judges a part of an outcome that is posted twice, and reports whether it may be for
// a moment: one of the posts was late. Then it must be deleted soon.
func (j *worldJudge) mayBeTwice(marker string) bool {
	s := j.world.shared
	if s == nil || !s.lapsedLately() {
		return false
	}
	time.AfterFunc(lateShown, func() { j.judgeLate(marker) })
	return true
}

// judgeLate checks that a late post is deleted, or again later if Slack has failed meanwhile.
func (j *worldJudge) judgeLate(marker string) {
	j.seeing.Lock()
	n := len(j.present[marker])
	j.seeing.Unlock()
	failed := slices.ContainsFunc(j.slack.Calls(), func(c slacksandbox.Call) bool {
		return time.Since(c.At) < 2*lateShown && (c.Fault != "" || c.Error != "") && (strings.HasPrefix(c.Method, "conversations.") || c.Method == "chat.delete")
	})
	switch {
	case n < 2:
		j.world.seen.note(latePost)
	case j.world.endedWithin(2 * lateShown):
		// Nobody is left to delete it if the replica that has posted it dies.
	case failed:
		time.AfterFunc(lateShown, func() { j.judgeLate(marker) })
	default:
		j.report("%s is still posted %d times %v after a late post", marker, n, lateShown)
	}
}
