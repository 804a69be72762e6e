package intake

import (
	"testing"
	"testing/synctest"
	"time"

	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// Ensure that a refusal that a replica has claimed, and did not post because it was killed, is
// posted by the one that finds the message in history, but not before it is clear.
func TestShared_ClaimOfADeadReplica(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newReplicas(t, 0)
		m := mention(func(m *slackevent.Message) { m.Text, m.Content = "<@UBOT>", "<@UBOT>" })
		if _, err := r.store.FirstTime(t.Context(), storage.RefusingKey(storage.RefusedKey(m.ID)), time.Now()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		notified, err := r.second.Accept(t.Context(), m)
		if err != nil || notified == nil {
			t.Fatalf("history counts as read (%v)", err)
		}
		if err := notified(t.Context()); err != errNotNotified || len(r.slack.posted) > 0 {
			t.Errorf("the wait ends with %v, and %d notices", err, len(r.slack.posted))
		}
		if notified, err = r.second.Accept(t.Context(), m); err != nil || notified == nil {
			t.Fatalf("history counts as read (%v)", err)
		}
		if err := notified(t.Context()); err != nil || len(r.slack.to("chat.postEphemeral", "U1")) != 1 {
			t.Errorf("the wait ends with %v", err)
		}
	})
}

// Ensure that history waits for the refusal that another replica posts, and that one that this
// could not post is posted at once by the replica that finds its message.
func TestShared_RefusalOfAnotherReplica(t *testing.T) {
	for name, down := range map[string]bool{"posted": false, "not posted": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newReplicas(t, 0)
				if down {
					r.first = sharedIntake(t, &okSlack{down: true}, r.db.Replica(), 0)
				}
				m := mention(func(m *slackevent.Message) { m.Text, m.Content = "<@UBOT>", "<@UBOT>" })
				first, err := r.first.Handle(t.Context(), m) // it is claimed, and posted after the ack
				if err != nil {
					t.Fatal(err)
				}
				notified, err := r.second.Accept(t.Context(), m)
				if err != nil || notified == nil {
					t.Fatalf("history counts as read (%v)", err)
				}
				time.AfterFunc(5*time.Second, first)
				err = notified(t.Context())
				if down {
					if err != errNotNotified {
						t.Errorf("the wait ends with %v", err)
					}
					if notified, err = r.second.Accept(t.Context(), m); err == nil {
						err = notified(t.Context())
					}
				}
				if n := len(r.slack.to("chat.postEphemeral", "U1")); err != nil || n != 1 {
					t.Errorf("the wait ends with %v, and %d notices", err, n)
				}
			})
		})
	}
}

// Ensure that a refusal that waits for longer than others leave it to its replica is posted
// once: by the replica that has taken it over, or else late.
func TestShared_RefusalThatWaits(t *testing.T) {
	for name, takenOver := range map[string]bool{"taken over": true, "left": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newReplicas(t, 0)
				m := mention(func(m *slackevent.Message) { m.Text, m.Content = "<@UBOT>", "<@UBOT>" })
				first, err := r.first.Handle(t.Context(), m)
				if err != nil {
					t.Fatal(err)
				}
				time.Sleep(claimFor + time.Second)
				if takenOver {
					notified, err := r.second.Accept(t.Context(), m)
					if err != nil || notified == nil {
						t.Fatalf("history counts as read (%v)", err)
					}
					time.AfterFunc(0, first)
					if err := notified(t.Context()); err != nil {
						t.Fatal(err)
					}
				} else {
					first()
				}
				r.first.Wait()
				if n := len(r.slack.to("chat.postEphemeral", "U1")); n != 1 || r.first.missed != 0 || r.first.isPosting(storage.RefusedKey(m.ID)) {
					t.Errorf("%d notices, and %d times something is missed", n, r.first.missed)
				}
				if posted, err := r.store.Seen(t.Context(), storage.RefusedKey(m.ID)); err != nil || !posted {
					t.Errorf("the refusal counts as not posted (%v)", err)
				}
			})
		})
	}
}
