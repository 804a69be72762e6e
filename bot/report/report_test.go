package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"enjobridge/blocks"
	"enjobridge/bot/slackevent"
	"enjobridge/enjo"
	"enjobridge/storage"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var (
	self   = slackevent.Identity{TeamID: "T1", UserID: "UBOT", URL: "https://acme.slack.com/"}
	monday = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	week   = Query{From: monday, Until: monday.AddDate(0, 0, 7)}
)

// example makes questions for the tests.
type example struct {
	aggregator *Aggregator
	asked      int
}

// ask returns a question in a channel that was asked so many hours after Monday, and
// answered after so many seconds with a source.
func (e *example) ask(channel string, hours, seconds int) storage.Question {
	e.asked++
	at := monday.Add(time.Duration(hours) * time.Hour)
	ts := fmt.Sprintf("%d.%06d", at.Unix(), e.asked)
	wait := time.Duration(seconds) * time.Second
	return storage.Question{
		ID:     storage.MessageID{Team: "T1", Channel: channel, TS: ts},
		Thread: storage.ThreadID{Team: "T1", Channel: channel, Root: ts}, Asker: "USECRET", Agent: "default", Origin: storage.Mention,
		State: storage.Delivered, AcceptedAt: at, AskedAt: at.Add(wait / 4), EndedAt: at.Add(wait),
		Outcome: &storage.Outcome{Reply: &enjo.Reply{Sources: []enjo.Source{{Name: "VPN"}}}},
	}
}

func (e *example) add(q storage.Question) storage.Question {
	e.aggregator.Question(q)
	return q
}

// private returns a question by the slash command in a channel.
func (e *example) private(channel string, hours int) storage.Question {
	q := e.ask(channel, hours, 3)
	q.ID = storage.CommandID("T1", channel, fmt.Sprint(e.asked))
	q.Thread, q.Origin = storage.PrivateThread(q.ID), storage.Command
	return q
}

// busyWeek gives an aggregator a week with everything.
func busyWeek(query Query) Report {
	e := &example{aggregator: NewAggregator(query, self)}
	for n := range 12 {
		e.add(e.ask("C1", n*9, n+1))
	}
	hr := e.ask("C2", 30, 61)
	hr.Agent = "hr"
	e.add(hr)

	failed := e.ask("C1", 50, 9)
	failed.State, failed.Outcome = storage.Failed, &storage.Outcome{Failure: storage.FailureOutcomeUnknown}
	reply := failed
	reply.ID.TS = fmt.Sprintf("%d.000300", monday.Add(51*time.Hour).Unix())
	reply.AcceptedAt, reply.Outcome = monday.Add(51*time.Hour), &storage.Outcome{Failure: storage.FailureRejected}
	e.add(failed)
	e.add(reply) // in the thread of failed
	secret := e.ask("DSECRET", 52, 9)
	secret.State, secret.Outcome = storage.Failed, &storage.Outcome{Reply: &enjo.Reply{}}
	e.add(secret)

	unsourced := e.ask("C1", 60, 4)
	unsourced.Outcome = &storage.Outcome{Reply: &enjo.Reply{}}
	e.add(unsourced)
	ticket := e.ask("C1", 61, 4)
	ticket.Outcome = &storage.Outcome{Reply: &enjo.Reply{Ticket: &enjo.Ticket{ID: "IT-1"}}}
	e.add(ticket)
	person := e.ask("C1", 62, 1)
	person.Outcome = &storage.Outcome{Failure: storage.FailurePerson}
	e.add(person)
	for _, state := range []storage.State{storage.Cancelled, storage.Merged, storage.Queued} {
		q := e.ask("C1", 70, 1)
		q.State, q.Outcome = state, nil
		e.add(q)
	}
	private := e.add(e.private("C2", 80))
	e.add(e.ask("C1", -1, 1))     // before
	e.add(e.ask("C1", 7*24, 900)) // after

	at := func(hours int) time.Time { return monday.Add(time.Duration(hours)*time.Hour + 90*time.Second) }
	e.aggregator.Feedback(storage.Feedback{Question: hr.ID, User: "USECRET", Good: true, At: at(31)}, hr)
	e.aggregator.Feedback(storage.Feedback{Question: hr.ID, User: "USECRET", Reasons: []string{"wrong", "outdated"}, Comment: "=HYPERLINK(\"https://evil.example\")\nIt is on floor 3\x1b[31m", At: at(32)}, hr)
	e.aggregator.Feedback(storage.Feedback{Question: private.ID, User: "USECRET", Reasons: []string{"wrong"}, Comment: "No.", At: at(81)}, private)
	forgotten := storage.Question{ID: storage.MessageID{Team: "T1", Channel: "C3", TS: "1700000000.000100"}}
	e.aggregator.Feedback(storage.Feedback{Question: forgotten.ID, User: "USECRET", At: at(82)}, forgotten)
	for _, event := range []struct {
		kind storage.EventKind
		q    storage.Question
	}{{storage.Called, person}, {storage.Ticketed, ticket}, {storage.Shared, private}} {
		e.aggregator.Event(storage.Event{Kind: event.kind, Question: event.q.ID, At: at(90)}, event.q)
	}
	return e.aggregator.Report(monday.AddDate(0, 0, -23))
}

// Ensure that a report counts what it says, and looks as it should in each format.
func TestReport(t *testing.T) {
	r := busyWeek(week)
	r.NameChannels(1, func(channel string) string {
		return map[string]string{"C1": "support", "C2": "over the limit"}[channel]
	})
	for format, write := range map[string]func(io.Writer, Report) error{"txt": WriteText, "csv": WriteCSV, "json": WriteJSON} {
		t.Run(format, func(t *testing.T) {
			var got bytes.Buffer
			if err := write(&got, r); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("testdata", "week."+format)
			if *update {
				if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatalf("%v; run go test ./bot/report -update", err)
			}
			if diff := cmp.Diff(string(want), got.String()); diff != "" {
				t.Errorf("differs from %s (-want +got):\n%s", path, diff)
			}
			for _, secret := range []string{"USECRET", "DSECRET", "\x1b"} {
				if strings.Contains(got.String(), secret) {
					t.Errorf("it contains %q", secret)
				}
			}
		})
	}
}

// Ensure that every question asked has one end.
func TestReport_Adds(t *testing.T) {
	r := busyWeek(week)
	for _, c := range append([]Group{{Counts: r.Total}}, r.Groups...) {
		if sum := c.Answered + c.OfferedPerson + c.Failed + c.Stopped + c.Merged + c.Waiting; sum != c.Asked {
			t.Errorf("%v: %d were asked, and %d have an end", c.Place, c.Asked, sum)
		}
	}
	days := 0
	for _, d := range r.Days {
		days += d.Asked
	}
	if days != r.Total.Asked-r.Total.Merged || len(r.Days) != 7 {
		t.Errorf("%d days have %d questions, want %d", len(r.Days), days, r.Total.Asked-r.Total.Merged)
	}
}

// Ensure that a record that lacks its outcome spoils no report.
func TestReport_WithoutOutcome(t *testing.T) {
	e := &example{aggregator: NewAggregator(week, self)}
	for _, state := range []storage.State{storage.Delivered, storage.Failed, storage.Cancelled} {
		q := e.ask("C1", 1, 1)
		q.State, q.Outcome = state, nil
		e.add(q)
	}
	want := Counts{Asked: 3, Answered: 1, Failed: 1, Stopped: 1, Failures: map[string]int{notPosted: 1}}
	got := e.aggregator.Report(monday).Total
	if got.Wait, got.UntilAsked = nil, nil; !cmp.Equal(got, want) {
		t.Error(cmp.Diff(want, got))
	}
}

// Ensure that a report can be about one channel or one agent, and that nothing else is in it.
func TestReport_Filters(t *testing.T) {
	channel, agent := week, week
	channel.Channel, agent.Agent = "C1", "hr"
	if r := busyWeek(channel); len(r.Groups) != 1 || r.Groups[0].Channel != "C1" || r.Total.Asked != r.Groups[0].Asked {
		t.Errorf("of a channel: %+v", r.Groups)
	}
	if r := busyWeek(agent); len(r.Groups) != 1 || r.Groups[0].Agent != "hr" || r.Total.Asked != 1 || len(r.Gaps) != 1 {
		t.Errorf("of an agent: %+v, %+v", r.Groups, r.Gaps)
	}
}

// Ensure that a text says that the store does not have everything of the period, and how many
// entries of a list it leaves out.
func TestWriteText_Limits(t *testing.T) {
	e := &example{aggregator: NewAggregator(week, self)}
	for n := range 33 {
		q := e.ask(fmt.Sprintf("C%02d", n), n, 1)
		q.State, q.Outcome = storage.Failed, &storage.Outcome{Failure: storage.FailureRejected}
		e.add(q)
	}
	r := e.aggregator.Report(monday.AddDate(0, 0, 2))
	var text strings.Builder
	if err := WriteText(&text, r); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Incomplete: what ended before 2026-11-25 00:00 is deleted", "… and 13 more", "… and 23 more", "Not answered: 33\n"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("it lacks %q:\n%s", want, &text)
		}
	}
	var encoded strings.Builder
	if err := WriteJSON(&encoded, r); err != nil {
		t.Fatal(err)
	}
	var decoded Report
	if err := json.Unmarshal([]byte(encoded.String()), &decoded); err != nil || len(decoded.Gaps) != 33 || len(decoded.Groups) != 33 {
		t.Errorf("JSON has %d gaps and %d groups, %v", len(decoded.Gaps), len(decoded.Groups), err)
	}
}

// Ensure that a report of as much as the store keeps counts as complete, and a longer one does not.
func TestReport_Complete(t *testing.T) {
	for kept, want := range map[time.Duration]bool{-time.Hour: true, 0: true, 5 * time.Second: true, time.Minute: false} {
		if r := NewAggregator(week, self).Report(monday.Add(kept)); r.Complete() != want {
			t.Errorf("the store has everything since %v after the beginning: complete is %v", kept, r.Complete())
		}
	}
}

// Ensure that a period without questions is reported.
func TestReport_Empty(t *testing.T) {
	r := NewAggregator(week, self).Report(monday)
	var text, table strings.Builder
	if err := WriteText(&text, r); err != nil || !strings.Contains(text.String(), "Asked                     0\n  answered                0\n") {
		t.Errorf("%v:\n%s", err, &text)
	}
	if err := WriteCSV(&table, r); err != nil || !strings.Contains(table.String(), "total,,,,,asked,0,,,,,\n") {
		t.Errorf("%v:\n%s", err, &table)
	}
}

// Ensure that no cell is a formula, whatever people write.
func TestWriteCSV_Formulas(t *testing.T) {
	for cell, want := range map[string]string{
		"=1+1": "'=1+1", "+1": "'+1", "-1": "'-1", "@SUM(A1)": "'@SUM(A1)", " =1": "' =1", "\u200b=1": "'\u200b=1", "\x00=1": "' =1",
		"\t=1": "'\t=1", "\r\n=1": "' \n=1", "a\x1b[31m": "a [31m", "＝1": "'＝1", "": "", "1-1": "1-1", "It's = 1": "It's = 1", "'=1": "'=1",
	} {
		if got := literal(cell); got != want {
			t.Errorf("%q becomes %q, want %q", cell, got, want)
		}
	}
	var table bytes.Buffer
	if err := WriteCSV(&table, busyWeek(week)); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&table).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	commented := false
	for _, row := range rows {
		commented = commented || strings.HasPrefix(row[9], "'=HYPERLINK")
		for _, cell := range row {
			if cell != "" && strings.ContainsAny(cell[:1], "=+-@") {
				t.Errorf("a cell is a formula: %q", cell)
			}
		}
	}
	if !commented {
		t.Error("the comment is missing")
	}
}

// Ensure that the message lists first the place with the most questions that it shows: those
// that were asked together count once, and those of all agents together.
func TestReport_BusiestPlaces(t *testing.T) {
	e := &example{aggregator: NewAggregator(week, self)}
	for n := range 5 {
		q := e.ask("C1", n, 1)
		if n > 0 {
			q.State, q.Outcome = storage.Merged, nil
		}
		e.add(q)
	}
	for n := range 3 {
		q := e.ask("C2", n, 1)
		q.Agent = fmt.Sprint("agent", n)
		e.add(q)
	}
	want := []blocks.ReportPlace{{Channel: "C2", Asked: 3, Answered: 3}, {Channel: "C1", Asked: 1, Answered: 1}}
	if diff := cmp.Diff(want, e.aggregator.Report(monday).view().Places); diff != "" {
		t.Error(diff)
	}
}

// Ensure that percentiles are values that occur.
func TestTimes(t *testing.T) {
	var all []time.Duration
	for n := 10; n > 0; n-- {
		all = append(all, time.Duration(n)*time.Second)
	}
	for n, want := range map[int]Times{1: {10, 10, 10}, 2: {9, 10, 10}, 10: {5, 9, 10}} {
		if got := timesOf(slices.Clone(all[:n])); *got != want {
			t.Errorf("of %d: %+v, want %+v", n, *got, want)
		}
	}
	if timesOf(nil) != nil {
		t.Error("there are times of nothing")
	}
}
