package slack

import (
	"context"
	"time"
)

// ChangeKind is the kind of a change.
type ChangeKind string

// The kinds of changes.
const (
	MessagePosted  ChangeKind = "message_posted"
	MessageChanged ChangeKind = "message_changed" // edited, reacted to, unfurled, replied to
	MessageDeleted ChangeKind = "message_deleted"
	StatusChanged  ChangeKind = "status_changed"
	SessionChanged ChangeKind = "session_changed"
	PromptsChanged ChangeKind = "prompts_changed"
	TitleChanged   ChangeKind = "title_changed"
	ViewChanged    ChangeKind = "view_changed" // a modal or a Home tab
	UserChanged    ChangeKind = "user_changed"
	ChannelChanged ChangeKind = "channel_changed"
	SocketsChanged ChangeKind = "sockets_changed"
	// InteractionFailed: the app did not acknowledge; Text is the reason, TS the
	// clicked message.
	InteractionFailed ChangeKind = "interaction_failed"
	CallMade          ChangeKind = "call_made"        // a call of the Web API ended
	EnvelopeChanged   ChangeKind = "envelope_changed" // sent, acknowledged or dropped
	FaultStruck       ChangeKind = "fault_struck"     // Text is the effect
	// Missed: the watcher was too slow and lost changes before this one.
	Missed ChangeKind = "missed"
)

// Change is a change of the workspace. It identifies what changed; read the
// current state from the [View].
type Change struct {
	Seq      uint64     `json:"seq"` // increases by 1 with each change
	At       time.Time  `json:"at"`
	Kind     ChangeKind `json:"kind"`
	Channel  string     `json:"channel,omitempty"`
	TS       string     `json:"ts,omitempty"`
	ThreadTS string     `json:"thread_ts,omitempty"`
	User     string     `json:"user,omitempty"`
	// Text is the new status, title, view ID, method, envelope ID or fault,
	// depending on the kind.
	Text string `json:"text,omitempty"`
	// Message is the message after the change, for the kinds about messages.
	Message *Message `json:"message,omitempty"`
}

// watchBacklog is the number of changes that a watcher may be behind.
const watchBacklog = 1024

// watchers are the subscribers to the workspace's changes.
type watchers struct {
	seq   uint64
	next  chan struct{} // closed at the next change
	lanes map[chan Change]bool
}

func newWatchers() watchers {
	return watchers{next: make(chan struct{}), lanes: make(map[chan Change]bool)}
}

// changed notifies the watchers of a change. It never waits. The caller must
// hold mu.
func (w *Workspace) changed(c Change) {
	w.watch.seq++
	c.Seq, c.At = w.watch.seq, time.Now()
	for lane := range w.watch.lanes {
		offer(lane, c)
	}
	close(w.watch.next)
	w.watch.next = make(chan struct{})
}

// offer adds the change to the lane. If the lane is full, all waiting changes
// are replaced by one [Missed].
func offer(lane chan Change, c Change) {
	select {
	case lane <- c:
		return
	default:
	}
	for drained := false; !drained; {
		select {
		case <-lane:
		default:
			drained = true
		}
	}
	lane <- Change{Seq: c.Seq - 1, At: c.At, Kind: Missed}
	lane <- c
}

// changedMessage notifies the watchers of a change to a message. The caller
// must hold mu.
func (w *Workspace) changedMessage(kind ChangeKind, m *Message) {
	after := m.clone()
	w.changed(Change{Kind: kind, Channel: m.Channel, TS: m.TS, ThreadTS: m.ThreadTS, User: m.User, Message: &after})
}

// Watch returns every change from now on, until ctx ends or the workspace is
// closed; then the channel is closed. A slow reader never blocks the workspace:
// it gets [Missed] instead of the lost changes.
func (w *Workspace) Watch(ctx context.Context) <-chan Change {
	lane := make(chan Change, watchBacklog)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed || ctx.Err() != nil {
		close(lane)
		return lane
	}
	w.watch.lanes[lane] = true
	w.start(func() {
		select {
		case <-ctx.Done():
		case <-w.done:
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.watch.lanes, lane)
		close(lane)
	})
	return lane
}

// Await returns once the condition is true. It is checked after each change.
// Await returns the context's error if that ends first, and [ErrClosed] if the
// workspace is closed.
func (w *Workspace) Await(ctx context.Context, condition func(View) bool) error {
	for {
		w.mu.Lock()
		next := w.watch.next
		w.mu.Unlock()
		if condition(w.View) {
			return nil
		}
		select {
		case <-next:
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-w.done:
			return ErrClosed
		}
	}
}
