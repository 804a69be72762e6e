package storagetest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"enjobridge/enjo"
	"enjobridge/storage"
)

// announced returns the announcements so far, without their numbers, sorted and each once, and
// ends them.
func (r *replicas) announced(lease storage.Lease) (distinct []storage.Announcement) {
	r.t.Helper()
	all, err := r.a.Announcements(background, 1000)
	r.must(err)
	r.must(r.a.EndAnnouncements(background, lease, all))
	for _, a := range all {
		a.Number = 0
		distinct = append(distinct, a)
	}
	return sortedOnce(distinct)
}

func sortedOnce(announcements []storage.Announcement) []storage.Announcement {
	slices.SortFunc(announcements, func(a, b storage.Announcement) int {
		return cmp.Or(strings.Compare(string(a.Kind), string(b.Kind)), strings.Compare(a.Message.String(), b.Message.String()))
	})
	return slices.Compact(announcements)
}

// testAnnounced checks that each change that a holder must learn of is announced.
func testAnnounced(t *testing.T, r *replicas) {
	lease := r.acquire(r.a, "a", time.Hour)
	first, second := ask("1.1", "Why?"), ask("1.2", "Why?")
	second.Thread = first.Thread
	top, next := direct("2.1", "Hello?", 0), direct("2.2", "Are you there?", 1)
	changed := func(questions ...storage.Question) (want []storage.Announcement) {
		for _, q := range questions {
			want = append(want, storage.Announcement{Kind: storage.QuestionChanged, Message: q.ID})
		}
		return sortedOnce(want)
	}
	for _, test := range []struct {
		what string
		do   func(s storage.Store) error
		want []storage.Announcement
	}{
		{"Accept", func(s storage.Store) error {
			_, err := s.Accept(background, first, threadOf(first))
			_, more := s.Accept(background, second, threadOf(second))
			return errors.Join(err, more)
		}, changed(first, second)},
		{"AcceptDirect", func(s storage.Store) error {
			_, _, _, err := s.AcceptDirect(background, top, threadOf(top))
			return err
		}, changed(top)},
		{"AcceptDirect of another", func(s storage.Store) error {
			_, _, _, err := s.AcceptDirect(background, next, threadOf(next))
			return err
		}, changed(top, next)},
		{"Edit", func(s storage.Store) error {
			_, err := s.Edit(background, first.ID, "Why not?")
			return err
		}, changed(first)},
		{"Edit of a merged question", func(s storage.Store) error {
			_, err := s.Edit(background, top.ID, "Hi?")
			return err
		}, changed(next)},
		{"SetOutcome", func(s storage.Store) error {
			return s.SetOutcome(background, next.ID, replyWithTicket("IT-1", "Open"), at(3))
		}, changed(next)},
		{"StopThread", func(s storage.Store) error {
			_, err := s.StopThread(background, first.Thread)
			return err
		}, changed(first, second)},
		{"End", func(s storage.Store) error { return s.End(background, first.ID, storage.Cancelled, nil, at(4)) }, changed(first)},
		{"FirstTime of a deletion", func(s storage.Store) error {
			_, err := s.FirstTime(background, storage.DeletedKey(first.ID), at(4))
			return err
		}, []storage.Announcement{{Kind: storage.QuestionDeleted, Message: first.ID}}},
		{"FirstTime of something else", func(s storage.Store) error {
			_, err := s.FirstTime(background, storage.EditedKey(first.ID), at(4))
			return err
		}, nil},
		{"AddPress", func(s storage.Store) error {
			return s.AddPress(background, storage.Press{Message: first.ID, Action: "share", At: at(5)})
		}, []storage.Announcement{{Kind: storage.PressAdded, Message: first.ID, Name: "share"}}},
		{"UpdateTicket", func(s storage.Store) error {
			_, err := s.UpdateTicket(background, enjo.Ticket{ID: "IT-1", Status: "Done"}, at(6))
			return err
		}, []storage.Announcement{{Kind: storage.TicketUpdated}}},
		{"MoveChannel", func(s storage.Store) error { // its caller announces it
			_, err := s.MoveChannel(background, "T1", "C1", "C9")
			return err
		}, nil},
	} {
		r.must(test.do(r.b))
		equal(t, test.what+" announces", r.announced(lease), test.want)
	}
	r.must(r.b.Decide(background, scopeOf(ask("5.5", "Why?")), func(s storage.Store) error {
		_, err := s.Accept(background, ask("5.5", "Why?"), threadOf(ask("5.5", "Why?")))
		return err
	}))
	equal(t, "Decide announces", r.announced(lease), changed(ask("5.5", "Why?")))
}

// testAnnouncedFailures checks that nothing is announced that did not happen.
func testAnnouncedFailures(t *testing.T, r *replicas) {
	lease := r.acquire(r.a, "a", time.Hour)
	q := ask("1.1", "Why?")
	_, err := r.b.Accept(background, q, threadOf(q))
	r.must(err)
	r.must(r.b.End(background, q.ID, storage.Cancelled, nil, at(1)))
	r.announced(lease)

	fresh, err := r.b.Accept(background, q, threadOf(q))
	r.must(err)
	equal(t, "accepted again", fresh, false)
	_, edit := r.b.Edit(background, q.ID, "Why not?")
	_, ticket := r.b.UpdateTicket(background, enjo.Ticket{ID: "IT-1"}, at(2))
	outcome := r.b.SetOutcome(background, q.ID, reply("Because."), at(2))
	_, stop := r.b.StopThread(background, q.Thread)
	r.must(stop)
	for name, err := range map[string]error{"Edit": edit, "UpdateTicket": ticket, "SetOutcome": outcome} {
		if err == nil {
			t.Errorf("%s succeeded", name)
		}
	}
	equal(t, "announcements", r.announced(lease), nil)
}

// testAnnouncedFenced checks that changes of the holder itself are not announced.
func testAnnouncedFenced(t *testing.T, r *replicas) {
	lease := r.acquire(r.a, "a", time.Hour)
	for _, w := range lateWrites() {
		r.must(w.write(background, r.a.Fenced(lease, nil)))
		equal(t, w.method+" announces", r.announced(lease), nil)
	}
}

func testAnnounce(t *testing.T, r *replicas) {
	want := []storage.Announcement{
		{Kind: storage.ChannelMoved, Message: storage.MessageID{Team: "T1"}, From: "C1", To: "C2"},
		{Kind: storage.ChannelJoined, Message: storage.MessageID{Team: "T1"}, Name: "C3"},
		{Kind: storage.GapUntil, At: at(7)},
		{Kind: storage.EventMissed},
	}
	r.must(r.a.Announce(background, want[:2]...))
	r.must(r.b.Announce(background, want[2:]...))
	r.must(r.b.Announce(background))
	got, err := r.a.Announcements(background, 100)
	r.must(err)
	for i := range got {
		if i > 0 && got[i].Number <= got[i-1].Number {
			t.Errorf("number %d comes after %d", got[i].Number, got[i-1].Number)
		}
		got[i].Number = 0
	}
	equal(t, "announcements", got, want)
	got, err = r.b.Announcements(background, 3)
	r.must(err)
	equal(t, "announcements within the limit", len(got), 3)
}

// testEndAnnouncements checks that exactly those are deleted that the holder has acted on.
func testEndAnnouncements(t *testing.T, r *replicas) {
	lost := r.acquire(r.a, "a", time.Hour)
	r.must(r.a.ReleaseLease(background, lost))
	lease := r.acquire(r.b, "b", time.Hour)
	for i := range 4 {
		r.must(r.a.Announce(background, storage.Announcement{Kind: storage.ChannelJoined, Name: fmt.Sprint(i)}))
	}
	read := func() (all []storage.Announcement, names string) {
		all, err := r.a.Announcements(background, 100)
		r.must(err)
		for _, a := range all {
			names += a.Name
		}
		return all, names
	}
	all, _ := read()
	if err := r.a.EndAnnouncements(background, lost, all); !errors.Is(err, storage.ErrLeaseLost) {
		t.Errorf("EndAnnouncements with the lost lease: %v, want ErrLeaseLost", err)
	}
	for _, test := range []struct {
		end  []storage.Announcement
		want string
	}{
		{nil, "0123"},
		{all[1:3], "03"},
		{all[1:3], "03"},
		{all, ""},
	} {
		r.must(r.b.EndAnnouncements(background, lease, test.end))
		_, names := read()
		equal(t, "announcements that are left", names, test.want)
	}
}

// testAnnouncementsAll checks that a holder that reads while replicas accept learns of every
// question.
func testAnnouncementsAll(t *testing.T, r *replicas) {
	const questions = 120
	lease := r.acquire(r.a, "a", time.Hour)
	learned := make(map[storage.MessageID]bool)
	act := func() {
		all, err := r.a.Announcements(background, 7)
		if err != nil {
			t.Error(err)
		}
		for _, a := range all {
			learned[a.Message] = true
		}
		if err := r.a.EndAnnouncements(background, lease, all); err != nil {
			t.Error(err)
		}
	}
	accepted := make(chan struct{})
	var holder sync.WaitGroup
	holder.Go(func() {
		for {
			select {
			case <-accepted:
				return
			default:
				act()
			}
		}
	})
	concurrently(questions, func(i int) {
		q := ask(fmt.Sprintf("1.%d", i), "Why?")
		q.ID.Channel = fmt.Sprintf("C%d", i%11)
		q.Thread.Channel = q.ID.Channel
		if _, err := r.all[i%len(r.all)].Accept(background, q, threadOf(q)); err != nil {
			t.Error(err)
		}
	})
	close(accepted)
	holder.Wait()
	for range questions {
		act()
	}
	equal(t, "questions that the holder has learned of", len(learned), questions)
	left, err := r.a.Announcements(background, 1)
	r.must(err)
	equal(t, "announcements that are left", left, nil)
}

// listen makes a replica listen until the end of the test, and returns the channel on which it
// is woken.
func (r *replicas) listen(replica storage.Replicated) <-chan struct{} {
	r.t.Helper()
	woken := make(chan struct{}, 1)
	ctx, cancel := context.WithCancel(background)
	var listening sync.WaitGroup
	listening.Go(func() {
		err := replica.Listen(ctx, func() {
			select {
			case woken <- struct{}{}:
			default:
			}
		})
		if !errors.Is(err, context.Canceled) {
			r.t.Errorf("Listen: %v, want context.Canceled", err)
		}
	})
	r.t.Cleanup(func() {
		cancel()
		listening.Wait()
	})
	<-woken // it listens
	return woken
}

func testListen(t *testing.T, r *replicas) {
	a, c := r.listen(r.a), r.listen(r.all[2])
	q := ask("1.1", "Why?")
	_, err := r.b.Accept(background, q, threadOf(q))
	r.must(err)
	<-a
	<-c
	all, err := r.a.Announcements(background, 1)
	r.must(err)
	equal(t, "announcements after the wake", len(all), 1)
	r.must(r.b.Announce(background, storage.Announcement{Kind: storage.EventMissed}))
	<-a
	<-c
}

func testListenRelease(t *testing.T, r *replicas) {
	lease := r.acquire(r.a, "a", time.Hour)
	b := r.listen(r.b)
	r.must(r.a.ReleaseLease(background, lease))
	<-b
	r.acquire(r.b, "b", time.Hour)
}
