package bot_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"enjobridge/blocks"
	"enjobridge/bot"
	"enjobridge/enjo"
	slacksandbox "enjobridge/sandbox/slack"
)

const hookSecret = "a secret of twenty-odd characters"

// hooked is a house that accepts ticket updates over the webhook.
func hooked(t *testing.T) *house {
	return build(t, plan{bot: func(c *bot.Config) { c.TicketWebhookSecret = hookSecret }})
}

// news sends the bot an update of a ticket, and returns the HTTP status.
func (h *house) news(id, secret, body string) int { return h.newsResponse(id, secret, body).Code }

// newsResponse does the same, and returns the whole response.
func (h *house) newsResponse(id, secret, body string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(http.MethodPost, "/tickets/"+id, strings.NewReader(body))
	if secret != "" {
		request.Header.Set("Authorization", "Bearer "+secret)
	}
	response := httptest.NewRecorder()
	h.webhook.ServeHTTP(response, request)
	return response
}

// modified is a time shortly after the ticket's own.
func modified(after time.Duration) string {
	return `"lastModified":"` + time.Now().Add(after).UTC().Format(time.RFC3339) + `"`
}

// awaitLine waits until the thread contains a text.
func (h *house) awaitLine(root, text string) {
	h.t.Helper()
	h.await("a post with "+text, func(v slacksandbox.View) bool { return strings.Contains(texts(h.answers(v, h.support, root)), text) })
}

// wantNews subscribes a person to ticket updates.
func (h *house) wantNews(user string) {
	h.t.Helper()
	if err := h.slack.OpenHome(user); err != nil {
		h.t.Fatal(err)
	}
	h.await("the home tab", func(v slacksandbox.View) bool { _, ok := v.Home(user); return ok })
	tab, _ := h.slack.Home(user)
	receipt, err := h.slack.ClickView(user, tab.ID, blocks.ActionTicketNews)
	h.acknowledged(receipt, err)
}

func TestNewsOfATicketReachItsCardAndItsThreadOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := hooked(t)
		root, id := h.openTicket()
		resolved := `{"status":"Resolved","priority":{"name":"Low"},` + modified(time.Hour) + `}`
		if status := h.news(id, hookSecret, resolved); status != http.StatusOK {
			t.Fatalf("status %d", status)
		}
		h.awaitLine(root, "Status: Open → Resolved")
		h.awaitLine(root, isItSolved)
		h.await("the card", func(slacksandbox.View) bool {
			card, cards := h.card(root, id)
			return cards == 1 && strings.Contains(string(card.Blocks), "Resolved") && strings.Contains(string(card.Blocks), "Low")
		})
		before := len(h.answers(h.slack.View, h.support, root))
		for _, body := range []string{resolved, `{"status":"Open",` + modified(-time.Hour) + `}`} {
			if status := h.news(id, hookSecret, body); status != http.StatusOK {
				t.Errorf("status %d for a replay", status)
			}
		}
		// The thread shows the latest update last: the replays caused nothing.
		h.news(id, hookSecret, `{"priority":"High",`+modified(2*time.Hour)+`}`)
		h.awaitLine(root, "Priority: Low → High")
		if after := len(h.answers(h.slack.View, h.support, root)); after != before+1 {
			t.Errorf("one change caused %d messages", after-before)
		}
		if dm := h.slack.Messages(h.slack.DM(h.alice)); len(dm) != 0 {
			t.Errorf("alice, who has not turned updates on, got %s", texts(dm))
		}
	})
}

func TestUpdatesAreSentDirectlyToThoseWhoWantThem(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := hooked(t)
		_, id := h.openTicket()
		h.wantNews(h.alice)
		body := `{"status":"In Progress",` + modified(time.Hour) + `}`
		h.news(id, hookSecret, body)
		h.await("a direct message", func(v slacksandbox.View) bool {
			posted := texts(v.Messages(h.slack.DM(h.alice)))
			return strings.Contains(posted, "Open → In Progress") && strings.Contains(posted, "Go to the thread")
		})
	})
}

// Ensure that the bot posts each change, also one back to an earlier state.
func TestARepeatedStateIsSentDirectlyAgain(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := hooked(t)
		root, id := h.openTicket()
		h.wantNews(h.alice)
		for n, status := range []string{"In Progress", "On Hold", "In Progress", "On Hold"} {
			body := `{"status":"` + status + `"}`
			for range 2 { // a replay posts nothing
				h.news(id, hookSecret, body)
			}
			h.await("the message", func(v slacksandbox.View) bool { return len(v.Messages(h.slack.DM(h.alice))) == n+1 })
			h.await("the post in the thread", func(v slacksandbox.View) bool {
				return occurrences(h.answers(v, h.support, root), "Status changed from") == n+1
			})
		}
		messages := h.slack.Messages(h.slack.DM(h.alice))
		if n := occurrences(messages, "Status changed from In Progress to On Hold"); n != 2 {
			t.Errorf("the last change was posted %d times: %s", n, texts(messages))
		}
	})
}

// Ensure that an unreadable date makes the bot neither accept old updates nor ask twice
// whether the ticket is solved.
func TestAnUnreadableDateLetsNoOldNewsThrough(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{
			agent: inTurn(
				withTicket(`{"Id":"IT-1","Status":"Open","LastModifiedDate":"2026-11-22T09:00:00Z"}`),
				withTicket(`{"Id":"IT-1","Status":"Resolved","Priority":"Low","LastModifiedDate":"this noon"}`)),
			bot: func(c *bot.Config) { c.TicketWebhookSecret = hookSecret },
		})
		root := h.mention(h.alice, "Open a ticket")
		h.awaitEnded(1)
		progress, resolved := `{"status":"In Progress","lastModified":"2026-11-22 11:00:00"}`, `{"status":"Resolved","lastModified":"2026-11-22T12:00:00Z"}`
		h.news("IT-1", hookSecret, progress)
		h.awaitLine(root, "Open → In Progress")
		h.news("IT-1", hookSecret, resolved)
		h.awaitLine(root, isItSolved)
		h.say(h.support, h.alice, "and now?", slacksandbox.InThread(root))
		h.awaitEnded(2)

		h.news("IT-1", hookSecret, progress)
		h.news("IT-1", hookSecret, resolved)
		h.news("IT-1", hookSecret, `{"priority":"High","lastModified":1795435200000}`)
		h.awaitLine(root, "Low → High")
		shown := h.answers(h.slack.View, h.support, root)
		for _, once := range []string{"Open → In Progress", "In Progress → Resolved", isItSolved} {
			if n := occurrences(shown, once); n != 1 {
				t.Errorf("%q was posted %d times: %s", once, n, texts(shown))
			}
		}
		if occurrences(shown, "Resolved → In Progress") > 0 {
			t.Errorf("old updates were posted: %s", texts(shown))
		}
	})
}

// Ensure that the bot asks whether a ticket is solved when its status is in Jira's
// category "done", regardless of the status's name.
func TestAStatusThatJiraCallsDoneIsAskedAbout(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := hooked(t)
		root, id := h.openTicket()
		h.news(id, hookSecret, `{"fields":{"status":{"name":"Verified","statusCategory":{"key":"done"}}}}`)
		h.awaitLine(root, "→ Verified")
		h.awaitLine(root, isItSolved)
		h.news(id, hookSecret, `{"status":"Closed"}`)
		h.awaitLine(root, "Verified → Closed")
		h.news(id, hookSecret, `{"priority":"Low"}`)
		h.awaitLine(root, "→ Low")
		if n := occurrences(h.answers(h.slack.View, h.support, root), isItSolved); n != 1 {
			t.Errorf("the bot asked %d times", n)
		}
	})
}

// Ensure that updates that arrive while the bot posts the ticket's card are not lost.
func TestNewsThatComeBeforeTheCardIsThereAreShown(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := foundation(t, plan{
			agent: answering(withTicket(`{"Id":"IT-1","Status":"Open"}`)),
			bot:   func(c *bot.Config) { c.TicketWebhookSecret = hookSecret },
		})
		var status atomic.Int64
		var once sync.Once
		h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage", If: func(c slacksandbox.Call) bool {
			if strings.Contains(c.Args["blocks"], blocks.ActionCheckStatus) {
				once.Do(func() { status.Store(int64(h.news("IT-1", hookSecret, `{"status":"Resolved"}`))) })
			}
			return false
		}}, slacksandbox.Fail("not_reached"))
		h.start()
		root := h.mention(h.alice, "Open a ticket")
		h.awaitEnded(1)
		shown := h.answers(h.slack.View, h.support, root)
		if status.Load() != http.StatusOK || occurrences(shown, "Open → Resolved") != 1 || occurrences(shown, isItSolved) != 1 {
			t.Errorf("status %d, and the thread got %s", status.Load(), texts(shown))
		}
	})
}

// Ensure that the response informs the automation's author that an update has no effect.
func TestNewsThatSayNothingAreRefusedWithASentence(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := hooked(t)
		_, id := h.openTicket()
		response := h.newsResponse(id, hookSecret, `{"number":"INC1"}`)
		if response.Code != http.StatusBadRequest || !strings.Contains(response.Body.String(), "send at least one of status") {
			t.Errorf("status %d: %s", response.Code, response.Body)
		}
	})
}

func TestNewsAreRefused(t *testing.T) {
	const known = "the ticket's"
	for name, test := range map[string]struct {
		id, secret, body string
		want             int
	}{
		"no secret":      {known, "", `{}`, http.StatusUnauthorized},
		"another secret": {known, "a", `{}`, http.StatusUnauthorized},
		"unknown ticket": {"IT-9", hookSecret, `{"status":"Open"}`, http.StatusNotFound},
		"too long an ID": {strings.Repeat("I", 600), hookSecret, `{"status":"Open"}`, http.StatusNotFound},
		"not JSON":       {known, hookSecret, `status=Open`, http.StatusBadRequest},
		"not an object":  {known, hookSecret, `["Open"]`, http.StatusBadRequest},
		"body too large": {known, hookSecret, `{"status":"` + strings.Repeat("o", 64<<10) + `"}`, http.StatusRequestEntityTooLarge},
		"no known field": {known, hookSecret, `{"number":"INC1"}`, http.StatusBadRequest},
		"no change":      {known, hookSecret, `{"priority":null}`, http.StatusOK},
	} {
		bubbles(t, name, func(t *testing.T) {
			h := hooked(t)
			_, id := h.openTicket()
			if test.id != known {
				id = test.id
			}
			if got := h.news(id, test.secret, test.body); got != test.want {
				t.Errorf("status %d, want %d", got, test.want)
			}
		})
	}
}

func TestNewsAreLimited(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := hooked(t)
		refused := 0
		for range 200 {
			if h.news("IT-9", hookSecret, `{}`) == http.StatusTooManyRequests {
				refused++
			}
		}
		if refused == 0 {
			t.Error("the bot accepted all 200 simultaneous updates")
		}
	})
}

func TestNewsAreOffWithoutASecret(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		_, id := h.openTicket()
		if status := h.news(id, "", `{"status":"Closed"}`); status != http.StatusNotFound {
			t.Errorf("status %d", status)
		}
	})
}

// Ensure that the next process posts, once, the updates that a process could not post
// before it died.
func TestNewsThatWereNotShownAreShownAfterTheNextStart(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := hooked(t)
		root, id := h.openTicket()
		store := h.stored()
		if _, err := store.UpdateTicket(t.Context(), enjo.Ticket{ID: id, Status: "In Progress"}, time.Now()); err != nil {
			t.Fatal(err)
		}
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			h.start()
			h.awaitLine(root, "Status: Open → In Progress")
			if err := h.stop(); err != nil {
				t.Fatal(err)
			}
		}
		if n := strings.Count(texts(h.answers(h.slack.View, h.support, root)), "Open → In Progress\""); n != 1 {
			t.Errorf("the update was posted %d times", n)
		}
	})
}

func TestAClosedTicketIsSolvedReopenedOrCommentedOn(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := hooked(t)
		root, id := h.openTicket()
		h.news(id, hookSecret, `{"status":"Done",`+modified(time.Hour)+`}`)
		h.awaitLine(root, isItSolved)
		var question string
		for _, m := range h.answers(h.slack.View, h.support, root) {
			if strings.Contains(string(m.Blocks), blocks.ActionSolved) {
				question = m.TS
			}
		}
		asked := func(want string) {
			t.Helper()
			h.await("the agent to get a request", func(slacksandbox.View) bool {
				requests := h.enjo.Requests()
				return strings.Contains(requests[len(requests)-1].Text, want)
			})
		}
		h.press(h.alice, h.support, question, blocks.ActionReopen)
		asked("Please reopen ticket " + id)
		h.awaitEnded(2)

		h.press(h.alice, h.support, question, blocks.ActionComment)
		modal := h.awaitModal(h.alice, blocks.CallbackComment)
		receipt, err := h.slack.SubmitView(h.alice, modal.ID, map[string]string{blocks.CommentText: "It broke again, <twice> & more"})
		h.acknowledged(receipt, err)
		asked("Please add this comment to ticket " + id + ": It broke again, <twice> & more")
		h.awaitEnded(3)

		h.press(h.alice, h.support, question, blocks.ActionSolved)
		h.awaitLine(root, isSolved)
	})
}
