package bot

import (
	"context"
	"strings"
	"time"

	"enjobridge/blocks"
	"enjobridge/bot/deliver"
	"enjobridge/bot/queue"
	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// report is what the line, the limits and the agents are like at a moment.
type report struct {
	waiting, mine int // questions in line, in all and of one person
	limits        []queue.LimitUse
	down          []string // agents that do not answer
	failed        string   // what went wrong last, in words for people; empty if nothing did
	failedAt      time.Time
}

// report tells a person how things are.
func (w *worker) report(user string) report {
	now := time.Now()
	r := report{limits: w.limiter.Use(now)}
	w.mu.Lock()
	defer w.mu.Unlock()
	_, r.mine, r.waiting = w.line.Depth(storage.ThreadID{}, user)
	for _, agent := range w.agents.List {
		if w.breakers.Down(agent.Name) {
			r.down = append(r.down, agent.Name)
		}
	}
	r.failed, r.failedAt = w.failedLast, w.failedAt
	return r
}

// remember keeps what went wrong last, for reports. The mutex must be held.
func (w *worker) remember(code storage.Failure, now time.Time) {
	w.failedLast, w.failedAt = deliver.Explain(code).Text, now
}

// trouble says what does not work now; empty if all does.
func (r report) trouble() string {
	if len(r.down) == 0 {
		return ""
	}
	return blocks.SayAgentDown
}

// lines says in sentences how things are.
func (r report) lines(now time.Time) []string {
	lines := []string{r.line(), r.use()}
	if r.failed != "" {
		lines = append(lines, blocks.LastFailure(ago(now.Sub(r.failedAt)), r.failed))
	}
	return lines
}

// line says how long the line is.
func (r report) line() string { return blocks.InLine(r.waiting, r.mine) }

// use says how much of the agent's limits is used.
func (r report) use() string {
	uses := make([]string, len(r.limits))
	for i, u := range r.limits {
		uses[i] = blocks.CallsIn(u.Made, u.Limit.Calls, short(u.Limit.Per))
	}
	return blocks.CallsMade(uses)
}

// short writes a duration without what is zero at its end: 1m, and not 1m0s.
func short(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// status tells a person how things are.
func (d *desk) status(_ context.Context, i slackevent.Interaction) (blocks.Message, error) {
	r := d.report(i.User)
	return blocks.Status(r.trouble(), r.lines(time.Now())), nil
}

// startAnew makes the next direct message start a new conversation.
func (d *desk) startAnew(ctx context.Context, i slackevent.Interaction) (blocks.Message, error) {
	if d.cfg.AgentView {
		return blocks.Say(blocks.SayJustWrite), nil
	}
	m := slackevent.Message{ID: storage.MessageID{Team: d.self.TeamID, Channel: i.Channel}}
	if !m.IsDirect() {
		return blocks.Say(blocks.SayWriteMe), nil
	}
	if err := d.store.Renew(ctx, m.Thread(false)); err != nil {
		return blocks.Message{}, err
	}
	return blocks.Say(blocks.SayNewNext), nil
}
