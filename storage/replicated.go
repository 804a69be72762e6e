package storage

import (
	"context"
	"errors"
	"time"
)

// The errors of a [Replicated] store.
var (
	// ErrLeaseHeld says that another replica has the lease.
	ErrLeaseHeld = errors.New("another replica has the lease")
	// ErrLeaseLost says that the lease has ended: nothing was written.
	ErrLeaseLost = errors.New("the lease has ended")
)

// Replicated is a Store that several replicas use at the same time. All of them accept; the
// one with the lease works: it asks, posts, and forgets.
//
// A replica accepts with the Store itself. In the same transaction, each change that the
// holder of the lease must learn of is announced: see [Announcement]. The holder works with
// [Replicated.Fenced].
type Replicated interface {
	Store

	// AcquireLease takes the lease for an owner and so long, by the clock of the database,
	// unless another owner has it: [ErrLeaseHeld]. An owner is one process: when it takes its
	// lease again, the one before is lost.
	AcquireLease(ctx context.Context, owner string, length time.Duration) (Lease, error)

	// RenewLease makes the lease end so long after now. [ErrLeaseLost] if it has ended, even
	// if nobody else has it since.
	RenewLease(ctx context.Context, lease Lease, length time.Duration) error

	// ReleaseLease ends the lease, and wakes those who listen. It changes nothing if the lease
	// has ended.
	ReleaseLease(ctx context.Context, lease Lease) error

	// Holder returns the owner of the lease, and when it ends by the clock of this machine;
	// an empty owner if nobody has it.
	Holder(ctx context.Context) (owner string, until time.Time, err error)

	// Fenced returns the Store for the holder of a lease. Each of its writes fails with
	// [ErrLeaseLost] once the lease has ended, and before it returns calls lost, which must not
	// block; nil calls nothing. It announces nothing. Close does nothing.
	Fenced(lease Lease, lost func()) Store

	// Announce announces something that no method of Store announces.
	Announce(ctx context.Context, announcements ...Announcement) error

	// Announcements returns the oldest announcements, at most limit, in the order of their
	// numbers. One with a lower number can follow: transactions do not end in that order.
	Announcements(ctx context.Context, limit int) ([]Announcement, error)

	// EndAnnouncements deletes the announcements that the holder of the lease has acted on,
	// by their numbers: others can have been stored late. ErrLeaseLost.
	EndAnnouncements(ctx context.Context, lease Lease, announcements []Announcement) error

	// Listen calls wake, which must not block, once it listens, after announcements, and when
	// the lease is released, until ctx ends or the connection fails. It returns the reason. A
	// call can be missing: poll, too.
	Listen(ctx context.Context, wake func()) error

	// Register registers a replica, or that it is still there, and returns all that were
	// registered less than so long ago, in the order of their first registration.
	Register(ctx context.Context, r Replica, within time.Duration) ([]Replica, error)

	// Deregister removes a replica.
	Deregister(ctx context.Context, id string) error
}

// Lease is the right to work, which one replica has at a time.
type Lease struct {
	Owner string
	// Token is higher than those of all earlier leases.
	Token int64
}

// Replica is a process that uses a [Replicated] store.
type Replica struct {
	ID string
	// Sockets is how many Socket Mode connections it holds.
	Sockets int
}

// Announcement is something that the holder of the lease must learn of, because another
// replica can have accepted it. It names what has changed; the Store has the data. It can
// come again, and late.
type Announcement struct {
	Number int64 // in the order of the announcements; set by the Store
	Kind   AnnouncementKind
	// Message is the question of QuestionChanged and QuestionDeleted, the message with the
	// button of PressAdded; otherwise zero.
	Message MessageID
	// Name is the button's action_id of PressAdded, and the channel of ChannelJoined.
	Name string
	// From and To are the IDs of a channel before and after ChannelMoved.
	From, To string
	// At is the end of a gap, for GapUntil.
	At time.Time
}

// AnnouncementKind is a kind of [Announcement].
type AnnouncementKind string

// The kinds of announcements. A Store announces the first four itself.
const (
	// QuestionChanged says that a question was stored: accepted, merged, edited, stopped, ….
	QuestionChanged AnnouncementKind = "question"
	// QuestionDeleted says that the message of a question was deleted: see [DeletedKey].
	QuestionDeleted AnnouncementKind = "deleted"
	// PressAdded says that a press of a button is to be completed: see [Store.AddPress].
	PressAdded AnnouncementKind = "press"
	// TicketUpdated says that the ticketing system has updated a ticket.
	TicketUpdated AnnouncementKind = "ticket"
	// ChannelMoved says that a channel has got another ID.
	ChannelMoved AnnouncementKind = "moved"
	// ChannelJoined says that the bot was added to a channel.
	ChannelJoined AnnouncementKind = "joined"
	// GapUntil says that events are missing until a time.
	GapUntil AnnouncementKind = "gap"
	// EventMissed says that an event may be missing, so that history is read.
	EventMissed AnnouncementKind = "missed"
)

// Scope names what a decision depends on; see [Store.Decide].
type Scope struct {
	// Team and Channel are where the decision is about.
	Team, Channel string
	// Person is whose waiting questions are counted; empty for nobody's.
	Person string
	// Questions, Threads and Keys are read ahead. They need not be complete.
	Questions []MessageID
	Threads   []ThreadID
	Keys      []Key
}

// Waiting is how many questions have not ended.
type Waiting struct {
	InThread int // unfinished ones of a thread
	OfAsker  int // queued ones of a person
	All      int // queued ones
}
