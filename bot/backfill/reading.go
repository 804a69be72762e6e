package backfill

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// reading is the reading of a conversation's history. It can take several turns, and
// goes on after a failure. If the process ends before its end, the next one begins
// again, because only the end is stored.
type reading struct {
	conversation
	from, until time.Time // until becomes the watermark
	// latest is the oldest message at the top that is handled; empty at first. Slack
	// returns the newest first.
	latest string
	top    bool // all messages at the top are handled
	// threads have replies that are not handled, except those of the first of them up to
	// after. Slack returns the oldest first.
	threads []string
	after   string
	known   map[string]bool // the threads that are or were in threads
	// found is how many messages were found since it was taken.
	found int
	// notified wait until senders are notified.
	notified []func(context.Context) error
}

// begin returns the reading of a conversation, which may have begun earlier.
func (b *Backfill) begin(c conversation, now time.Time) *reading {
	if r := b.begun[c.ID]; r != nil {
		r.conversation = c
		return r
	}
	r := &reading{conversation: c, until: now}
	if c.since.IsZero() { // the beginning of history could not be stored
		r.top = true
		return r
	}
	since := c.since
	if oldest := now.Add(-maxAge); since.Before(oldest) || since.After(now.Add(overlap)) {
		since = oldest
	}
	r.start(since, now)
	return r
}

// start starts to read the messages of a time.
func (r *reading) start(since, until time.Time) {
	r.from, r.until, r.latest, r.top, r.after = since.Add(-overlap), until, "", false, ""
	r.threads, r.known = slices.Clone(r.live), make(map[string]bool)
	for _, root := range r.live {
		r.known[root] = true
	}
}

// goOn goes on to now, after everything before is handled.
func (r *reading) goOn(now time.Time) { r.start(r.until, now) }

// takeFound returns how many messages were found since it was called last.
func (r *reading) takeFound() int {
	found := r.found
	r.found = 0
	return found
}

// oldest is the timestamp after which messages are handled.
func (r *reading) oldest() string { return slackevent.FormatTS(r.from) }

// addThread adds a thread if its root says that it has new replies.
func (r *reading) addThread(root slackevent.Posted) {
	if root.ReplyCount > 0 && slackevent.CompareTS(root.LatestReply, r.oldest()) > 0 && !r.known[root.TS] {
		r.known[root.TS] = true
		r.threads = append(r.threads, root.TS)
	}
}

// turn reads at most [maxTurn] messages, and has them accepted: the messages at the top
// with the newest first, of direct messages with the oldest first, then the replies in
// their order. It returns whether all are read.
func (b *Backfill) turn(ctx context.Context, r *reading) (read bool, err error) {
	budget := maxTurn
	if !r.top {
		if err := b.readTop(ctx, r, &budget); err != nil {
			return false, fmt.Errorf("reading the history of %s: %w", r.ID, err)
		}
	}
	for r.top && len(r.threads) > 0 && budget > 0 {
		if err := b.readThread(ctx, r, &budget); err != nil {
			return false, fmt.Errorf("reading a thread of %s: %w", r.ID, err)
		}
	}
	return r.top && len(r.threads) == 0, nil
}

// readTop handles the messages at the top of a conversation, and notes the threads with
// new replies, also of older messages.
func (b *Backfill) readTop(ctx context.Context, r *reading, budget *int) error {
	if r.Direct {
		return b.readDirect(ctx, r, budget)
	}
	for m, err := range b.slack.History(ctx, r.ID, slackapi.Range{Oldest: r.oldest(), Latest: r.latest}) {
		if err != nil {
			return err
		}
		if *budget == 0 {
			return nil
		}
		*budget--
		if slackevent.CompareTS(m.TS, r.oldest()) > 0 {
			if err := b.take(ctx, r, m); err != nil {
				return err
			}
		}
		r.addThread(m)
		r.latest = m.TS
	}
	for m, err := range b.slack.History(ctx, r.ID, slackapi.Range{Latest: r.oldest(), Pages: 1}) {
		if err != nil {
			return err
		}
		r.addThread(m)
	}
	r.top = true
	return nil
}

// readDirect does the same for direct messages, the oldest first, because several can be
// one question. They are few, so the same calls return the older ones.
func (b *Backfill) readDirect(ctx context.Context, r *reading, budget *int) error {
	in := slackapi.Range{Oldest: slackevent.FormatTS(r.from.Add(-maxAge)), Latest: r.latest}
	var found []slackevent.Posted
	isAll := true
	for m, err := range b.slack.History(ctx, r.ID, in) {
		if err != nil {
			return err
		}
		if isAll = *budget > 0; !isAll {
			break
		}
		*budget--
		found = append(found, m)
	}
	for _, m := range slices.Backward(found) {
		if slackevent.CompareTS(m.TS, r.oldest()) > 0 {
			if err := b.take(ctx, r, m); err != nil {
				return err
			}
		}
		r.addThread(m)
	}
	if len(found) > 0 {
		r.latest = found[len(found)-1].TS
	}
	r.top = isAll
	return nil
}

// readThread handles the replies of the next thread; none if its root is gone.
func (b *Backfill) readThread(ctx context.Context, r *reading, budget *int) error {
	id := storage.ThreadID{Team: b.self.TeamID, Channel: r.ID, Root: r.threads[0]}
	for m, err := range b.slack.Replies(ctx, id, slackapi.Range{Oldest: cmp.Or(r.after, r.oldest())}) {
		switch {
		case slackapi.Classify(err).Class == slackapi.Inaccessible:
			continue // it is the last one
		case err != nil:
			return err
		case m.TS == id.Root:
			continue
		case *budget == 0:
			return nil
		}
		*budget--
		if err := b.take(ctx, r, m); err != nil {
			return err
		}
		r.after = m.TS
	}
	r.threads, r.after = r.threads[1:], ""
	return nil
}

// take has a message accepted.
func (b *Backfill) take(ctx context.Context, r *reading, m slackevent.Posted) error {
	message, err := b.message(ctx, r.conversation, m)
	if err != nil {
		return err
	}
	notified, err := b.accept(ctx, message)
	if err != nil {
		return err
	}
	r.found++
	if notified != nil {
		b.notified[r.ID] = r.until
		r.notified = append(r.notified, notified)
	}
	return nil
}

// finish stores the watermark of a conversation that is read, as soon as all senders
// are notified. If one is not, the conversation is read again.
func (b *Backfill) finish(ctx context.Context, r *reading) error {
	for _, wait := range r.notified {
		if err := wait(ctx); err != nil {
			return err
		}
	}
	return b.store.SetWatermark(ctx, r.ID, r.until)
}
