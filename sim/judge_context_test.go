package sim_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"time"

	"enjobridge/blocks"
	enjosandbox "enjobridge/sandbox/enjo"
	slacksandbox "enjobridge/sandbox/slack"
	"enjobridge/storage"
)

// This file judges what the agent is sent, and what the bot does with messages that are no
// questions.

// judgeContext checks what the agent was sent.
func (j *judge) judgeContext(posts map[string][]post) {
	sent := j.sentRequests()
	j.judgeMerged(posts)
	for _, r := range sent {
		j.judgeUnasked(r)
		j.judgeContent(r)
		j.judgeSpeakers(r)
		j.judgeNames(r)
	}
	j.judgeSaid(sent)
	j.judgeUnreadNamed(sent)
	j.judgeWelcomes()
}

// sentRequest is a request to the agent, with the questions that it asks, and the threads
// whose messages it has.
type sentRequest struct {
	enjosandbox.Request
	asks  []*asked
	talks []*talk
}

// sentRequests returns all requests that have a text.
func (j *judge) sentRequests() []sentRequest {
	words, talks := make(map[string]*asked), make(map[string]*talk)
	for _, q := range j.crowd.questions {
		words[q.word], talks[q.word] = q, q.talk
	}
	for _, m := range j.crowd.said {
		talks[m.word] = m.talk
	}
	var all []sentRequest
	for _, r := range j.enjo.Requests() {
		if r.Text == "" {
			continue
		}
		sent := sentRequest{Request: r}
		for _, word := range secretWord.FindAllString(question(r.Text), -1) {
			if q := words[word]; q != nil && !slices.Contains(sent.asks, q) {
				sent.asks = append(sent.asks, q)
			}
		}
		for _, word := range anyWord.FindAllString(r.Text, -1) {
			if t := talks[word]; t != nil && !slices.Contains(sent.talks, t) {
				sent.talks = append(sent.talks, t)
			}
		}
		all = append(all, sent)
	}
	return all
}

// anyWord finds the words of questions and of other messages.
var anyWord = regexp.MustCompile(secretWord.String() + "|" + contextWord.String())

// judgeUnasked checks that no request asks what is no question: a remark, thanks, a
// command, a message to somebody else.
func (j *judge) judgeUnasked(r sentRequest) {
	asked := question(r.Text)
	for _, m := range j.crowd.said {
		switch {
		case m.secret && strings.Contains(r.Text, m.word):
			j.report("the agent got the message %s/%s of a member of another organisation: %s", m.channel, m.ts, r.Text)
		case strings.Contains(asked, m.word) && !j.offered(m.talk):
			j.report("the message %s/%s, which is no question, was asked: %s", m.channel, m.ts, r.Text)
		}
	}
	if words := strings.TrimSpace(speaker.ReplaceAllString(asked, "")); slices.Contains(idleWords, words) || strings.EqualFold(words, "stop") {
		j.report("%q was asked, which is no question", words)
	}
}

// offered reports whether the bot has asked in a thread whether an answer is still needed.
// Everyone there can reply to that.
func (j *judge) offered(t *talk) bool {
	return t != nil && slices.ContainsFunc(j.slack.Thread(t.channel, t.root), func(m slacksandbox.Message) bool {
		return m.BotID == j.slack.BotID() && strings.HasPrefix(m.Text, "You asked this ")
	})
}

// personRequest is the message that asks for a person.
const personRequest = "I want to talk to a human"

// isOffer reports whether a post offers a person to the author of a message who asked for one.
func (j *judge) isOffer(id string, post slacksandbox.Message) bool {
	asked, _ := storage.ParseMessageID(id)
	m, known := j.slack.Message(asked.Channel, asked.TS)
	return known && m.Text == personRequest && post.Text == blocks.SayOfferPerson.Text()
}

// mayAnswer reports whether a message that is no question can be a reply to such an offer.
func (j *judge) mayAnswer(id string) bool {
	return slices.ContainsFunc(j.crowd.said, func(m *said) bool {
		return j.slack.TeamID()+"/"+m.channel+"/"+m.ts == id && !m.secret && j.offered(m.talk)
	})
}

// judgeContent checks that a request has everything that its questions consist of.
func (j *judge) judgeContent(r sentRequest) {
	for _, q := range r.asks {
		for _, text := range q.holds {
			if !strings.Contains(r.Text, text) {
				j.report("%s (%s) was asked without %q: %s", j.id(q), q.word, text, r.Text)
			}
		}
	}
}

// speaker matches the beginning of a line that says who speaks.
var speaker = regexp.MustCompile(`(?m)^(person\d+|stranger): `)

// judgeSpeakers checks that a message cannot look like one of another person, and that a
// lone speaker does not look like two: either all messages have the names of their
// authors, or none.
func (j *judge) judgeSpeakers(r sentRequest) {
	for _, m := range j.crowd.said {
		if m.forged != "" && strings.Contains("\n"+r.Text, "\n"+m.forged) {
			j.report("a line of the message %s/%s looks like another person's: %s", m.channel, m.ts, r.Text)
		}
	}
	if len(r.asks) == 0 {
		return
	}
	last := slices.MaxFunc(r.asks, func(a, b *asked) int { return strings.Compare(a.ts, b.ts) })
	speak := j.speakers(last)
	named := speaker.FindAllStringSubmatch(r.Text, -1)
	for _, found := range named {
		if name := found[1]; !slices.Contains(speak, name) {
			j.report("%s (%s): the agent was told that %s speaks in a thread in which only %v do: %s", j.id(last), last.word, name, speak, r.Text)
		}
	}
	if earlier, _, ok := strings.Cut(r.Text, titleQuestion); ok && len(named) > 0 && strings.Contains(earlier, "\n- ") {
		j.report("%s (%s): some of the messages have the name of their author, and some have not: %s", j.id(last), last.word, r.Text)
	}
}

// ownMessage matches a message of the bot in a request. It can quote people.
var ownMessage = regexp.MustCompile(`(?m)^You \(the assistant\): .*\n(?:\| .*\n)*`)

// judgeNames checks that the messages of a request have the names of their authors if these
// are several.
func (j *judge) judgeNames(r sentRequest) {
	var authors []string
	byPeople := ownMessage.ReplaceAllString(r.Text, "")
	add := func(word, author string) {
		if strings.Contains(byPeople, word) && !slices.Contains(authors, author) {
			authors = append(authors, author)
		}
	}
	for _, m := range j.crowd.said {
		add(m.word, m.author)
	}
	for _, q := range j.crowd.questions {
		if !q.stop {
			add(q.word, q.asker)
		}
	}
	if len(authors) < 2 {
		return
	}
	for _, author := range authors {
		// Slack may not say what somebody is called.
		lines, name := "\n"+r.Text, j.crowd.nameOf(author)
		if !strings.Contains(lines, "\n"+name+": ") && !strings.Contains(lines, "\n"+name+" (app)") && !strings.Contains(lines, "\n"+author+": ") {
			j.report("the agent got messages of several people, but no line says that it is by %s: %s", name, r.Text)
		}
	}
}

// speakers returns the names of those who have spoken in a question's thread until then,
// also in messages that are deleted by now.
func (j *judge) speakers(q *asked) []string {
	names := []string{j.crowd.nameOf(q.asker)}
	add := func(t *talk, ts, user string) {
		if name := j.crowd.nameOf(user); t == q.talk && ts <= q.ts && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, m := range j.crowd.said {
		add(m.talk, m.ts, m.author)
	}
	for _, other := range j.crowd.questions {
		add(other.talk, other.ts, other.asker)
	}
	for _, m := range j.slack.Thread(q.talk.channel, q.talk.root) {
		add(q.talk, m.TS, m.User)
	}
	return names
}

// judgeSaid checks that the agent gets everything that was said in a thread before a
// question that was asked there: at least once, with this or an earlier question.
func (j *judge) judgeSaid(sent []sentRequest) {
	latest := make(map[*talk]string)  // the ts of the latest question that was processed
	texts := make(map[*talk][]string) // all requests of the thread
	for _, r := range sent {
		for _, t := range r.talks {
			texts[t] = append(texts[t], r.Text)
		}
		for _, q := range r.asks {
			if r.Processed && q.ts > latest[q.talk] {
				latest[q.talk] = q.ts
			}
		}
	}
	got := func(t *talk, word, author string) bool {
		// Nothing is sent of a person who could be an outsider.
		return j.failedFor(author) || slices.ContainsFunc(texts[t], func(text string) bool {
			return strings.Contains(text, word) || strings.Contains(text, "could not be read") || strings.Contains(text, "left out]")
		})
	}
	for _, m := range j.crowd.said {
		if m.talk != nil && !m.secret && m.ts < latest[m.talk] && !j.tooLong(m.talk) && !got(m.talk, m.word, m.author) {
			j.report("the agent never got the message %s/%s (%s) by %s, although it was asked %s in the thread later; it got:\n%s",
				m.channel, m.ts, m.word, m.author, latest[m.talk], strings.Join(texts[m.talk], "\n---\n"))
		}
	}
	for _, q := range j.crowd.questions {
		if !q.stop && !q.deleted && !q.talk.deleted && q.ts < latest[q.talk] && !j.tooLong(q.talk) && !got(q.talk, q.word, q.asker) && !j.seemsFatal(q) {
			j.report("the agent never got %s (%s), although it was asked %s in the thread later; it got:\n%s",
				j.id(q), q.word, latest[q.talk], strings.Join(texts[q.talk], "\n---\n"))
		}
	}
}

// seemsFatal reports whether the agent seems to have failed at a question. Then later ones can come
// without it; its requests may have been lost on their way to the agent.
func (j *judge) seemsFatal(q *asked) bool {
	return slices.ContainsFunc(j.slack.Thread(q.talk.channel, q.talk.root), func(m slacksandbox.Message) bool {
		id, part := markerOf(m)
		return m.BotID == j.slack.BotID() && id == j.id(q) && part == 0 && strings.Contains(m.Text, blocks.SayNoAnswer.Text())
	})
}

// mostContext is a length of all messages of a thread, in bytes, that the agent gets
// without cuts in any case.
const mostContext = 12_000

// tooLong reports whether a thread is so long that its messages may be cut.
func (j *judge) tooLong(t *talk) bool {
	length := 0
	for _, m := range j.slack.Thread(t.channel, t.root) {
		length += len(m.Text) + len(m.Fields["text"])
	}
	return length > mostContext
}

// judgeUnreadNamed checks that the asker of an answered question learns which file could
// not be read. If Slack did not return the name, the answer says that there is a file.
func (j *judge) judgeUnreadNamed(sent []sentRequest) {
	for _, r := range sent {
		for _, q := range r.asks {
			if q.unread == "" || q.mayHaveNoVisibleEnd() {
				continue
			}
			answered, named := false, false
			for _, m := range j.slack.Thread(q.talk.channel, q.talk.root) {
				id, part := markerOf(m)
				if m.BotID != j.slack.BotID() {
					continue
				}
				answered = answered || part == 0 && id == j.id(q) && gadgetName.MatchString(m.Text)
				text := m.Text + string(m.Blocks)
				named = named || strings.Contains(text, q.unread) || strings.Contains(text, blocks.NoteFiles(nil)) && j.repliesFailed(q)
			}
			if answered && !named {
				j.report("the answer to %s does not say that %s could not be read", j.id(q), q.unread)
			}
		}
	}
}

// repliesFailed reports whether Slack did not return the thread of a question.
func (j *judge) repliesFailed(q *asked) bool {
	return slices.ContainsFunc(j.slack.Calls(), func(c slacksandbox.Call) bool {
		return c.Method == "conversations.replies" && c.Args["channel"] == q.talk.channel && c.At.After(q.at) && (c.Error != "" || c.Fault != "")
	})
}

// judgeWelcomes checks that the bot introduces itself at most once in each channel, and
// only in those to which it was added.
func (j *judge) judgeWelcomes() {
	for _, c := range j.slack.Channels() {
		welcomes := 0
		for _, m := range j.slack.Messages(c.ID) {
			if j.isWelcome(m) {
				welcomes++
			}
		}
		if welcomes > 1 || welcomes > 0 && !slices.Contains(j.crowd.addedTo, c.ID) {
			j.report("the bot introduces itself %d times in %s", welcomes, c.ID)
		}
	}
}

// isWelcome reports whether a message is a post of the bot at the top of a channel, which is
// no shared answer.
func (j *judge) isWelcome(m slacksandbox.Message) bool {
	id, _ := markerOf(m)
	return !isPrivateID(id) && m.BotID == j.slack.BotID() && m.EphemeralTo == "" && m.Channel[0] != 'D' && topLevel(m)
}

// topLevel reports whether a message is no reply.
func topLevel(m slacksandbox.Message) bool { return m.ThreadTS == "" || m.ThreadTS == m.TS }

// notified reports whether a direct message says to the asker of a question that its answer
// cannot be posted.
func (j *judge) notified(q *asked) bool {
	link := j.crowd.link(q.talk.channel, q.ts)
	return slices.ContainsFunc(j.slack.Messages(j.slack.DM(q.asker)), func(m slacksandbox.Message) bool {
		id, part := markerOf(m)
		return m.BotID == j.slack.BotID() && topLevel(m) && id == j.id(q) && part == partUnposted && strings.Contains(string(m.Blocks), link)
	})
}

// endedElsewhere reports whether a question has an end that is not in its thread: it was
// asked together with a later direct message; a direct message says that it cannot be
// answered; or Slack did not say who its asker is, and they know.
func (j *judge) endedElsewhere(q *asked) bool {
	if q.atTop() && q.mergedInto == nil {
		j.noteMerged()
	}
	if last := q.mergedInto; last != nil && (j.ended(last) || j.movedTo(last, q.talk.root)) {
		return true
	}
	return q.lost && j.notified(q) || j.refusedUnverified(q)
}

// movedTo reports whether the end of a direct message is in the thread of an earlier one
// that was asked with it, because its own root is deleted.
func (j *judge) movedTo(q *asked, root string) bool {
	return q.talk.deleted && slices.ContainsFunc(j.slack.Thread(q.talk.channel, root), func(m slacksandbox.Message) bool {
		id, part := markerOf(m)
		return m.BotID == j.slack.BotID() && id == j.id(q) && (part >= 0 || part == partRefused)
	})
}

// mergedAt reports whether a thread began with a direct message that was asked with a
// later one. If that was deleted in time, it is not asked itself.
func (j *judge) mergedAt(root string, last *asked) bool {
	return slices.ContainsFunc(j.crowd.questions, func(q *asked) bool {
		return q.ts == root && (q.mergedInto == last || q.mayGoOnIn(last))
	})
}

// mayGoOnIn reports whether a direct message can be asked in the place of a later one that
// was deleted.
func (q *asked) mayGoOnIn(last *asked) bool {
	return last.deleted && q.atTop() && q.talk.channel == last.talk.channel && q.asker == last.asker && q.ts < last.ts
}

// leadOf returns the question that a post with the marker of q answers: in the thread of an
// earlier direct message that one, because the later ones are deleted.
func (j *judge) leadOf(p post, q *asked) *asked {
	for _, earlier := range j.crowd.questions {
		if p.ThreadTS != q.talk.root && earlier.ts == p.ThreadTS && earlier.talk.channel == p.Channel {
			return earlier
		}
	}
	return q
}

// stoppedWithLater reports whether a direct message can be part of a later one that was
// stopped.
func (j *judge) stoppedWithLater(q *asked) bool {
	return q.atTop() && slices.ContainsFunc(j.crowd.threads, func(t *talk) bool {
		return t.channel == q.talk.channel && t.root > q.ts && !t.stopped.IsZero()
	})
}

// noteMerged records which direct messages were asked together: their threads have one
// conversation, that of the latest one.
func (j *judge) noteMerged() {
	for _, r := range j.sentRequests() {
		top := slices.DeleteFunc(slices.Clone(r.asks), func(q *asked) bool { return !q.atTop() })
		if len(top) == 0 {
			continue
		}
		last := slices.MaxFunc(top, func(a, b *asked) int { return strings.Compare(a.ts, b.ts) })
		lead := last.talk
		for _, q := range r.asks {
			if !q.atTop() && q.talk.channel == lead.channel && q.talk.root > lead.root {
				lead = q.talk // its first message was deleted, and is not asked
			}
		}
		for _, q := range top {
			if q.talk == lead || q.talk.channel != lead.channel {
				continue
			}
			if q.talk.continues = lead; q != last {
				q.mergedInto = last
			}
			// If the agent fails, it names no conversation, and each thread can begin one.
			q.talk.split = q.talk.split || r.Fault != ""
			lead.split = lead.split || r.Fault != ""
		}
	}
}

// noteMergedUnasked records which direct messages were merged into the next one and deleted
// before the agent was asked: the first call about a reply in their thread continues a
// conversation, which can only be that of the next one.
func (j *judge) noteMergedUnasked() {
	sent := j.sentRequests()
	for i, q := range j.crowd.questions {
		if !q.atTop() || !q.deleted || q.talk.continues != nil {
			continue
		}
		first := slices.IndexFunc(sent, func(r sentRequest) bool {
			return slices.ContainsFunc(r.asks, func(asked *asked) bool { return asked.talk == q.talk })
		})
		if first < 0 || sent[first].ConversationID == "" || slices.Contains(sent[first].asks, q) {
			continue
		}
		later := j.crowd.questions[i+1:]
		if next := slices.IndexFunc(later, func(o *asked) bool { return o.atTop() && o.talk.channel == q.talk.channel }); next >= 0 {
			q.talk.continues = later[next].talk
		}
	}
}

// atTop reports whether a question is a direct message that began a thread.
func (q *asked) atTop() bool { return q.talk.channel[0] == 'D' && q.ts == q.talk.root }

// judgeMerged checks that a message that was asked with a later one has no answer in its
// own thread.
func (j *judge) judgeMerged(posts map[string][]post) {
	for _, q := range j.crowd.questions {
		if q.mergedInto != nil && slices.ContainsFunc(posts[j.id(q)], func(p post) bool { return p.part >= 0 }) {
			j.report("%s was asked together with %s, but is also answered itself", j.id(q), j.id(q.mergedInto))
		}
	}
}

// lookupFailed reports whether Slack refused to say where the asker of a question belongs.
func (j *judge) lookupFailed(q *asked) bool { return j.failedFor(q.asker) }

// failedFor reports whether Slack refused to say where a person belongs.
func (j *judge) failedFor(person string) bool {
	return slices.ContainsFunc(j.slack.Calls(), func(c slacksandbox.Call) bool {
		return c.Method == "users.info" && c.Args["user"] == person && (c.Error != "" || c.Fault != "")
	})
}

// wasUnidentified reports whether Slack may have refused until a time to say where the asker of
// a question belongs. A call that was made before the question can be answered after it.
func (j *judge) wasUnidentified(q *asked, until time.Time) bool {
	return slices.ContainsFunc(j.slack.Calls(), func(c slacksandbox.Call) bool {
		return c.Method == "users.info" && c.Args["user"] == q.asker && (c.Error != "" || c.Fault != "") &&
			c.At.After(q.at.Add(-time.Minute)) && c.At.Before(until)
	})
}

// refusedUnverified reports whether the asker of a question knows that the bot cannot
// verify where they belong, because Slack refused to say.
func (j *judge) refusedUnverified(q *asked) bool {
	return slices.ContainsFunc(j.slack.Messages(q.talk.channel), func(m slacksandbox.Message) bool {
		private := m.EphemeralTo == q.asker || m.Channel[0] == 'D'
		return m.BotID == j.slack.BotID() && private && m.TS > q.ts && strings.Contains(m.Text, blocks.SayUnverified.Text())
	}) && j.lookupFailed(q)
}

// maybeUnknown reports whether the bot may not know of a question: Slack delivered neither
// the edit that made it one, nor that the bot was added to its channel; or its asker has
// not asked in the thread.
func (j *judge) maybeUnknown(q *asked) bool {
	switch {
	case q.byEdit:
		return !j.delivered(func(e deliveredEvent) bool { return e.Channel == q.talk.channel && j.addsMention(e, q.ts) })
	case q.before:
		return !j.delivered(func(e deliveredEvent) bool { return e.Type == "member_joined_channel" && e.Channel == q.talk.channel })
	case q.lost:
		_, arrived := j.arrivedAt(q)
		return !arrived
	}
	return !q.mention && q.talk.channel[0] != 'D' && (j.unknownBefore(q) || j.refusedBefore(q) || j.seemsJoined(q.talk))
}

// seemsJoined reports whether a thread may look to the bot like one of people that a mention
// called it into, because it does not know that an edit made the root a question. People need
// a mention there.
func (j *judge) seemsJoined(t *talk) bool {
	return t.first.byEdit && t.first.ts == t.root && j.maybeUnknown(t.first)
}

// refusedBefore reports whether all earlier questions of the asker of a question in its
// thread were refused, or not known to be questions after that, so that the bot takes no part
// there.
func (j *judge) refusedBefore(q *asked) bool {
	return j.lookupFailed(q) && !slices.ContainsFunc(j.crowd.questions, func(other *asked) bool {
		return other.talk == q.talk && other.asker == q.asker && other.ts < q.ts && !other.stop && !j.refusedUnverified(other) && !j.maybeUnknown(other)
	})
}

// unknownBefore reports whether the asker of a question has deleted all earlier ones in its
// thread, or the bot may not know of them, so that the asker may not be known there.
func (j *judge) unknownBefore(q *asked) bool {
	return !slices.ContainsFunc(j.crowd.questions, func(other *asked) bool {
		return other.talk == q.talk && other.asker == q.asker && other.ts < q.ts && !other.deleted && !other.stop && !j.maybeUnknown(other)
	})
}

// deliveredEvent is an event that the bot acknowledged.
type deliveredEvent struct {
	Type, Subtype, Channel, TS string
	Message                    struct{ TS, Text string }
	Previous                   struct{ Text string } `json:"previous_message"`
}

// addsMention reports whether an event says that an edit added a mention of the bot to a
// message: later edits and replies change a message, too.
func (j *judge) addsMention(e deliveredEvent, ts string) bool {
	mention := slacksandbox.Mention(j.slack.BotUserID())
	return e.Type == "app_mention" && e.TS == ts ||
		e.Subtype == "message_changed" && e.Message.TS == ts && strings.Contains(e.Message.Text, mention) && !strings.Contains(e.Previous.Text, mention)
}

// delivered reports whether the bot acknowledged an event that satisfies a condition.
func (j *judge) delivered(condition func(deliveredEvent) bool) bool {
	return slices.ContainsFunc(j.events(), func(e slacksandbox.Envelope) bool {
		var payload struct{ Event deliveredEvent }
		return e.Outcome == slacksandbox.Acked && json.Unmarshal(e.Payload, &payload) == nil && condition(payload.Event)
	})
}
