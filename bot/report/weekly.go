package report

import (
	"context"
	"time"

	"enjobridge/blocks"
	"enjobridge/bot/backoff"
	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

const (
	// hourOfReport is when on Monday, in UTC, the report of the week before is posted.
	hourOfReport = 9
	// retryEvery is how often a report that could not be posted is tried again, and lookEvery
	// how often it is looked whether one is due: a clock can be changed.
	retryEvery = 30 * time.Minute
	lookEvery  = time.Hour
	// postTimeout bounds the posting of a report.
	postTimeout = 10 * time.Minute
	// partReport is the part of the report in its marker; an outcome's count from 0.
	partReport = -7
	// chartAttempts is how often the upload of the chart is attempted at a time.
	chartAttempts = 3
)

// Run posts the report of the week before into the channel, each week from Monday at 9:00 UTC
// on, until ctx ends. If the bot does not run then, or cannot post, the report comes later in
// that week.
func (r *Reporter) Run(ctx context.Context) {
	if r.Channel == "" {
		return
	}
	for {
		now := r.Slack.Now()
		wait := lookEvery
		if due := dueIn(now); now.Before(due) {
			wait = min(wait, due.Sub(now))
		} else if hint, err := r.reportOnce(ctx, due); err != nil && ctx.Err() == nil {
			r.Log.Warn().Err(err).Str("channel", r.Channel).Str("hint", hint).Float64("wait_seconds", retryEvery.Seconds()).
				Msg("report: posting the report of the week failed, trying again")
			wait = retryEvery
		}
		if backoff.Sleep(ctx, wait) != nil {
			return
		}
	}
}

// dueIn returns when the report is due in the week of a time, which begins on Monday, in UTC.
func dueIn(now time.Time) time.Time {
	today := day(now)
	sinceMonday := (int(today.Weekday()) + 6) % 7
	return today.AddDate(0, 0, -sinceMonday).Add(hourOfReport * time.Hour)
}

// reportOnce posts the report that is due, unless the channel has got it. With an error it
// returns a hint for the operator.
func (r *Reporter) reportOnce(ctx context.Context, due time.Time) (hint string, err error) {
	key := storage.ReportKey(r.Channel, due)
	if done, err := r.Store.Seen(ctx, key); err != nil || done {
		return storage.Hint(err), err
	}
	until := day(due)
	report, err := r.gather(ctx, Query{From: until.AddDate(0, 0, -7), Until: until})
	if err != nil {
		return storage.Hint(err), err
	}
	if err := r.post(ctx, report, due); err != nil {
		failure := slackapi.Classify(err)
		if failure.Class == slackapi.Inaccessible {
			failure.Hint = "invite the bot to the channel of REPORT_CHANNEL, and let it post there"
		}
		return failure.Hint, err
	}
	r.Log.Info().Str("channel", r.Channel).Time("from", report.From).Int("asked", report.Total.Asked).Msg("report: the report of the week was posted")
	_, err = r.Store.FirstTime(ctx, key, r.Slack.Now())
	return storage.Hint(err), err
}

// post posts a report with its chart. An earlier attempt, also of an earlier process, can have
// posted some of it, since it was due.
func (r *Reporter) post(ctx context.Context, report Report, due time.Time) error {
	ctx, cancel := context.WithTimeout(r.Log.WithContext(ctx), postTimeout)
	defer cancel()
	id := storage.MessageID{Team: r.Self.TeamID, Channel: r.Channel, TS: slackevent.FormatTS(due)}
	to := slackapi.Target{Thread: storage.ThreadID{Team: id.Team, Channel: id.Channel}, Since: slackevent.FormatTS(due.Add(-time.Minute))}
	view := report.view()
	_, _, err := r.Slack.PostOnce(ctx, slackapi.Post{
		To: to, Message: blocks.Report(view), Marker: slackapi.Marker{Question: id, Part: partReport}, Check: true, Brief: true,
	})
	if err != nil || view.Asked == 0 {
		return err
	}
	picture, err := Chart(report.Days)
	if err != nil {
		return err
	}
	chart := blocks.File{Name: "questions.png", Title: blocks.WordsOfChart().Title, Content: string(picture), Alt: ChartText(report.Days)}
	err = r.Slack.UploadOnce(ctx, slackapi.Upload{To: to, File: chart, Reference: report.From.Format(time.DateOnly), Check: true, Attempts: chartAttempts})
	if err == nil || ctx.Err() != nil || slackapi.Classify(err).Transient() {
		return err
	}
	r.Log.Warn().Err(err).Str("hint", "let the app upload files: it needs the scope files:write").Msg("report: the chart is left out")
	return nil
}

// view returns the report as its message shows it. As in the chart, questions that were asked
// together count once, and an offer to call a person is an answer.
func (r Report) view() blocks.ReportView {
	answered := func(c Counts) int { return c.Answered + c.OfferedPerson }
	t := r.Total
	v := blocks.ReportView{
		From: r.From, Until: r.Until.AddDate(0, 0, -1), Asked: t.Asked - t.Merged, Answered: answered(t), Failed: t.Failed, NoSources: t.NoSources,
		Helpful: t.Helpful, NotHelpful: t.NotHelpful, Tickets: t.Tickets, Called: t.Called,
	}
	if !r.Complete() {
		v.KeptSince = r.KeptSince
	}
	if t.Wait != nil {
		v.MedianWait, v.MostWait = duration(t.Wait.Median), duration(t.Wait.P90)
	}
	for _, p := range r.places() {
		v.Places = append(v.Places, blocks.ReportPlace{Channel: p.Channel, Direct: p.Kind == InDirect, Asked: p.Asked, Answered: answered(p.Counts)})
	}
	for _, g := range r.Gaps {
		if g.Link != "" && g.Problem != Unsourced {
			v.Gaps = append(v.Gaps, blocks.ReportGap{Channel: g.Channel, Link: g.Link, Failed: g.Problem == Unanswered, At: g.At})
		}
	}
	return v
}

// places returns the groups with questions, without regard to their agents, the one with the
// most questions first. Their questions that were asked together count once.
func (r Report) places() (places []Group) {
	found := make(map[Place]int)
	for _, g := range r.Groups {
		if g.Asked == g.Merged {
			continue
		}
		i, known := found[g.Place]
		if !known {
			i = len(places)
			found[g.Place], places = i, append(places, Group{Place: g.Place})
		}
		places[i].Asked += g.Asked - g.Merged
		places[i].Answered += g.Answered
		places[i].OfferedPerson += g.OfferedPerson
	}
	sortGroups(places)
	return places
}

func duration(seconds float64) time.Duration { return time.Duration(seconds * float64(time.Second)) }
