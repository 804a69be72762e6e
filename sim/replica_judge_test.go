package sim_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// lateRequests returns when replicas called the agent although another one had the lease,
// because they were frozen just before: one of the calls that were about to be sent. Any
// other call without the lease is wrong.
func (c *replicaChaos) lateRequests(j *judge) (late []time.Time) {
	for _, r := range c.replicas {
		for _, at := range r.enjo.noted("enjo") {
			held, ok := c.lease.at(at, 2*leaseEvery)
			if !ok || r.owns(held) {
				continue
			}
			if ago, ok := r.resumed(at); ok && ago < lateFor {
				late = append(late, at)
				continue
			}
			j.report("%s called the agent at %s, when another replica had the lease %d", r.name, at.Format(clock), held.token)
		}
	}
	return late
}

// judgeTakeOvers checks how long it took until a replica had the lease after the one that had
// it failed. It returns their number and the longest time.
func (c *replicaChaos) judgeTakeOvers(j *judge) (n int, longest time.Duration) {
	terms := c.lease.all()
	for _, f := range c.failures {
		next := slices.IndexFunc(terms, func(t term) bool { return t.token > f.token })
		if next < 0 {
			j.report("nobody took over after %v", f)
			continue
		}
		taken := terms[next].first
		took := taken.Sub(c.ableSince(f.at, taken))
		n++
		longest = max(longest, took)
		if took > longestTakeOver {
			j.report("the take-over after %v, at %s, took %v", f, taken.Format(clock), took)
		}
	}
	return n, longest
}

// ableSince returns since when, between a failure and the take-over, a replica and the
// database have worked without a break.
func (c *replicaChaos) ableSince(failed, taken time.Time) time.Time {
	able := taken
	for _, r := range c.replicas {
		for _, up := range r.up {
			if ready := up.from.Add(startsWithin); up.contains(taken) && ready.Before(able) {
				able = ready
			}
		}
	}
	for _, o := range c.outages {
		if o.from.Before(taken) && o.until.After(able) {
			able = o.until
		}
	}
	if able.Before(failed) {
		return failed
	}
	return able
}

// sentPost is a post that the bot has sent.
type sentPost struct{ sent, deleted time.Time }

// judgeLatePosts checks that a part of an outcome that was posted twice, because a replica
// was frozen when it was about to post it, is deleted again soon. It returns the number of the
// deleted ones. Those that were not deleted fail judgeEnds.
func (c *replicaChaos) judgeLatePosts(j *judge) (deleted int) {
	for of, posts := range c.sentPosts() {
		for n, p := range posts {
			until := p.deleted
			for _, other := range posts[n+1:] {
				if !until.IsZero() && other.sent.After(until) {
					continue // the first one was gone
				}
				deleted++
				end := earlier(until, other.deleted)
				if end.IsZero() {
					continue
				}
				if took := end.Sub(other.sent); took > lateShown {
					j.report("%s was shown twice for %v", of, took)
				}
				if !c.anyResumed(other.sent) {
					j.report("%s was posted again at %s, and no replica had been frozen", of, other.sent.Format(clock))
				}
			}
		}
	}
	return deleted
}

// earlier returns the earlier of two times, of those that are set.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// anyResumed reports whether a replica went on shortly before a moment.
func (c *replicaChaos) anyResumed(moment time.Time) bool {
	return slices.ContainsFunc(c.replicas, func(r *replica) bool {
		ago, ok := r.resumed(moment)
		return ok && ago < lateFor
	})
}

// sentPosts returns the posts of the bot by the question and the part of its outcome.
func (c *replicaChaos) sentPosts() map[string][]sentPost {
	sent := make(map[string][]sentPost)
	gone := make(map[string]time.Time)
	calls := c.slack.Calls()
	for _, call := range calls {
		if call.Method == "chat.delete" && call.Error == "" && len(call.Response) > 0 {
			gone[call.Args["channel"]+"/"+call.Args["ts"]] = call.At
		}
	}
	for _, call := range calls {
		var posted struct{ Channel, TS string }
		var marker struct {
			Payload struct{ Question, Part string } `json:"event_payload"`
		}
		if call.Method != "chat.postMessage" || json.Unmarshal(call.Response, &posted) != nil || posted.TS == "" ||
			json.Unmarshal([]byte(call.Args["metadata"]), &marker) != nil || marker.Payload.Question == "//" {
			continue
		}
		of := fmt.Sprintf("part %s of %s", marker.Payload.Part, marker.Payload.Question)
		sent[of] = append(sent[of], sentPost{sent: call.At, deleted: gone[posted.Channel+"/"+posted.TS]})
	}
	return sent
}
