package sim_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"enjobridge/blocks"
	enjosandbox "enjobridge/sandbox/enjo"
	slacksandbox "enjobridge/sandbox/slack"
	"enjobridge/storage"
)

// judgeDetails judges what users and the agent see in addition to the ends.
func (j *worldJudge) judgeDetails() {
	posts := j.allPosted()
	j.judgeReached(posts)
	j.judgeParts(posts)
	j.judgeStopped(posts)
	j.judgeConversations()
	j.judgeUnfurls()
	j.judgeFiles()
	j.judgeWhole(posts)
	j.judgeStrangers(posts)
	j.judgeErased()
	j.judgePrivate(posts)
	if n := j.slack.Sockets(); n < 2 {
		j.report("only %d sockets are open", n)
	}
}

// processed reports whether the agent processed a question.
func (j *worldJudge) processed(word string) bool {
	return word != "" && slices.ContainsFunc(j.enjo.Requests(), func(r enjosandbox.Request) bool {
		return r.Processed && strings.Contains(question(r.Text), word)
	})
}

// reached reports whether the agent processed a question. Of one whose message was deleted
// before, it gets what was merged into it.
func (j *worldJudge) reached(q *asked) bool {
	if j.processed(q.word) || !q.deleted {
		return j.processed(q.word)
	}
	stored, _ := j.storedNow(j.messageID(q))
	return slices.ContainsFunc(j.crowd.questions, func(other *asked) bool {
		return slices.Contains(stored.With, j.messageID(other)) && j.processed(other.word)
	})
}

// judgeReached checks that every answered question was sent to the agent.
func (j *worldJudge) judgeReached(posts map[string][]post) {
	for _, q := range j.crowd.questions {
		m, ok := j.slack.Message(q.talk.channel, q.ts)
		checked := ok && slices.ContainsFunc(m.Reactions, func(r slacksandbox.Reaction) bool { return r.Name == "white_check_mark" && q.ts != q.talk.root })
		unasked := slices.ContainsFunc(posts[j.id(q)], func(p post) bool {
			return p.part == 0 && gadgetName.MatchString(p.Text) && !j.reached(j.leadOf(p, q))
		})
		if (unasked || checked && !j.processed(q.word)) && !q.stop {
			j.report("%s (%s) is answered, but was never sent to the agent", j.id(q), q.word)
		}
	}
}

// judgeParts checks that the parts of an answer are complete and in order.
func (j *worldJudge) judgeParts(posts map[string][]post) {
	for id, found := range posts {
		if id == "" {
			continue
		}
		if _, button := pressOf(id); button {
			continue
		}
		parts := slices.DeleteFunc(slices.Clone(found), func(p post) bool { return p.part < 0 })
		slices.SortFunc(parts, func(a, b post) int { return strings.Compare(a.TS, b.TS) })
		for n, p := range parts {
			if p.part != n {
				j.report("part %d of the answer to %s is in the place of part %d", p.part, id, n)
				break
			}
		}
	}
}

// judgeStopped checks that a question that was reported as stopped is not answered.
func (j *worldJudge) judgeStopped(posts map[string][]post) {
	for id, found := range posts {
		stopped := slices.ContainsFunc(found, func(p post) bool { return p.Text == blocks.SayStopped.Text() })
		if stopped && slices.ContainsFunc(found, func(p post) bool { return p.part >= 0 && id != "" }) {
			j.report("%s is reported as stopped, but answered", id)
		}
	}
}

// judgeConversations checks that after the first answer a thread continues its
// conversation. The end of an instance, a stop, or the deletion of the thread from the
// store can lose the conversation.
func (j *worldJudge) judgeConversations() {
	if j.world.retention > 0 {
		return
	}
	words := make(map[string]*asked)
	for _, q := range j.crowd.questions {
		words[q.word] = q
	}
	answered := make(map[*talk]time.Time)
	requests := j.timely()
	for _, r := range requests {
		// If the answer to direct messages that were asked together is lost, it names no
		// conversation, and each thread can begin one.
		if asks := atTopOf(r, words); r.unknown && len(asks) > 1 {
			for _, q := range asks {
				q.talk.split, q.talk.conversation().split = true, true
			}
		}
	}
	for _, r := range requests {
		if p := j.privateIn(r); p != nil && answered[p.talk].IsZero() {
			answered[p.talk] = r.Ended
		}
		q := words[secretWord.FindString(question(r.Text))]
		if q == nil || !q.talk.stopped.IsZero() || q.talk.split {
			continue
		}
		t := q.talk.conversation()
		since, ok := answered[t]
		if ok && j.world.endedBetween(since, r.Time) {
			delete(answered, t)
			ok = false
		}
		if ok && since.Add(time.Second).Before(r.Time) && r.ConversationID == "" {
			j.report("%s (%s) starts a new conversation at %s, although its thread has one since %s", j.id(q), q.word,
				r.Time.Format(clock), since.Format(clock))
		}
		if r.Fault == "" && !r.unknown && r.Status == http.StatusOK && !r.Ended.IsZero() && answered[t].IsZero() {
			answered[t] = r.Ended
		}
	}
}

// atTopOf returns the direct messages that a request asks together, of questions by their words.
func atTopOf(r callerRequest, words map[string]*asked) (asks []*asked) {
	for _, word := range secretWord.FindAllString(question(r.Text), -1) {
		if q := words[word]; q != nil && q.atTop() {
			asks = append(asks, q)
		}
	}
	return asks
}

// judgeUnfurls checks that Slack may not unfurl the links of any post.
func (j *worldJudge) judgeUnfurls() {
	for _, c := range j.slack.Channels() {
		for _, m := range j.slack.Messages(c.ID) {
			if m.BotID == j.slack.BotID() && m.EphemeralTo == "" && !m.NoUnfurl && len(m.Files) == 0 {
				j.report("the post %s in %s may be unfurled", m.TS, c.ID)
				return
			}
		}
	}
}

// judgeFiles checks that no file is posted twice in a thread.
func (j *worldJudge) judgeFiles() {
	for _, t := range j.crowd.threads {
		seen := make(map[string]bool)
		for _, m := range j.slack.Thread(t.channel, t.root) {
			for _, f := range m.Files {
				switch {
				case m.BotID != j.slack.BotID():
				case seen[f.Name]:
					j.report("the file %s is posted twice in %s/%s", f.Name, t.channel, t.root)
				default:
					seen[f.Name] = true
				}
			}
		}
	}
}

// judgeStrangers checks that no redirect was followed, and that the presses of a member
// of another organisation have asked nothing.
func (j *worldJudge) judgeStrangers(posts map[string][]post) {
	if found := j.world.trap.findings(); found != "" {
		j.report("%s", found)
	}
	for id := range posts {
		if ts, button := pressOf(id); button && slices.Contains(j.world.strangePresses, ts) && !j.world.presses[ts] {
			j.report("%s was asked by a press of another organisation's member", id)
		}
	}
}

// judgeErased checks that the store contains no texts of questions that have ended.
func (j *worldJudge) judgeErased() {
	l := j.world.instance.Load()
	if l == nil {
		return
	}
	for _, q := range j.crowd.questions {
		stored, err := l.store.Question(context.Background(), storage.MessageID{Team: j.slack.TeamID(), Channel: q.talk.channel, TS: q.ts})
		if err == nil && stored.State.Ended() && (stored.Text != "" || stored.Outcome != nil && stored.Outcome.Reply != nil && stored.Outcome.Reply.Text != "") {
			j.report("the store still contains the texts of %s, which is %s", j.id(q), stored.State)
		}
	}
}
