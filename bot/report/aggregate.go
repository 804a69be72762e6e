package report

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// notPosted is the failure of a question whose answer could not be posted.
const notPosted = "not_posted"

// Aggregator makes a [Report] of what it is given, in any order. It does no input or output.
type Aggregator struct {
	query  Query
	self   slackevent.Identity
	groups map[groupKey]*group
	total  group
	days   map[time.Time]*Day
	gaps   []Gap
}

type groupKey struct {
	place Place
	agent string
}

// group is the counts of a place and agent, with what their times are made of.
type group struct {
	Counts
	waits, untilAsked []time.Duration
}

// NewAggregator returns an aggregator. The bot's identity is for links.
func NewAggregator(q Query, self slackevent.Identity) *Aggregator {
	return &Aggregator{query: q, self: self, groups: make(map[groupKey]*group), days: make(map[time.Time]*Day)}
}

// count calls add for the counts of a place and agent, and for the total. It returns false if
// the report is not about them.
func (a *Aggregator) count(place Place, agent string, add func(*group)) bool {
	if a.query.Channel != "" && place.Channel != a.query.Channel || a.query.Agent != "" && agent != a.query.Agent {
		return false
	}
	key := groupKey{place, agent}
	if a.groups[key] == nil {
		a.groups[key] = new(group)
	}
	add(a.groups[key])
	add(&a.total)
	return true
}

// Question counts a question, if it was asked in the period.
func (a *Aggregator) Question(q storage.Question) {
	if q.AcceptedAt.Before(a.query.From) || !q.AcceptedAt.Before(a.query.Until) {
		return
	}
	place := placeOf(q.Thread)
	if !a.count(place, q.Agent, func(g *group) { g.add(q) }) {
		return
	}
	a.addToDay(q)
	gap := a.gapOf(q, place, q.Agent, q.AcceptedAt)
	switch {
	case q.State == storage.Failed:
		gap.Problem, gap.Failure = Unanswered, failureOf(q)
	case isUnsourced(q):
		gap.Problem = Unsourced
	default:
		return
	}
	a.gaps = append(a.gaps, gap)
}

// add counts a question.
func (g *group) add(q storage.Question) {
	g.Asked++
	switch {
	case q.State == storage.Delivered && q.Outcome != nil && q.Outcome.Failure == storage.FailurePerson:
		g.OfferedPerson++
	case q.State == storage.Delivered:
		g.Answered++
		g.waits = append(g.waits, max(0, q.EndedAt.Sub(q.AcceptedAt)))
		g.untilAsked = append(g.untilAsked, max(0, q.AskedAt.Sub(q.AcceptedAt)))
	case q.State == storage.Failed:
		g.Failed++
		increment(&g.Failures, failureOf(q))
	case q.State == storage.Cancelled:
		g.Stopped++
	case q.State == storage.Merged:
		g.Merged++
	default:
		g.Waiting++
	}
	if isUnsourced(q) {
		g.NoSources++
	}
}

// failureOf returns the code of the failure of a failed question.
func failureOf(q storage.Question) string {
	if q.Outcome == nil || q.Outcome.Failure == "" {
		return notPosted
	}
	return string(q.Outcome.Failure)
}

// isUnsourced reports whether a question was answered from no source. One about the status of
// a ticket, or that has a ticket as its answer, needs none.
func isUnsourced(q storage.Question) bool {
	if q.State != storage.Delivered || q.Ticket != "" || q.Outcome == nil || q.Outcome.Reply == nil {
		return false
	}
	return len(q.Outcome.Reply.Sources) == 0 && q.Outcome.Reply.Ticket == nil
}

// addToDay counts a question on its day.
func (a *Aggregator) addToDay(q storage.Question) {
	if q.State == storage.Merged {
		return
	}
	date := day(q.AcceptedAt)
	if a.days[date] == nil {
		a.days[date] = &Day{Date: date}
	}
	d := a.days[date]
	d.Asked++
	switch q.State {
	case storage.Delivered:
		d.Answered++
	case storage.Failed:
		d.Failed++
	}
}

// day returns the beginning of a day in UTC.
func day(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

// Feedback counts a person's feedback on a question, which has only its ID if it is not
// stored any more.
func (a *Aggregator) Feedback(f storage.Feedback, q storage.Question) {
	place := placeOf(threadOf(q))
	counted := a.count(place, q.Agent, func(g *group) {
		if f.Good {
			g.Helpful++
			return
		}
		g.NotHelpful++
		for _, reason := range f.Reasons {
			increment(&g.Reasons, reason)
		}
	})
	if counted && !f.Good {
		gap := a.gapOf(q, place, q.Agent, f.At)
		gap.Problem, gap.Reasons, gap.Comment = Disliked, f.Reasons, f.Comment
		a.gaps = append(a.gaps, gap)
	}
}

// Event counts an event of a question, which has only its ID if it is not stored any more.
func (a *Aggregator) Event(e storage.Event, q storage.Question) {
	a.count(placeOf(threadOf(q)), q.Agent, func(g *group) {
		switch e.Kind {
		case storage.Called:
			g.Called++
		case storage.Shared:
			g.Shared++
		case storage.Ticketed:
			g.Tickets++
		}
	})
}

// threadOf returns the thread of a question. The thread of one that has only its ID is as
// personal as the question was.
func threadOf(q storage.Question) storage.ThreadID {
	if q.Thread == (storage.ThreadID{}) {
		return storage.ThreadID{Team: q.ID.Team, Channel: q.ID.Channel, Root: q.ID.TS}
	}
	return q.Thread
}

// gapOf returns a gap of a question.
func (a *Aggregator) gapOf(q storage.Question, place Place, agent string, at time.Time) Gap {
	if place.Kind != InChannel {
		return Gap{Place: place, Agent: agent, At: day(at)}
	}
	return Gap{
		Place: place, Agent: agent, At: at.UTC().Truncate(time.Second), Reference: storage.Reference(q.ID),
		Link: a.self.Link(q.ID.Channel, storage.MessageTS(q.ID.TS), q.Thread.Root),
	}
}

// Report returns the report. The store has everything since keptSince.
func (a *Aggregator) Report(keptSince time.Time) Report {
	r := Report{
		From: a.query.From.UTC(), Until: a.query.Until.UTC(), KeptSince: keptSince.UTC().Truncate(time.Second),
		Channel: a.query.Channel, Agent: a.query.Agent, Total: a.total.finish(), Groups: []Group{}, Days: []Day{}, Gaps: a.gaps,
	}
	for key, g := range a.groups {
		r.Groups = append(r.Groups, Group{key.place, key.agent, g.finish()})
	}
	sortGroups(r.Groups)
	for date := day(a.query.From); date.Before(a.query.Until); date = date.AddDate(0, 0, 1) {
		d := Day{Date: date}
		if known := a.days[date]; known != nil {
			d = *known
		}
		r.Days = append(r.Days, d)
	}
	if r.Gaps == nil {
		r.Gaps = []Gap{}
	}
	slices.SortStableFunc(r.Gaps, func(a, b Gap) int {
		return cmp.Or(b.At.Compare(a.At), strings.Compare(a.Channel, b.Channel), strings.Compare(a.Link, b.Link))
	})
	return r
}

// sortGroups sorts groups by their questions, the one with the most first.
func sortGroups(groups []Group) {
	slices.SortFunc(groups, func(a, b Group) int {
		return cmp.Or(cmp.Compare(b.Asked, a.Asked), strings.Compare(a.Channel, b.Channel), strings.Compare(string(a.Kind), string(b.Kind)), strings.Compare(a.Agent, b.Agent))
	})
}

// finish returns the counts with their times.
func (g *group) finish() Counts {
	c := g.Counts
	c.Wait, c.UntilAsked = timesOf(g.waits), timesOf(g.untilAsked)
	return c
}

// timesOf summarizes durations; nil if there is none.
func timesOf(durations []time.Duration) *Times {
	if len(durations) == 0 {
		return nil
	}
	slices.Sort(durations)
	// The smallest duration that a part of all is not above.
	rank := func(percent int) float64 {
		return durations[(len(durations)*percent+99)/100-1].Round(time.Millisecond).Seconds()
	}
	return &Times{Median: rank(50), P90: rank(90), Max: rank(100)}
}

// increment counts a key in a map, which it makes if there is none.
func increment(counts *map[string]int, key string) {
	if *counts == nil {
		*counts = make(map[string]int)
	}
	(*counts)[key]++
}
