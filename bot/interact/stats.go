package interact

import (
	"context"
	"strings"
	"time"

	"enjobridge/blocks"
	"enjobridge/bot/dispatch"
	"enjobridge/bot/queue"
	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// outageText says what does not work now; empty if all does.
func outageText(r dispatch.Stats) string {
	if len(r.Down) == 0 {
		return ""
	}
	return blocks.SayAgentDown
}

// statsLines says in sentences how things are.
func statsLines(r dispatch.Stats, now time.Time) []string {
	lines := []string{blocks.InLine(r.Waiting, r.Mine), useText(r.Limits)}
	if r.Failed != "" {
		lines = append(lines, blocks.LastFailure(blocks.Ago(now.Sub(r.FailedAt)), r.Failed))
	}
	return lines
}

// useText says how much of the agent's limits is used.
func useText(limits []queue.LimitUse) string {
	uses := make([]string, len(limits))
	for i, u := range limits {
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
func (d *Interact) status(_ context.Context, i slackevent.Interaction) (blocks.Message, error) {
	r := d.questions.Stats(i.User)
	return blocks.Status(outageText(r), statsLines(r, time.Now())), nil
}

// startConversation makes the next direct message start a new conversation.
func (d *Interact) startConversation(ctx context.Context, i slackevent.Interaction) (blocks.Message, error) {
	if d.policy.AgentView {
		return blocks.Say(blocks.SayJustWrite), nil
	}
	m := slackevent.Message{ID: storage.MessageID{Team: d.self.TeamID, Channel: i.Channel}}
	if !m.IsDirect() {
		return blocks.Say(blocks.SayWriteMe), nil
	}
	if err := d.store.ResetConversation(ctx, m.Thread(false)); err != nil {
		return blocks.Message{}, err
	}
	return blocks.Say(blocks.SayNewNext), nil
}
