package sim_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"enjobridge/blocks"
	slacksandbox "enjobridge/sandbox/slack"
	"enjobridge/storage"
)

// This file judges the questions by /enjo: who sees the answers, how often, and what is
// stored of them.

// keptAtMost is how long the store may have the text of an answer that can be shared: an
// hour, and the time until the next erasure, also after a failed one.
const keptAtMost = time.Hour + 15*time.Minute

// What a night must observe of private questions.
const (
	privateShown  = "private: shown to the asker alone"
	privateDirect = "private: in the direct messages"
	privateShared = "private: shared"
)

// privateID finds the identities of private questions.
var privateID = regexp.MustCompile(`T\w+/\w+/0\.0#[0-9a-f]{24}`)

// isPrivateID reports whether a marker is of the answer to a private question, also of a
// shared one.
func isPrivateID(marker string) bool { return privateID.MatchString(marker) }

// isIn reports whether a message has the answer to the question, or its text.
func (p *private) isIn(m slacksandbox.Message) bool {
	all := m.Text + string(m.Blocks)
	return strings.Contains(all, p.widget) || strings.Contains(all, p.word)
}

// isPrivateTo reports whether only the asker of a private question sees a message of the bot.
func (j *judge) isPrivateTo(p *private, m slacksandbox.Message) bool {
	return m.BotID == j.slack.BotID() && (m.EphemeralTo == p.asker || m.EphemeralTo == "" && m.Channel == j.slack.DM(p.asker))
}

// timeOf returns the time of a timestamp.
func timeOf(ts string) time.Time {
	seconds, _ := strconv.ParseFloat(ts, 64)
	return time.UnixMilli(int64(seconds * 1000))
}

// ephemeralsOf returns the messages, as they were posted, that show the result of a private
// question to its asker alone. The notice of an outage is no result, although its button has
// the question.
func (j *worldJudge) ephemeralsOf(p *private) []slacksandbox.Message {
	j.seeing.Lock()
	defer j.seeing.Unlock()
	return slices.DeleteFunc(slices.Clone(j.ephemerals), func(m slacksandbox.Message) bool {
		return m.EphemeralTo != p.asker || !p.isIn(m) || m.Text == blocks.SayKeptForLater.Text()
	})
}

// attempt is a time that a private question was asked: by /enjo, or by Try again.
type attempt struct {
	id    storage.MessageID
	acked bool
}

// attempts returns how often a private question was asked, each identity once.
func (j *judge) attempts(p *private) (found []attempt) {
	add := func(id storage.MessageID, acked bool) {
		n := slices.IndexFunc(found, func(a attempt) bool { return a.id == id })
		if n < 0 {
			n, found = len(found), append(found, attempt{id: id})
		}
		found[n].acked = found[n].acked || acked
	}
	for _, e := range j.slack.Traffic() {
		if e.Type == "events_api" || !strings.Contains(string(e.Payload), p.word) {
			continue
		}
		var payload struct {
			Trigger        string `json:"trigger_id"`
			CommandChannel string `json:"channel_id"`
			Channel        struct{ ID string }
			Actions        []struct {
				ActionID string `json:"action_id"`
				Value    string
			}
		}
		if json.Unmarshal(e.Payload, &payload) != nil {
			continue
		}
		acked := e.Outcome == slacksandbox.Acked
		if e.Type == "slash_commands" {
			add(storage.CommandID(j.slack.TeamID(), payload.CommandChannel, payload.Trigger), acked)
		}
		for _, action := range payload.Actions {
			value, _, _ := strings.Cut(action.Value, " ")
			if id, ok := storage.ParseMessageID(value); ok && action.ActionID == blocks.ActionRetry {
				add(storage.CommandID(j.slack.TeamID(), payload.Channel.ID, "again/"+id.TS), acked)
			}
		}
	}
	return found
}

// judgePrivate checks that each private question has one result, which only its asker sees
// until it is shared, and that nothing of it stays in the store.
func (j *worldJudge) judgePrivate(posts map[string][]post) {
	for _, p := range j.crowd.privates {
		attempts := j.attempts(p)
		ephemerals := j.ephemeralsOf(p)
		for _, a := range attempts {
			j.judgeResult(p, a, ephemerals, posts)
			j.judgeShared(p, a, posts)
		}
		j.judgeSecrecy(p)
		j.judgePrivateCalls(p, len(attempts))
	}
}

// judgeResult checks that an attempt to ask a private question has one result.
func (j *worldJudge) judgeResult(p *private, a attempt, ephemerals []slacksandbox.Message, posts map[string][]post) {
	id := a.id.String()
	shown := slices.DeleteFunc(slices.Clone(ephemerals), func(m slacksandbox.Message) bool { return !strings.Contains(string(m.Blocks), id) })
	var direct []post
	for _, p := range posts[id] {
		if p.part == 0 || p.part == partRefused {
			direct = append(direct, p)
		}
	}
	stored, known := j.judgeStoredPrivate(p, a)
	switch results := len(shown) + len(direct); {
	case len(shown) > 1 || len(direct) > 1:
		j.report("the result of the private question %s (%s) is shown %d times, and is in the direct messages %d times", id, p.word, len(shown), len(direct))
	case results == 0 && known:
		j.report("the private question %s (%s), which is %s, has no result that its asker can see", id, p.word, stored.State)
	case results == 0 && a.acked && j.calm():
		j.report("the private question %s (%s) was acknowledged, but has no result", id, p.word)
	case results == 2 && j.calm():
		j.report("the result of the private question %s (%s) is shown, and in the direct messages, too", id, p.word)
	}
	for _, q := range direct {
		if q.Channel != j.slack.DM(p.asker) {
			j.report("the result of the private question %s (%s) is in %s", id, p.word, q.Channel)
		}
	}
	if len(direct) > 0 {
		j.world.seen.note(privateDirect)
	} else if len(shown) > 0 {
		j.world.seen.note(privateShown)
	}
}

// calm reports whether nothing happened after which nobody can know what was shown.
func (j *worldJudge) calm() bool {
	for _, kind := range []string{netRefuse, netBlackHole, netHalfOpen, netSlow, netCut, "reset"} {
		if j.world.seen.count("network slack: "+kind) > 0 {
			return false
		}
	}
	faulty := slices.ContainsFunc(j.slack.Calls(), func(c slacksandbox.Call) bool {
		return (c.Method == "response_url" || c.Method == "users.info") && (c.Fault != "" || c.Error != "")
	})
	return !faulty && len(j.world.ends) == 0 && j.world.seen.count(unknownWrite) == 0
}

// judgeStoredPrivate checks what the store has of a private question, and returns it; false
// if it has no record.
func (j *worldJudge) judgeStoredPrivate(p *private, a attempt) (stored storage.Question, known bool) {
	l := j.world.instance.Load()
	if l == nil {
		return stored, false
	}
	stored, err := l.store.Question(context.Background(), a.id)
	switch {
	case errors.Is(err, storage.ErrNotFound):
		return stored, false
	case err != nil:
		j.report("the store cannot be read: %v", err)
		return stored, false
	case !stored.State.Ended():
		return stored, true // judgeWorld reports it
	}
	left := stored.Text + stored.ResponseURL
	if stored.Outcome != nil && stored.Outcome.Reply != nil {
		left += stored.Outcome.Reply.Text
	}
	if left != "" {
		j.report("the store still contains %q of the private question %s (%s)", left, a.id, p.word)
	}
	sharable := a.id.Channel[0] != 'D' && len(stored.Posts) == 0
	late := len(j.world.steps) == 0 && time.Since(stored.EndedAt) > keptAtMost // by a clock that is right
	if stored.Kept != "" && (!sharable || late) {
		j.report("the store still contains the answer to the private question %s (%s) %v after its end", a.id, p.word, time.Since(stored.EndedAt))
	}
	return stored, true
}

// judgeShared checks that an answer is shared once, in its channel, and only after its asker
// has pressed Share.
func (j *worldJudge) judgeShared(p *private, a attempt, posts map[string][]post) {
	roots := 0
	for _, q := range posts[a.id.String()+"#share"] {
		if q.Channel != p.channel {
			j.report("the answer to the private question %s (%s) is shared in %s", a.id, p.word, q.Channel)
		}
		if topLevel(q.Message) {
			roots++
		}
	}
	if roots > 1 {
		j.report("the answer to the private question %s (%s) is shared %d times", a.id, p.word, roots)
	}
	if roots > 0 {
		j.world.seen.note(privateShared)
	}
}

// judgeSecrecy checks that nobody but its asker sees anything of a private question, before
// its answer is shared in its channel, or people are called.
func (j *worldJudge) judgeSecrecy(p *private) {
	for _, c := range j.slack.Channels() {
		for _, m := range j.slack.Messages(c.ID) {
			shared := !p.shared.IsZero() && c.ID == p.channel && m.EphemeralTo == "" && timeOf(m.TS).After(p.shared.Add(-time.Second))
			called := p.called || p.talk != nil && p.talk.called
			if p.isIn(m) && !j.isPrivateTo(p, m) && !shared && !called {
				j.report("the private question %s of %s in %s can be seen in %s by %q: %q", p.word, p.asker, p.channel, c.ID, m.EphemeralTo, m.Text)
			}
		}
	}
}

// judgePrivateCalls checks that a private question begins a conversation, and how often it
// is sent to the agent.
func (j *worldJudge) judgePrivateCalls(p *private, attempts int) {
	made := 0
	for _, r := range j.callerView() {
		if !strings.Contains(question(r.Text), p.word) {
			continue
		}
		if r.ConversationID != "" {
			j.report("the private question %s was asked in an earlier conversation", p.word)
		}
		if r.Processed || r.unknown {
			made++
		}
	}
	most := 2 * attempts
	if p.ticket {
		most = attempts
	}
	down := strings.Contains(string(j.world.log.Bytes()), "agent is down")
	if made > most && (!down || p.ticket) {
		j.report("the private question %s was sent to the agent %d times", p.word, made)
	}
}

// privateIn returns the private question that a request asks, if its reply is known to
// the bot and a thread goes on from it.
func (j *worldJudge) privateIn(r callerRequest) *private {
	word := privateWord.FindString(question(r.Text))
	answered := r.Fault == "" && !r.unknown && r.Status == http.StatusOK
	for _, p := range j.crowd.privates {
		if p.word == word && p.talk != nil && answered {
			return p
		}
	}
	return nil
}

// judgePrivateStore checks that a store has each private question whose command was
// acknowledged, unless it was refused.
func (j *worldJudge) judgePrivateStore(store storage.Store) {
	for _, p := range j.crowd.privates {
		for _, a := range j.attempts(p) {
			_, err := store.Question(context.Background(), a.id)
			if a.acked && errors.Is(err, storage.ErrNotFound) && !j.failedFor(p.asker) {
				j.report("the private question %s (%s) was acknowledged, but is not in the store", a.id, p.word)
			}
		}
	}
}
