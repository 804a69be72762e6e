package sim_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"enjobridge/blocks"
	enjosandbox "enjobridge/sandbox/enjo"
	slacksandbox "enjobridge/sandbox/slack"
	"enjobridge/storage"
)

// patience is the time after the last fault within which the bot must finish all work:
// hourly backfill finds lost messages, a failed backfill is retried after 5 minutes at
// most, and waiting questions are asked at 20 a minute.
const patience = 2 * time.Hour

// worldJudge judges the bot in a world. In addition to what judge checks, it checks the
// state at every moment, the store of every instance, and every call.
type worldJudge struct {
	judge
	world *world

	watching sync.WaitGroup
	stop     context.CancelFunc

	seeing  sync.Mutex          // guards present, cards and ephemerals
	present map[string][]string // the current posts by marker
	stored  map[string]bool     // the questions that were in a store
	// cards contains by thread when its first ticket card was posted.
	cards map[string]time.Time
	// ephemerals are the messages for one person as they were posted.
	ephemerals []slacksandbox.Message
}

func newWorldJudge(w *world) *worldJudge {
	j := &worldJudge{
		world: w, judge: judge{slack: w.slack, enjo: w.enjo, crowd: w.crowd, strict: w.strict},
		present: make(map[string][]string), stored: make(map[string]bool), cards: make(map[string]time.Time),
	}
	j.mayHaveNoEnd = j.mayHaveNoEndNow
	j.mayBeLimited = func(at time.Time) bool {
		before := at.Add(-time.Minute)
		return w.faultyNet.spedUp("enjo", before, at) || w.shared != nil && w.shared.anyLate(before, at)
	}
	var ctx context.Context
	ctx, j.stop = context.WithCancel(context.Background())
	changes := w.slack.Watch(ctx)
	j.watching.Go(func() {
		for c := range changes {
			j.watch(c)
		}
	})
	return j
}

// close stops the watching goroutine.
func (j *worldJudge) close() {
	j.stop()
	j.watching.Wait()
}

// report adds a finding with the time.
func (j *worldJudge) report(format string, values ...any) {
	j.judge.report("at %v: "+format, append([]any{time.Since(j.world.trace.begin).Round(time.Millisecond)}, values...)...)
}

// findings returns all findings.
func (j *worldJudge) findings() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.wrong)
}

// watch judges one change of the workspace: there must never be two posts with the same
// marker.
func (j *worldJudge) watch(c slacksandbox.Change) {
	switch {
	case c.Kind == slacksandbox.Missed:
		j.report("the judge was too slow and missed changes")
	case c.Message == nil || c.Message.BotID != j.slack.BotID():
	case c.Kind == slacksandbox.MessagePosted && c.Message.EphemeralTo != "":
		j.seeing.Lock()
		j.ephemerals = append(j.ephemerals, *c.Message)
		j.seeing.Unlock()
	case c.Kind == slacksandbox.MessagePosted:
		j.world.trace.add("POST in %s/%s: %.60q", c.Channel, c.ThreadTS, c.Message.Text)
		question, part := markerOf(*c.Message)
		if question == "" {
			return
		}
		marker := fmt.Sprint(question, " part ", part)
		isCard := slices.Contains(actionsOf(*c.Message), blocks.ActionCheckStatus)
		j.seeing.Lock()
		if place := c.Channel + "/" + c.ThreadTS; isCard && j.cards[place].IsZero() {
			j.cards[place] = c.At
		}
		j.present[marker] = append(j.present[marker], c.TS)
		n := len(j.present[marker])
		j.seeing.Unlock()
		if n > 1 && !j.mayBeTwice(marker) {
			j.report("%s is posted %d times", marker, n)
		}
	case c.Kind == slacksandbox.MessageDeleted:
		question, part := markerOf(*c.Message)
		marker := fmt.Sprint(question, " part ", part)
		j.seeing.Lock()
		j.present[marker] = slices.DeleteFunc(j.present[marker], func(ts string) bool { return ts == c.TS })
		j.seeing.Unlock()
	}
}

// judgeStore judges the store of an ended instance: it must have no problems, and contain
// every question that the bot acknowledged to Slack.
func (j *worldJudge) judgeStore(path string) {
	report, err := storage.CheckBolt(path, storage.BoltOptions{})
	if err != nil {
		j.report("the store cannot be read: %v", err)
		return
	}
	for _, problem := range report.Problems {
		j.report("the store is damaged: %s", problem)
	}
	store, err := storage.OpenBolt(path, storage.BoltOptions{})
	if err != nil {
		j.report("the store cannot be opened: %v", err)
		return
	}
	defer store.Close()
	j.judgePrivateStore(store)
	j.noteArrivals()
	for _, q := range j.crowd.questions {
		at, arrived := j.arrivedAt(q)
		if !arrived || j.stored[j.id(q)] || q.mayHaveNoVisibleEnd() || j.maybeUnknown(q) || j.arrivedMuted(q) || !j.known(q, at) {
			continue
		}
		_, err := store.Question(context.Background(), j.messageID(q))
		switch {
		case err == nil:
			j.stored[j.id(q)] = true
		case !errors.Is(err, storage.ErrNotFound):
			j.report("the store cannot be read: %v", err)
		case at.Sub(q.at) < 15*time.Minute && !j.lookupFailed(q):
			j.report("%s (%s) was acknowledged at %s, but is not in the store", j.id(q), q.word, at.Format(clock))
		}
	}
}

// known reports whether the bot could know that a question was for it when it arrived. It
// recognises a follow-up only after the thread's first question has arrived.
// Without a mention, that is the first one of its asker, and the thread's root: until that has
// arrived, the thread may be one of people that a mention called the bot into.
func (j *worldJudge) known(q *asked, at time.Time) bool {
	if q == q.talk.first || q.mention {
		return true
	}
	had := func(first *asked) bool {
		arrived, ok := j.arrivedAt(first)
		return ok && arrived.Before(at)
	}
	first := q.talk.first
	if q.talk.channel[0] == 'D' {
		return had(first)
	}
	return had(j.crowd.firstOf(q.talk, q.asker)) && (first.ts != q.talk.root || had(first))
}

// drain advances the time until the bot has finished all work.
func (j *worldJudge) drain() {
	w := j.world
	w.until(patience, func() bool {
		w.pass(10 * time.Second)
		return j.idle()
	})
	// Wait for unexpected posts, and for Slack's last retry.
	w.pass(8 * time.Minute)
}

// mayHaveNoEndNow reports whether a question may have no visible end.
func (j *worldJudge) mayHaveNoEndNow(q *asked) bool {
	return j.wasStopped(q) || j.arrivedMuted(q) || j.notified(q)
}

// arrivedMuted reports whether a question arrived after its thread was muted.
func (j *worldJudge) arrivedMuted(q *asked) bool {
	at, arrived := j.arrivedAt(q)
	return !q.talk.muted.IsZero() && (!arrived || at.After(q.talk.muted))
}

// wasStopped reports whether a stop in its thread cancelled a question, or the one that it was
// merged into. The stop can arrive hours later.
func (j *worldJudge) wasStopped(q *asked) bool {
	withLater := j.stoppedWithLater(q)
	if q.talk.stopped.IsZero() && !withLater {
		return false
	}
	stored, ok := j.storedNow(j.messageID(q))
	if ok && stored.State == storage.Merged {
		lead, found := j.storedNow(stored.Lead)
		return withLater || found && lead.State == storage.Cancelled
	}
	return ok && stored.State == storage.Cancelled
}

// messageID returns the identity of a question's message.
func (j *worldJudge) messageID(q *asked) storage.MessageID {
	return storage.MessageID{Team: j.slack.TeamID(), Channel: q.talk.channel, TS: q.ts}
}

// storedNow returns a question of the running bot's store; false if there is none.
func (j *worldJudge) storedNow(id storage.MessageID) (storage.Question, bool) {
	l := j.world.instance.Load()
	if l == nil {
		return storage.Question{}, false
	}
	stored, err := l.store.Question(context.Background(), id)
	return stored, err == nil
}

// idle reports whether the bot has finished all work.
func (j *worldJudge) idle() bool {
	l := j.world.instance.Load()
	if l == nil || l.crashed() || !j.eventsDelivered() {
		return false
	}
	left, err := l.store.Unfinished(context.Background())
	if err != nil || len(left) > 0 {
		return false
	}
	if presses, err := l.store.Presses(context.Background()); err != nil || len(presses) > 0 {
		return false
	}
	for _, q := range j.crowd.questions {
		if !j.over(q) {
			return false
		}
	}
	return !slices.ContainsFunc(j.crowd.threads, func(t *talk) bool { return t.channel != j.crowd.lostChannel && j.working(t) })
}

// judgeWorld judges everything after the bot has had enough time.
func (j *worldJudge) judgeWorld() {
	j.judgeUnfinished()
	j.ignoreOrder = j.world.disk.doneAnyway || j.world.seen.count(unknownWrite) > 0
	j.judgeSeen(j.world.log.Bytes())
	j.judgeDetails()
	j.judgeLimits()
	j.judgeRepetitions()
	if j.world.shared != nil {
		j.world.shared.judgeAnnouncements(j.world.log.Bytes())
	}
}

// judgeUnfinished checks that nothing is unfinished in the store.
func (j *worldJudge) judgeUnfinished() {
	l := j.world.instance.Load()
	if l == nil {
		j.report("the bot is not running")
		return
	}
	left, err := l.store.Unfinished(context.Background())
	if err != nil {
		j.report("the unfinished questions cannot be read: %v", err)
	}
	for _, q := range left {
		j.report("%s is unfinished: %s", q.ID, q.State)
	}
	presses, err := l.store.Presses(context.Background())
	if err != nil {
		j.report("the presses cannot be read: %v", err)
	}
	for _, p := range presses {
		j.report("the press of %s at %s is not complete", p.Action, p.Message)
	}
}

// judgeLimits checks that the calls that reached the agent do not exceed the documented
// limits in any sliding window, which includes all fixed windows. The bot allows for delays
// that differ by [margin], not for a network that suddenly becomes faster by seconds.
func (j *worldJudge) judgeLimits() {
	requests := j.enjo.Requests()
	if s := j.world.shared; s != nil {
		requests = slices.DeleteFunc(slices.Clone(requests), func(r enjosandbox.Request) bool { return s.isLate(r.Time) })
	}
	for _, limit := range published {
		for i := limit.Calls; i < len(requests); i++ {
			first, last := requests[i-limit.Calls].Time, requests[i].Time
			if took := last.Sub(first); took < limit.Per && !j.world.faultyNet.spedUp("enjo", first, last) {
				j.report("%d calls reached the agent within %v, the last at %s", limit.Calls+1, took, last.Format(clock))
			}
		}
	}
}

// judgeRepetitions checks that a question is asked again only if the agent did not process
// it or, once, if the bot cannot know whether the agent did. While the agent is down,
// questions are asked until it is back, as the bot promises their askers. A question that
// may create or change a ticket is never asked again automatically.
func (j *worldJudge) judgeRepetitions() {
	calls := make(map[string][]callerRequest) // those that the agent may have processed
	for _, r := range j.timely() {
		words := secretWord.FindAllString(question(r.Text), -1)
		slices.Sort(words)
		for _, word := range slices.Compact(words) {
			if r.Processed || r.unknown {
				calls[word] = append(calls[word], r)
			}
		}
	}
	down := bytes.Contains(j.world.log.Bytes(), []byte("agent is down"))
	for _, q := range j.crowd.questions {
		if q.retried {
			continue
		}
		most := 2
		switch {
		case q.ticket || j.askedBelowCard(q):
			most = 1
		case down:
			most = math.MaxInt
		}
		made := calls[q.word]
		if len(made) > most {
			j.report("%s (%s) was sent to the agent %d times", j.id(q), q.word, len(made))
		}
		for i := 1; i < len(made); i++ {
			if before := made[i-1]; !before.unknown && !j.world.endedBetween(before.Time, made[i].Time) {
				j.report("%s (%s) was sent to the agent again at %s, although it had answered", j.id(q), q.word, made[i].Time.Format(clock))
			}
		}
	}
}

// askedBelowCard reports whether a question was asked in a thread with a ticket.
func (j *worldJudge) askedBelowCard(q *asked) bool {
	j.seeing.Lock()
	defer j.seeing.Unlock()
	card := j.cards[q.talk.channel+"/"+q.talk.root]
	return !card.IsZero() && q.at.After(card)
}

// titleQuestion stands between the earlier messages of a thread and the question.
const titleQuestion = "\n\nThe question:\n"

// question returns the question in a request, without the earlier messages of the thread.
func question(text string) string {
	if _, asked, ok := strings.Cut(text, titleQuestion); ok {
		return asked
	}
	return text
}

// callerRequest is a request from the view of its caller.
type callerRequest struct {
	enjosandbox.Request
	unknown bool // whether the caller cannot know its result
}

// callerView returns the agent's requests from the view of their callers.
func (j *worldJudge) callerView() []callerRequest {
	requests := j.enjo.Requests()
	lost := j.world.faultyNet.lostResponses.among(requests)
	all := make([]callerRequest, len(requests))
	for i, r := range requests {
		all[i] = callerRequest{r, lost[i] || outcomeUnknown(r)}
	}
	return all
}

// timely returns the requests without those that came late: who had sent them had lost the lease
// in between, and another replica asks, too.
func (j *worldJudge) timely() []callerRequest {
	return slices.DeleteFunc(j.callerView(), func(r callerRequest) bool { return j.world.shared != nil && j.world.shared.isLate(r.Time) })
}

// outcomeUnknown reports whether the caller cannot know from the response whether the agent
// processed the request.
func outcomeUnknown(r enjosandbox.Request) bool {
	switch r.Fault {
	case enjosandbox.CutMidway, enjosandbox.Truncated, enjosandbox.Drip:
		return true
	case "":
		return r.Status == 0
	}
	switch r.Status {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return false
	}
	return r.Status >= 500 || r.Status == 0
}

// logged returns the lines of the bot's log about the questions in the findings.
func (j *worldJudge) logged() string {
	var ids []string
	for _, wrong := range j.findings() {
		ids = append(ids, messageID.FindAllString(wrong, 1)...)
	}
	var found strings.Builder
	for line := range strings.Lines(string(j.world.log.Bytes())) {
		if slices.ContainsFunc(ids, func(id string) bool { return strings.Contains(line, id) }) || strings.Contains(line, "panic") {
			found.WriteString(line)
		}
	}
	return found.String()
}

// pressOf returns the message whose button created a question; false if there is none.
func pressOf(id string) (ts string, ok bool) {
	_, ts, _ = strings.Cut(id, "/")
	_, ts, _ = strings.Cut(ts, "/")
	ts, _, ok = strings.Cut(ts, "#")
	return ts, ok
}

// actionsOf returns the action IDs of the buttons of a message.
func actionsOf(m slacksandbox.Message) []string {
	type element struct {
		ActionID string `json:"action_id"`
	}
	var blocks []struct {
		Elements  []element `json:"elements"`
		Actions   []element `json:"actions"` // of a card
		Accessory element   `json:"accessory"`
	}
	if json.Unmarshal(m.Blocks, &blocks) != nil {
		return nil
	}
	var found []string
	for _, b := range blocks {
		for _, e := range slices.Concat(b.Elements, b.Actions, []element{b.Accessory}) {
			if e.ActionID != "" {
				found = append(found, e.ActionID)
			}
		}
	}
	return found
}
