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

// judgeDetails judges what people and the agent can see beside the ends.
func (j *worldJudge) judgeDetails() {
	posts := j.allPosted()
	j.judgeReached(posts)
	j.judgeParts(posts)
	j.judgeStopped(posts)
	j.judgeConversations()
	j.judgeUnfurls()
	j.judgeFiles()
	j.judgeForgotten()
	if n := j.slack.Sockets(); n < 2 {
		j.report("only %d sockets are open", n)
	}
}

// processed reports whether the agent processed a question.
func (j *worldJudge) processed(word string) bool {
	return word != "" && slices.ContainsFunc(j.enjo.Requests(), func(r enjosandbox.Request) bool {
		return r.Processed && strings.Contains(r.Text, word)
	})
}

// judgeReached: what counts as answered was put to the agent.
func (j *worldJudge) judgeReached(posts map[string][]post) {
	for _, q := range j.crowd.questions {
		m, ok := j.slack.Message(q.talk.channel, q.ts)
		marked := ok && slices.ContainsFunc(m.Reactions, func(r slacksandbox.Reaction) bool { return r.Name == "white_check_mark" && q.ts != q.talk.root })
		told := slices.ContainsFunc(posts[j.id(q)], func(p post) bool { return p.part == 0 && gadgetName.MatchString(p.Text) })
		if (marked || told) && !q.stop && !j.processed(q.word) {
			j.report("%s (%s) counts as answered, and was never put to the agent", j.id(q), q.word)
		}
	}
}

// judgeParts: the parts of an answer stand in their order, and none is missing.
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
				j.report("part %d of the end of %s stands where part %d is due", p.part, id, n)
				break
			}
		}
	}
}

// judgeStopped: what is told to be stopped is not answered.
func (j *worldJudge) judgeStopped(posts map[string][]post) {
	for id, found := range posts {
		stopped := slices.ContainsFunc(found, func(p post) bool { return p.Text == blocks.SayStopped })
		if stopped && slices.ContainsFunc(found, func(p post) bool { return p.part >= 0 && id != "" }) {
			j.report("%s is told to be stopped, and answered", id)
		}
	}
}

// judgeConversations: once the agent has answered in a thread, the thread goes on
// in that conversation. A life that ends, or a stop, can lose it, and so does a
// thread that is forgotten.
func (j *worldJudge) judgeConversations() {
	if j.world.retention > 0 {
		return
	}
	words := make(map[string]*asked)
	for _, q := range j.crowd.questions {
		words[q.word] = q
	}
	answered := make(map[*talk]time.Time)
	for _, r := range j.callerView() {
		q := words[secretWord.FindString(r.Text)]
		if q == nil || !q.talk.stopped.IsZero() {
			continue
		}
		since, ok := answered[q.talk]
		if ok && j.world.endedBetween(since, r.Time) {
			delete(answered, q.talk)
			ok = false
		}
		if ok && since.Add(time.Second).Before(r.Time) && r.ConversationID == "" {
			j.report("%s (%s) begins a new conversation, although its thread has one", j.id(q), q.word)
		}
		if r.Fault == "" && !r.unknown && r.Status == http.StatusOK && !r.Ended.IsZero() && answered[q.talk].IsZero() {
			answered[q.talk] = r.Ended
		}
	}
}

// judgeUnfurls: no post lets Slack fetch what it links to.
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

// judgeFiles: no file stands twice in a thread.
func (j *worldJudge) judgeFiles() {
	for _, t := range j.crowd.threads {
		seen := make(map[string]bool)
		for _, m := range j.slack.Thread(t.channel, t.root) {
			for _, f := range m.Files {
				if m.BotID == j.slack.BotID() && seen[f.Name] {
					j.report("the file %s stands twice in %s/%s", f.Name, t.channel, t.root)
				}
				seen[f.Name] = true
			}
		}
	}
}

// judgeForgotten: the store keeps nothing that was said once a question has ended.
func (j *worldJudge) judgeForgotten() {
	l := j.world.instance.Load()
	if l == nil {
		return
	}
	for _, q := range j.crowd.questions {
		kept, err := l.store.Question(context.Background(), storage.MessageID{Team: j.slack.TeamID(), Channel: q.talk.channel, TS: q.ts})
		if err == nil && kept.State.Ended() && (kept.Text != "" || kept.Outcome != nil && kept.Outcome.Reply != nil && kept.Outcome.Reply.Text != "") {
			j.report("the store keeps what was said in %s, which is %s", j.id(q), kept.State)
		}
	}
}
