// Package report counts what became of people's questions in a period, finds what the
// agents could not answer well, and says so as text, CSV, JSON or a message with a chart.
//
// It reads what the store keeps: no texts of questions and answers, so a question is a link
// to its message. Questions that only their asker can read, in direct messages and by the
// slash command, are counted, but a report never says whose they are: they have no link, no
// reference, no channel, and only the day.
package report

import (
	"time"

	"enjobridge/storage"
)

// Query says what a report is about.
type Query struct {
	From, Until time.Time // Until is not part of the period
	Channel     string    // the ID of a channel; empty for everything
	Agent       string    // the name of an agent; empty for all
}

// Report is what became of the questions that were asked in a period, and of the answers
// that people rated, shared or talked to a person about in it.
type Report struct {
	From  time.Time `json:"from"`
	Until time.Time `json:"until"`
	// KeptSince is the time from which on the store has everything: RETENTION deletes what
	// ended before.
	KeptSince time.Time `json:"kept_since"`
	Channel   string    `json:"only_channel,omitempty"`
	Agent     string    `json:"only_agent,omitempty"`

	Total Counts `json:"total"`
	// Groups has the counts of each place and agent, the one with the most questions first.
	Groups []Group `json:"groups"`
	// Days has the questions of each day, in UTC.
	Days []Day `json:"days"`
	// Gaps are the questions that need a look, the latest first.
	Gaps []Gap `json:"gaps"`
}

// justDeleted is how much of a period may be missing without a word: between a command that
// asks for as much as the store keeps, and its report, time passes.
const justDeleted = time.Minute

// Complete reports whether the store has everything of the period.
func (r Report) Complete() bool { return r.KeptSince.Sub(r.From) < justDeleted }

// NameChannels gives channels their names, as far as lookUp knows them: of the first most
// channels of the groups.
func (r Report) NameChannels(most int, lookUp func(channel string) string) {
	names := make(map[string]string)
	for _, g := range r.Groups {
		if _, known := names[g.Channel]; !known && g.Channel != "" && len(names) < most {
			names[g.Channel] = lookUp(g.Channel)
		}
	}
	for i := range r.Groups {
		r.Groups[i].Name = names[r.Groups[i].Channel]
	}
	for i := range r.Gaps {
		r.Gaps[i].Name = names[r.Gaps[i].Channel]
	}
}

// Counts are the counts of one place and agent, or of all.
type Counts struct {
	// Asked is the sum of the next six.
	Asked         int `json:"asked"`
	Answered      int `json:"answered"`
	OfferedPerson int `json:"offered_person"` // asked for a person in words
	Failed        int `json:"failed"`
	Stopped       int `json:"stopped"` // or deleted by the asker
	Merged        int `json:"merged"`  // asked together with another one
	Waiting       int `json:"waiting"` // not ended yet

	// Failures counts the failed questions by the code of the failure.
	Failures map[string]int `json:"failures,omitempty"`
	// NoSources counts the answers without a source or a ticket.
	NoSources  int `json:"no_sources"`
	Helpful    int `json:"helpful"`
	NotHelpful int `json:"not_helpful"`
	// Reasons counts the reasons of NotHelpful.
	Reasons map[string]int `json:"reasons,omitempty"`
	Tickets int            `json:"tickets_created"`
	// Called counts the questions after which somebody asked to talk to a person.
	Called int `json:"talk_to_a_person"`
	Shared int `json:"shared"` // private answers

	// Wait is how long those whose question was answered waited, and UntilAsked how much of
	// it before the agent was asked for the last time; nil without answers.
	Wait       *Times `json:"wait,omitempty"`
	UntilAsked *Times `json:"wait_until_asked,omitempty"`
}

// Times summarizes durations, in seconds.
type Times struct {
	Median float64 `json:"median_seconds"`
	P90    float64 `json:"p90_seconds"` // 90% are at most this
	Max    float64 `json:"max_seconds"`
}

// Place is where questions are asked.
type Place struct {
	Kind    Kind   `json:"place"`
	Channel string `json:"channel,omitempty"`      // the ID; only of [InChannel]
	Name    string `json:"channel_name,omitempty"` // without #; empty if it is private or unknown
}

// Kind is a kind of a [Place].
type Kind string

// The kinds of places. Only the asker can read the last two.
const (
	InChannel Kind = "channel"
	InDirect  Kind = "direct"  // direct messages
	InPrivate Kind = "private" // by the slash command
)

// placeOf returns the place of a thread.
func placeOf(id storage.ThreadID) Place {
	switch {
	case id.IsPrivate():
		return Place{Kind: InPrivate}
	case storage.IsDirect(id.Channel):
		return Place{Kind: InDirect}
	}
	return Place{Kind: InChannel, Channel: id.Channel}
}

// Group is the counts of one place and agent.
type Group struct {
	Place
	Agent string `json:"agent"` // empty if it is unknown
	Counts
}

// Day is a day in UTC.
type Day struct {
	Date time.Time `json:"date"`
	// Asked counts the questions without those that were asked together with another one;
	// it is at least the sum of the others.
	Asked    int `json:"asked"`
	Answered int `json:"answered"` // or a person was offered
	Failed   int `json:"failed"`
}

// Gap is a question that needs a look.
type Gap struct {
	Problem Problem `json:"problem"`
	Place
	Agent string `json:"agent"`
	// At is the time of the question, or of the rating; only the day if nobody but the asker
	// can read the question.
	At        time.Time `json:"at"`
	Failure   string    `json:"failure,omitempty"` // of [Unanswered]
	Reasons   []string  `json:"reasons,omitempty"` // of [Disliked]
	Comment   string    `json:"comment,omitempty"` // of [Disliked]; the person's words
	Reference string    `json:"reference,omitempty"`
	Link      string    `json:"link,omitempty"`
}

// Problem is a kind of [Gap].
type Problem string

// The kinds of gaps.
const (
	Unanswered Problem = "unanswered"
	Disliked   Problem = "disliked"
	Unsourced  Problem = "no_sources"
)
