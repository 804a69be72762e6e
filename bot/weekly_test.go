package bot_test

import (
	"bytes"
	"encoding/json"
	"image/png"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/blocks"
	"enjobridge/bot"
	"enjobridge/bot/report"
	slacksandbox "enjobridge/sandbox/slack"
	"enjobridge/storage"
)

// reports returns the reports of the week at the top of a channel, and the charts.
func (h *house) reports(channel string) (messages []slacksandbox.Message, charts []slacksandbox.File) {
	for _, m := range h.slack.Messages(channel) {
		if m.BotID != h.slack.BotID() && m.User != h.slack.BotUserID() || m.ThreadTS != "" {
			continue
		}
		charts = append(charts, m.Files...)
		if strings.Contains(m.Text, "Last week") {
			messages = append(messages, m)
		}
	}
	return messages, charts
}

// reportsTo makes a house, on a Sunday evening, that reports to a channel in which nobody asks.
func reportsTo(t *testing.T) (h *house, channel string) {
	t.Helper()
	until(8, 23, 0)
	h = foundation(t, plan{bot: func(c *bot.Config) { c.ReportChannel = channel }})
	channel = h.slack.AddChannel(slacksandbox.Channel{Name: "reports", Members: []string{h.alice, h.slack.BotUserID()}})
	return h, channel
}

// until waits until a time in March. The 8th is a Sunday.
func until(day, hour, minute int) {
	time.Sleep(time.Until(time.Date(2026, 3, day, hour, minute, 0, 0, time.UTC))) // in the bubble's time
}

// asleepUntil stops the bot, and starts it at a time in March.
func (h *house) asleepUntil(day, hour, minute int) {
	h.t.Helper()
	if err := h.stop(); err != nil {
		h.t.Fatal(err)
	}
	until(day, hour, minute)
	h.start()
}

// reportPosted is logged when a report of a week was posted.
const reportPosted = "the report of the week was posted"

// Ensure that the channel gets the report of the week before on Monday, once, with a chart
// that those who cannot see it can read.
func TestTheReportOfTheWeek(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h, channel := reportsTo(t)
		h.start()
		h.awaitLog(reportPosted, 1) // of the week before
		h.mention(h.alice, "How do I print?")
		h.mention(h.bob, "How do I reset my VPN password?")
		h.awaitEnded(2)
		h.asleepUntil(9, 8, 30)
		if messages, charts := h.reports(channel); len(messages) != 1 || len(charts) != 0 || !strings.Contains(messages[0].Text, "Nobody asked") {
			t.Errorf("before: %d reports, %d charts: %s", len(messages), len(charts), texts(messages))
		}
		h.awaitLog(reportPosted, 2)
		if now := time.Now().UTC(); now.Hour() != 9 || now.Minute() != 0 {
			t.Errorf("it came at %v", now)
		}
		h.asleepUntil(9, 9, 30)
		until(9, 12, 0)
		messages, charts := h.reports(channel)
		if len(messages) != 2 || len(charts) != 1 {
			t.Fatalf("%d reports and %d charts: %s", len(messages), len(charts), texts(messages))
		}
		if want := "Mon 2 March to Sun 8 March 2026 (UTC): 2 asked, 2 answered, 0 not answered."; !strings.Contains(messages[1].Text, want) {
			t.Errorf("it says %s, want %s", messages[1].Text, want)
		}
		chart, _ := h.slack.File(charts[0].ID)
		if _, err := png.Decode(bytes.NewReader(chart.Content)); err != nil || chart.Name != "2026-03-02-questions.png" {
			t.Errorf("the chart %s: %v", chart.Name, err)
		}
		if !strings.Contains(chart.AltText, "2 asked, 2 answered. Most were asked on Sun 8 March: 2.") {
			t.Errorf("the chart is described as %q", chart.AltText)
		}
	})
}

// Ensure that a report that was due while the bot was down comes in the same week.
func TestTheReportComesLater(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h, channel := reportsTo(t)
		h.start()
		h.awaitLog(reportPosted, 1)
		h.asleepUntil(11, 14, 0) // a Wednesday
		h.awaitLog(reportPosted, 2)
		if messages, _ := h.reports(channel); len(messages) != 2 {
			t.Errorf("%d reports", len(messages))
		}
	})
}

// Ensure that a report and its chart are posted once if Slack's responses are lost, and if
// the process ends before it has stored that they are posted.
func TestTheReportIsNotRepeated(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h, channel := reportsTo(t)
		h.start()
		h.awaitLog(reportPosted, 1)
		h.mention(h.alice, "How do I print?")
		h.awaitEnded(1)
		if err := h.stop(); err != nil {
			t.Fatal(err)
		}
		before, err := os.ReadFile(h.path)
		if err != nil {
			t.Fatal(err)
		}
		h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage", Times: 1}, slacksandbox.LoseResponse())
		h.slack.Faults().OnCall(slacksandbox.Calls{Method: "files.completeUploadExternal", Times: 1}, slacksandbox.LoseResponse())
		until(9, 9, 1)
		h.start()
		h.awaitLog(reportPosted, 2)
		if err := h.stop(); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(h.path, before, 0o600); err != nil {
			t.Fatal(err)
		}
		h.start()
		h.awaitLog(reportPosted, 3)
		if messages, charts := h.reports(channel); len(messages) != 2 || len(charts) != 1 {
			t.Errorf("%d reports and %d charts", len(messages), len(charts))
		}
	})
}

// Ensure that the report waits until the bot may post in the channel, and that the log says
// what to do.
func TestTheReportWaitsForItsChannel(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h, channel := reportsTo(t)
		if err := h.slack.Kick(channel, h.slack.BotUserID()); err != nil {
			t.Fatal(err)
		}
		h.start()
		h.awaitLog("posting the report of the week failed", 2)
		if log := h.log.String(); !strings.Contains(log, "invite the bot to the channel of REPORT_CHANNEL") || !strings.Contains(log, "not_in_channel") {
			t.Errorf("the log is %s", log)
		}
		if err := h.slack.Invite(channel, h.slack.BotUserID()); err != nil {
			t.Fatal(err)
		}
		h.awaitLog(reportPosted, 1)
	})
}

// Ensure that the report comes without its chart if Slack does not accept files.
func TestTheReportWithoutItsChart(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h, channel := reportsTo(t)
		h.slack.Faults().OnCall(slacksandbox.Calls{Method: "files.getUploadURLExternal"}, slacksandbox.Fail("file_uploads_disabled"))
		h.start()
		h.awaitLog(reportPosted, 1)
		h.mention(h.alice, "How do I print?")
		h.awaitEnded(1)
		h.asleepUntil(9, 9, 1)
		h.awaitLog("the chart is left out", 1)
		h.awaitLog(reportPosted, 2)
		if messages, charts := h.reports(channel); len(messages) != 2 || len(charts) != 0 {
			t.Errorf("%d reports and %d charts", len(messages), len(charts))
		}
	})
}

// reported returns the report of an admin request, and its status.
func (h *house) reported(given url.Values) (r report.Report, status int, body string) {
	h.t.Helper()
	response := httptest.NewRecorder()
	h.admin.ServeHTTP(response, httptest.NewRequest(http.MethodGet, "/report?"+given.Encode(), nil))
	if body = response.Body.String(); response.Code == http.StatusOK {
		if err := json.Unmarshal([]byte(body), &r); err != nil {
			h.t.Fatal(err)
		}
	}
	return r, response.Code, body
}

// Ensure that operators read what people said about answers, that each question has the link
// that Slack gives it, and that private questions stay private.
func TestOperatorsReadAReport(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{bot: func(c *bot.Config) { c.EscalateTo = []string{"U0HELPER"} }})
		given := url.Values{"since": {time.Now().Add(-time.Minute).Format(time.RFC3339)}, "format": {"json"}}
		ts := h.mention(h.alice, "How do I print?")
		h.awaitEnded(1)
		answer := h.answers(h.slack.View, h.support, ts)[0].TS
		h.press(h.alice, h.support, answer, blocks.ActionFeedback, blocks.FeedbackBad+" "+h.id(ts).String())
		modal := h.awaitModal(h.alice, blocks.CallbackFeedback)
		receipt, err := h.slack.SubmitView(h.alice, modal.ID, map[string]string{blocks.FeedbackReasons: "wrong", blocks.FeedbackComment: "It is on floor 3"})
		h.acknowledged(receipt, err)
		h.press(h.bob, h.support, answer, blocks.ActionEscalate)
		h.awaitLog("people called into the thread", 1)
		dm := h.slack.DM(h.bob)
		h.say(dm, h.bob, "How do I scan?")
		h.command(h.alice, h.support, "How do I fax?")
		h.awaitEnded(3)
		time.Sleep(time.Second) // in the bubble's time: a report is about what was before it

		r, status, body := h.reported(given)
		if status != http.StatusOK || r.Total.Asked != 3 || r.Total.Answered != 3 || r.Total.NotHelpful != 1 || r.Total.Called != 1 || len(r.Groups) != 3 {
			t.Fatalf("%d: %s", status, body)
		}
		permalink := h.slack.URL() + "/archives/" + h.support + "/p" + strings.ReplaceAll(ts, ".", "")
		found := false
		for _, gap := range r.Gaps {
			found = found || gap.Problem == report.Disliked && gap.Comment == "It is on floor 3" && gap.Link == permalink && gap.Name == "support"
		}
		if !found {
			t.Errorf("no gap has the comment, and the link %s: %s", permalink, body)
		}
		for _, secret := range []string{h.alice, h.bob, dm} {
			if strings.Contains(body, secret) {
				t.Errorf("it contains %s", secret)
			}
		}
		given.Set("since", "yesterday")
		if _, status, body := h.reported(given); status != http.StatusBadRequest || !strings.Contains(body, "RFC 3339") {
			t.Errorf("with an invalid time: %d %s", status, body)
		}
	})
}

// Ensure that a bot that is not connected yet says so.
func TestNoReportBeforeTheBotIsConnected(t *testing.T) {
	store, err := storage.OpenBolt(filepath.Join(t.TempDir(), "bot.db"), storage.BoltOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	bridge, err := bot.New(bot.Config{Agents: []bot.Agent{{Name: "default", BotID: "bot"}}}, store, nil, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, admin: bridge.Admin()}
	if _, status, body := h.reported(url.Values{}); status != http.StatusServiceUnavailable || !strings.Contains(body, "not connected to Slack") {
		t.Errorf("%d %s", status, body)
	}
}
