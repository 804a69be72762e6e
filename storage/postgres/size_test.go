package postgres

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"enjobridge/enjo"
	"enjobridge/storage"
)

var sizeQuestions = flag.Int("size.questions", 30_000, "questions in TestSize")

// Ensure that a store stays small: the one of a workspace with a thousand questions a day that
// keeps them for thirty days. The results are in docs/architecture.md and docs/replicas.md.
func TestSize(t *testing.T) {
	if os.Getenv("ENJOBRIDGE_SIZE") == "" {
		t.Skip("it takes some minutes: set ENJOBRIDGE_SIZE=1")
	}
	const most = 10_000 // bytes for each question
	url := startServer(t, nil).URL("store")
	path := filepath.Join(t.TempDir(), "enjobridge.db")
	file, err := storage.OpenBolt(path, storage.BoltOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, measured := range []struct {
		name  string
		store storage.Store
		size  func() (int64, error)
	}{
		{"PostgreSQL", open(t, url), func() (int64, error) { return relations(t, url) }},
		{"bbolt", file, func() (int64, error) {
			info, err := os.Stat(path)
			if err != nil {
				return 0, err
			}
			return info.Size(), nil
		}},
	} {
		defer measured.store.Close()
		if err := answerAll(t.Context(), measured.store, *sizeQuestions); err != nil {
			t.Fatal(err)
		}
		size, err := measured.size()
		if err != nil {
			t.Fatal(err)
		}
		each := size / int64(*sizeQuestions)
		t.Logf("%s: %d questions have %.1f MB, %d bytes each", measured.name, *sizeQuestions, float64(size)/1e6, each)
		if each > most {
			t.Errorf("%s: a question has %d bytes, want %d at most", measured.name, each, most)
		}
	}
}

// relations returns the size of the tables and indexes of a store, and logs the larger ones.
func relations(t *testing.T, url string) (total int64, err error) {
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		return 0, err
	}
	defer conn.Close(context.Background())
	rows, err := conn.Query(t.Context(), `
		SELECT relname, pg_total_relation_size(oid), pg_indexes_size(oid) FROM pg_class
		WHERE relnamespace = 'enjobridge'::regnamespace AND relkind = 'r' ORDER BY 2 DESC`)
	if err != nil {
		return 0, err
	}
	var name string
	var size, indexes int64
	_, err = pgx.ForEachRow(rows, []any{&name, &size, &indexes}, func() error {
		total += size
		if size > 1e6 {
			t.Logf("%s has %.1f MB, of which indexes %.1f MB", name, float64(size)/1e6, float64(indexes)/1e6)
		}
		return nil
	})
	return total, err
}

// answerAll stores what the bot stores of so many questions over thirty days, and ends them.
func answerAll(ctx context.Context, s storage.Store, questions int) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(64)
	for first := 0; first < questions; first += 3 {
		// A thread has two questions, and the next one has the third.
		group.Go(func() error {
			for n := first; n < min(first+3, questions); n++ {
				if err := answerOne(ctx, s, n, questions); err != nil {
					return fmt.Errorf("question %d: %w", n, err)
				}
			}
			return nil
		})
	}
	return group.Wait()
}

// answerOne accepts, asks, answers and ends a question. Each second one of three is in the
// thread of the one before, each fifth one makes a ticket, and each tenth one is rated.
func answerOne(ctx context.Context, s storage.Store, n, questions int) error {
	at := filledAt.Add(time.Duration(n) * 30 * 24 * time.Hour / time.Duration(questions))
	id := func(n int) storage.MessageID {
		return storage.MessageID{Team: "T024BE7LD", Channel: fmt.Sprintf("C024BE%05d", n/3%200), TS: fmt.Sprintf("%d.%06d", 1_700_000_000+n*86, n)}
	}
	q := storage.Question{
		ID: id(n), Asker: fmt.Sprintf("U024BE%05d", n/3%3000), Agent: "default", Origin: storage.Mention, State: storage.Queued, AcceptedAt: at,
		Text: "<@U0BOT> I cannot reach the VPN from home since this morning. What can I do?",
	}
	root, copies := id(n), []string{"message", "app_mention"}
	if n%3 == 1 {
		root, q.Origin, copies = id(n-1), storage.FollowUp, []string{"message"}
	}
	q.Thread = storage.ThreadID{Team: root.Team, Channel: root.Channel, Root: root.TS}
	thread := storage.Thread{ID: q.Thread, Agent: q.Agent, LastActive: at}
	answered, ticket := reply(n, at)
	return steps(
		func() error { _, err := s.Accept(ctx, q, thread); return err },
		func() error { return recordCopies(ctx, s, q.ID, copies, at) },
		func() error { _, err := s.Claim(ctx, q.ID, nil, at.Add(time.Second)); return err },
		func() error {
			outcome := storage.Outcome{Reply: answered, Reference: storage.Reference(q.ID), SentUntil: q.ID.TS}
			return s.SetOutcome(ctx, q.ID, outcome, at.Add(8*time.Second))
		},
		func() error {
			if ticket == nil {
				return nil
			}
			return s.SetCard(ctx, q.Thread, ticket.ID, id(n).TS+"1", *ticket)
		},
		func() error {
			return s.End(ctx, q.ID, storage.Delivered, []string{id(n).TS + "2"}, at.Add(9*time.Second))
		},
		func() error {
			if n%10 != 0 {
				return nil
			}
			return s.SetFeedback(ctx, storage.Feedback{Question: q.ID, User: q.Asker, Good: n%20 == 0, At: at.Add(time.Minute)})
		},
	)
}

// reply returns the agent's reply to a question, and its ticket.
func reply(n int, at time.Time) (*enjo.Reply, *enjo.Ticket) {
	r := &enjo.Reply{
		Text: strings.Repeat("Open the page of your account and choose Reset. ", 20), ConversationID: fmt.Sprintf("d5b15e2d-a787-4740-a6f5-%012d", n/3),
		Sources: []enjo.Source{
			{Type: "Knowledge Base", Name: "Reset your VPN password", URL: "https://help.example.com/it/vpn-password", Score: 0.86},
			{Type: "Knowledge Base", Name: "Work from home", URL: "https://help.example.com/it/work-from-home", Score: 0.72},
		},
	}
	if n%5 != 0 {
		return r, nil
	}
	made := enjo.Time{At: at, Raw: at.Format("2006-01-02T15:04:05.000-0700")}
	r.Ticket = &enjo.Ticket{
		ID: fmt.Sprintf("IT-%d", 1000+n), Type: "Service Request", Status: "Open", Priority: "Medium",
		Description: "I cannot reach the VPN from home since this morning.", URL: fmt.Sprintf("https://jira.example.com/browse/IT-%d", 1000+n),
		Attributes: "project: IT, queue: Service Desk, channel: Enjo", Created: made, Modified: made,
	}
	return r, r.Ticket
}

// recordCopies stores that the events of a message arrived.
func recordCopies(ctx context.Context, s storage.Store, id storage.MessageID, events []string, at time.Time) error {
	var copies []storage.Copy
	for _, event := range events {
		copies = append(copies, storage.Copy{Message: id, At: at, Event: event, Decision: "ask", Reason: "mentioned"})
	}
	return s.RecordCopies(ctx, copies)
}
