package sim_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"enjobridge/blocks"
	enjosandbox "enjobridge/sandbox/enjo"
	slacksandbox "enjobridge/sandbox/slack"
	"enjobridge/storage"
)

// judge checks the bot's behaviour. It uses only what the local Slack and the local agent
// saw of the bot, and the bot's log.
type judge struct {
	slack *slacksandbox.Workspace
	enjo  *enjosandbox.Agent
	crowd *crowd

	// ignoreOrder says that a write may have failed although it was done, so that the bot
	// may find and ask a stored question later.
	ignoreOrder bool
	// strict says that the agent allows fewer calls than documented, so that it may refuse
	// some.
	strict bool
	// mayHaveNoEnd, unless it is nil, reports whether a question may have no visible end.
	mayHaveNoEnd func(*asked) bool
	// mayBeLimited, unless it is nil, reports whether the agent may refuse a call at a time
	// although the bot keeps its limits.
	mayBeLimited func(time.Time) bool

	arrived map[string]time.Time // when the bot first acknowledged a message

	mu    sync.Mutex
	wrong []string // guarded by mu
}

// report adds a finding. Any goroutine may call it.
func (j *judge) report(format string, values ...any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.wrong = append(j.wrong, fmt.Sprintf(format, values...))
}

// post is a message of the bot with the part of the outcome that it contains.
type post struct {
	slacksandbox.Message
	part int
}

// posted returns the bot's public posts in a channel by the question in their marker.
func (j *judge) posted(channel string) map[string][]post {
	posts := make(map[string][]post)
	for _, m := range j.slack.Messages(channel) {
		if m.BotID != j.slack.BotID() || m.EphemeralTo != "" {
			continue
		}
		question, part := markerOf(m)
		posts[question] = append(posts[question], post{m, part})
	}
	return posts
}

// allPosted returns the bot's posts in all channels.
func (j *judge) allPosted() map[string][]post {
	posts := make(map[string][]post)
	for _, c := range j.slack.Channels() {
		for question, found := range j.posted(c.ID) {
			posts[question] = append(posts[question], found...)
		}
	}
	return posts
}

// markerOf returns the question and the part of its outcome in the metadata of a post.
// Direct messages that are no outcome have the marker of no question.
func markerOf(m slacksandbox.Message) (question string, part int) {
	var payload struct{ Question, Part string }
	if m.Metadata == nil || json.Unmarshal(m.Metadata.EventPayload, &payload) != nil || payload.Question == "//" {
		return "", 0
	}
	part, _ = strconv.Atoi(payload.Part)
	return payload.Question, part
}

func (j *judge) id(q *asked) string { return j.slack.TeamID() + "/" + q.talk.channel + "/" + q.ts }

// partRefused is the part of the notice that Slack rejects every rendering of an answer.
const partRefused = -3

// partMerged is the part of the notice that a question was asked together with another
// one, which the bot posts where it may not react.
const partMerged = -4

// partUnposted is the part of the direct message that an answer cannot be posted.
const partUnposted = -7

// ended reports whether a question has an end that its asker can see.
func (j *judge) ended(q *asked) bool {
	for _, m := range j.slack.Thread(q.talk.channel, q.talk.root) {
		if question, part := markerOf(m); m.BotID == j.slack.BotID() && question == j.id(q) && (part >= 0 || part == partRefused || part == partMerged) {
			return true
		}
		for _, r := range m.Reactions {
			if m.TS == q.ts && slices.Contains(r.Users, j.slack.BotUserID()) && (r.Name == "white_check_mark" || r.Name == "warning") {
				return true
			}
		}
	}
	return false
}

// eventsDelivered reports whether all deliveries of events have ended.
func (j *judge) eventsDelivered() bool {
	last := make(map[string]slacksandbox.Envelope)
	for _, e := range j.events() {
		last[e.EventID] = e
	}
	for _, e := range last {
		if e.Outcome == slacksandbox.Sent || (e.Attempt < 3 && (e.Outcome == slacksandbox.TimedOut || e.Outcome == slacksandbox.NoSocket)) {
			return false
		}
	}
	return true
}

// events returns all deliveries of events.
func (j *judge) events() []slacksandbox.Envelope {
	return slices.DeleteFunc(j.slack.Traffic(), func(e slacksandbox.Envelope) bool { return e.Type != "events_api" })
}

// noteArrivals records when the bot first acknowledged each message.
func (j *judge) noteArrivals() {
	j.arrived = make(map[string]time.Time)
	for _, e := range j.events() {
		var payload struct {
			Event struct{ Channel, TS string } `json:"event"`
		}
		if e.Outcome != slacksandbox.Acked || json.Unmarshal(e.Payload, &payload) != nil {
			continue
		}
		key := payload.Event.Channel + "/" + payload.Event.TS
		if at, ok := j.arrived[key]; !ok || e.Acked.Before(at) {
			j.arrived[key] = e.Acked
		}
	}
}

// arrivedAt returns when a question arrived, and false if it never did. The message of a
// question by an edit arrived before it was one.
func (j *judge) arrivedAt(q *asked) (time.Time, bool) {
	at, ok := j.arrived[q.talk.channel+"/"+q.ts]
	return at, ok && !q.byEdit
}

// judgeAll judges everything. Call it when the bot has finished all work.
func (j *judge) judgeAll(log []byte) []string {
	j.judgeSeen(log)
	return j.wrong
}

// judgeSeen judges the traffic with Slack and the agent, and the log.
func (j *judge) judgeSeen(log []byte) {
	j.noteArrivals()
	posts := j.allPosted()
	j.noteMerged()
	j.noteMergedUnasked()
	j.judgeEnds(posts)
	j.judgeThreads(posts)
	j.judgeOrder(posts)
	j.judgeRequests()
	j.judgeContext(posts)
	j.judgeStatus()
	j.judgeLog(log)
}

// judgeEnds checks that each question has one end, and that no part of it is posted twice.
func (j *judge) judgeEnds(posts map[string][]post) {
	for _, q := range j.crowd.questions {
		seen := make(map[int]int)
		for _, p := range posts[j.id(q)] {
			seen[p.part]++
		}
		for part, n := range seen {
			if n > 1 {
				j.report("part %d of the end of %s was posted %d times", part, j.id(q), n)
			}
		}
		if !j.over(q) {
			j.report("%s (%s), asked at %s, has no end; its deliveries:%s\nthose of its thread's first question:%s", j.id(q), q.word,
				q.at.Format(clock), j.deliveriesOf(q), j.deliveriesOf(q.talk.first))
		}
	}
}

// over reports whether a question has its end, or may have none that is visible.
func (j *judge) over(q *asked) bool {
	return q.mayHaveNoVisibleEnd() || j.ended(q) || j.endedElsewhere(q) || j.maybeUnknown(q) || j.mayHaveNoEnd != nil && j.mayHaveNoEnd(q)
}

// clock is the format of times in findings.
const clock = "15:04:05.000"

// deliveriesOf describes the attempts to deliver a question to the bot.
func (j *judge) deliveriesOf(q *asked) string {
	var attempts strings.Builder
	for _, e := range j.slack.Traffic() {
		var payload struct {
			Event struct{ Channel, TS string } `json:"event"`
		}
		if json.Unmarshal(e.Payload, &payload) != nil || payload.Event.Channel != q.talk.channel || payload.Event.TS != q.ts {
			continue
		}
		fmt.Fprintf(&attempts, "\n  %s %s over %q, attempt %d: %s", e.Sent.Format(clock), e.Inner, e.Socket, e.Attempt, e.Outcome)
		if e.Outcome == slacksandbox.Acked {
			fmt.Fprintf(&attempts, " at %s", e.Acked.Format(clock))
		}
	}
	return attempts.String()
}

// judgeThreads checks that every answer is in the thread of its question and about its
// subject, and that no post is at the top level of a channel.
func (j *judge) judgeThreads(posts map[string][]post) {
	questions := make(map[string]*asked)
	for _, q := range j.crowd.questions {
		questions[j.id(q)] = q
	}
	for id, found := range posts {
		q := questions[id]
		if isPrivateID(id) {
			continue // judgePrivate judges it
		}
		if _, button := pressOf(id); button {
			j.judgeButton(id, found)
			continue
		}
		for _, p := range found {
			switch {
			case id == "" && topLevel(p.Message) && p.Channel[0] == 'D':
				// a direct message, such as a ticket notification
			case q != nil && topLevel(p.Message) && p.Channel[0] == 'D' && strings.Contains(p.Text, blocks.SayUnverified.Text()):
				// a refusal in direct messages is no reply
			case q != nil && p.part == partUnposted && topLevel(p.Message) && p.Channel == j.slack.DM(q.asker):
				// the answer cannot be posted where the question is
			case q == nil && j.isWelcome(p.Message):
				// judgeWelcomes judges it
			case id == "" && len(p.Files) > 0:
				// an upload has no metadata
				j.judgeButton(id, []post{p})
			case q == nil && len(found) == 1 && j.isOffer(id, p.Message):
				// a person is offered to somebody who asked for one, instead of an answer
			case q == nil && j.mayAnswer(id):
				// a reply to the offer of an answer
			case q == nil:
				j.report("a post in %s/%s has the marker %q, which is no question", p.Channel, p.ThreadTS, id)
			case p.Channel != q.talk.channel || p.ThreadTS != q.talk.root && !(q.talk.deleted && j.mergedAt(p.ThreadTS, q)):
				j.report("the answer to %s is in %s/%s", id, p.Channel, p.ThreadTS)
			default:
				for _, name := range gadgetName.FindAllString(p.Text+string(p.Blocks), -1) {
					if !j.mentioned(j.leadOf(p, q).talk, name) {
						j.report("the answer to %s (%s) is about the %s, which no question in its thread mentions; asked with %q", id, q.word, name, j.sentFor(q))
					}
				}
			}
		}
	}
}

// sentFor returns what the agent got in the channel of a question, in the conversation in which it
// got that, with the questions that were deleted.
func (j *judge) sentFor(q *asked) (found []string) {
	words := make(map[string]*asked)
	for _, other := range j.crowd.questions {
		if other.talk.channel == q.talk.channel {
			words[other.word] = other
			if other.deleted {
				found = append(found, fmt.Sprintf("%s in %s was deleted", other.word, other.talk.root))
			}
		}
	}
	for _, r := range j.enjo.Requests() {
		if other := words[secretWord.FindString(r.Text)]; other != nil {
			found = append(found, fmt.Sprintf("%s in %s, in conversation %q: %s", other.word, other.talk.root, r.ConversationID, r.Text))
		}
	}
	return found
}

// mentioned reports whether a question in the conversation of a thread mentions a gadget.
func (j *judge) mentioned(t *talk, gadget string) bool {
	return slices.ContainsFunc(j.crowd.threads, func(other *talk) bool {
		return other.gadgets[gadget] && other.conversation() == t.conversation()
	})
}

// judgeButton checks that answers to buttons, ticket posts and uploads are in a thread with
// a question.
func (j *judge) judgeButton(id string, found []post) {
	for _, p := range found {
		root, _ := j.slack.Message(p.Channel, p.ThreadTS)
		if from, _ := markerOf(root); isPrivateID(from) || j.isCallElsewhere(id, p.Message) || j.isUnposted(id, p) {
			continue // a thread that goes on from a private question, or no thread
		}
		if !slices.ContainsFunc(j.crowd.threads, func(t *talk) bool { return t.channel == p.Channel && t.root == p.ThreadTS }) {
			j.report("a post in %s/%s has the marker %q, but its thread has no question", p.Channel, p.ThreadTS, id)
		}
	}
}

// isUnposted reports whether a post tells a person who has pressed a button that the answer
// cannot be posted.
func (j *judge) isUnposted(id string, p post) bool {
	return p.part == partUnposted && topLevel(p.Message) && slices.ContainsFunc(j.crowd.people, func(user string) bool {
		return p.Channel == j.slack.DM(user) && strings.Contains(id, user)
	})
}

// isCallElsewhere reports whether a post calls the configured person from the direct messages,
// or the private answer, in which a button was pressed.
func (j *judge) isCallElsewhere(id string, post slacksandbox.Message) bool {
	pressed, _ := storage.ParseMessageID(id)
	below, _ := j.slack.Message(pressed.Channel, storage.MessageTS(pressed.TS))
	return (strings.HasPrefix(pressed.Channel, "D") || below.EphemeralTo != "") && strings.HasSuffix(pressed.TS, "#person") &&
		post.Channel == j.slack.DM(j.crowd.people[0]) && topLevel(post)
}

// judgeOrder checks the order of the answers in a thread: if a question had arrived when
// another was asked, its answer is first. The notice that asks whether an answer is still
// needed is not an answer. A message that arrived before the thread's first question was
// not known to be for the bot, and backfill finds it later. While Slack refuses to say where
// its asker belongs, a message is no question, and others are not held up for it.
func (j *judge) judgeOrder(posts map[string][]post) {
	threads := make(map[*talk][]*asked)
	for _, q := range j.crowd.questions {
		if len(posts[j.id(q)]) > 0 {
			threads[q.talk] = append(threads[q.talk], q)
		}
	}
	answer := func(q *asked) string {
		for _, p := range posts[j.id(q)] {
			if p.part == 0 && !q.stop && // a notice about a stop is no answer
				!slices.Contains(actionsOf(p.Message), blocks.ActionAnswerNow) {
				return p.TS
			}
		}
		return ""
	}
	if j.ignoreOrder {
		return
	}
	for talk, questions := range threads {
		first, known := j.arrivedAt(talk.first)
		for i, q := range questions {
			if q != talk.first && (!known || q.at.Before(first)) {
				continue
			}
			for _, later := range questions[i+1:] {
				at, ok := j.arrivedAt(q)
				ok = ok && !j.wasUnidentified(q, later.at)
				before, after := answer(q), answer(later)
				if ok && at.Before(later.at) && before != "" && after != "" && before > after {
					j.report("%s was answered after %s, which was asked later", j.id(q), j.id(later))
				}
			}
		}
	}
}

// judgeRequests checks that the agent's limits were respected, that no message was sent to
// the conversation of another thread, and that no thread changed its conversation.
func (j *judge) judgeRequests() {
	conversations := make(map[string]*talk)
	of := make(map[*talk]string)
	for _, r := range j.sentRequests() {
		if r.Status == http.StatusTooManyRequests && r.Fault == "" && !j.strict && (j.mayBeLimited == nil || !j.mayBeLimited(r.Time)) {
			j.report("the agent rate limited a call; the time since earlier calls:%s", j.callsBefore(r.Time))
		}
		var t *talk
		for _, q := range r.asks {
			if t != nil && t != q.talk.conversation() {
				j.report("one call asks questions of two threads: %s", r.Text)
			}
			t = q.talk.conversation()
		}
		if t == nil || r.ConversationID == "" {
			continue
		}
		if other := conversations[r.ConversationID]; other != nil && other != t {
			j.report("the threads %s and %s share a conversation", other.root, t.root)
		}
		if known := of[t]; known != "" && known != r.ConversationID {
			j.report("the thread %s has two conversations", t.root)
		}
		conversations[r.ConversationID], of[t] = t, r.ConversationID
	}
}

// conversation returns the thread whose conversation a thread has.
func (t *talk) conversation() *talk {
	for t.continues != nil {
		t = t.continues
	}
	return t
}

// callsBefore lists how long before a time the agent was called.
func (j *judge) callsBefore(at time.Time) string {
	var calls strings.Builder
	for _, r := range j.enjo.Requests() {
		if before := at.Sub(r.Time); before > 0 && before < 6*time.Second {
			fmt.Fprintf(&calls, " %v", before.Round(time.Millisecond))
		}
	}
	return calls.String()
}

// working reports whether a thread shows that the bot is working. A thread with a deleted
// root shows only reactions.
func (j *judge) working(t *talk) bool {
	if len(j.withEyes(t)) > 0 {
		return true
	}
	session, _ := j.slack.Session(t.channel, t.root)
	return !t.deleted && (j.slack.Status(t.channel, t.root) != "" || session.Status == "processing")
}

// withEyes returns the messages of a thread that have the 👀 reaction.
func (j *judge) withEyes(t *talk) []string {
	var found []string
	for _, m := range j.slack.Thread(t.channel, t.root) {
		if slices.ContainsFunc(m.Reactions, func(r slacksandbox.Reaction) bool { return r.Name == "eyes" }) {
			found = append(found, m.TS)
		}
	}
	return found
}

// judgeStatus checks that no thread shows that the bot is working.
func (j *judge) judgeStatus() {
	for _, t := range j.crowd.threads {
		if t.channel == j.crowd.lostChannel {
			continue // the bot cannot change anything there
		}
		if j.working(t) {
			session, _ := j.slack.Session(t.channel, t.root)
			j.report("the thread %s/%s/%s still has the status %q and the session %q, after%s", j.slack.TeamID(), t.channel, t.root,
				j.slack.Status(t.channel, t.root), session.Status, j.statusCalls(t))
		}
		for _, ts := range j.withEyes(t) {
			j.report("the message %s still has the 👀 reaction, after%s", ts, j.reactionsTo(ts))
		}
	}
}

// statusCalls describes the calls that set the status of a thread.
func (j *judge) statusCalls(t *talk) string {
	var calls strings.Builder
	for _, call := range j.slack.Calls() {
		if call.Args["thread_ts"] == t.root && call.Args["status"] != "" {
			fmt.Fprintf(&calls, "\n%s %s %q %s %s", call.At.Format(time.TimeOnly), call.Method, call.Args["status"], call.Fault, call.Error)
		}
	}
	return calls.String()
}

// reactionsTo describes the calls that added or removed reactions of a message.
func (j *judge) reactionsTo(ts string) string {
	var calls strings.Builder
	for _, call := range j.slack.Calls() {
		if call.Args["timestamp"] == ts {
			fmt.Fprintf(&calls, "\n%s %s %q %s %s", call.At.Format(clock), call.Method, call.Args["name"], call.Fault, call.Error)
		}
	}
	return calls.String()
}

// judgeLog checks that the log contains no token, no message text and no panic.
func (j *judge) judgeLog(log []byte) {
	for _, secret := range append(j.slack.Secrets(), j.enjo.Token()) {
		if bytes.Contains(log, []byte(secret)) {
			j.report("the log contains the secret %.12s…", secret)
		}
	}
	if bytes.Contains(log, []byte("/respond/")) {
		j.report("the log contains a response URL")
	}
	for _, secret := range []*regexp.Regexp{secretWord, contextWord, privateWord} {
		if word := secret.Find(log); word != nil {
			j.report("the log contains message text: %s", word)
		}
	}
	for _, word := range []string{"panic", "DATA RACE", "a fault in"} {
		if at := bytes.Index(log, []byte(word)); at >= 0 {
			j.report("the log contains a bug report: %s", log[at:min(len(log), at+500)])
		}
	}
}

// messageID finds the identity of a question in a finding.
var messageID = regexp.MustCompile(`T\w+/\w+/[0-9.]+`)

// linesAbout returns the lines of a log about a question, in the order of their times.
func linesAbout(log []byte, question string) string {
	lines := slices.DeleteFunc(strings.Split(string(log), "\n"), func(line string) bool { return !strings.Contains(line, question) })
	at := func(line string) string {
		var fields struct{ Time string }
		_ = json.Unmarshal([]byte(line), &fields) // some lines are no JSON
		return fields.Time
	}
	slices.SortStableFunc(lines, func(a, b string) int { return strings.Compare(at(a), at(b)) })
	return strings.Join(lines, "\n")
}
