package intake

import (
	"context"
	"fmt"
	"slices"

	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// storeStop stops the waiting and running questions of threads.
func (d *decider) storeStop(ctx context.Context, threads ...storage.ThreadID) error {
	for _, thread := range threads {
		stopped, err := d.store.StopThread(ctx, thread)
		if err != nil {
			return fmt.Errorf("stopping questions: %w", err)
		}
		d.stopped = append(d.stopped, stopped...)
	}
	return nil
}

// running returns the other threads of a direct message whose questions the word stop means,
// too: at the top, all that were asked before; in the thread of a message that was merged
// into a later one, that of the later one. What is said after the stop goes on.
func (d *decider) running(ctx context.Context, m slackevent.Message) (threads []storage.ThreadID, err error) {
	if !m.IsDirect() || !d.policy.AgentView || !isStop(slackevent.WithoutMention(m.Text, d.policy.Self.UserID)) {
		return nil, nil
	}
	unfinished, err := d.store.Unfinished(ctx)
	if err != nil {
		return nil, fmt.Errorf("looking for what to stop: %w", err)
	}
	own := m.Thread(true)
	for _, q := range unfinished {
		inThread := func(id storage.MessageID) bool { return q.ThreadOf(id) == own }
		isEarlier := storage.CompareTS(storage.MessageTS(q.ID.TS), m.ID.TS) < 0 // history can bring a stop late
		isMeant := isEarlier && (m.ThreadTS == "" || slices.ContainsFunc(q.With, inThread))
		if q.ID.Channel == m.ID.Channel && q.Thread != own && isMeant && !slices.Contains(threads, q.Thread) {
			threads = append(threads, q.Thread)
		}
	}
	return threads, nil
}
