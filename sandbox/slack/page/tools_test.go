package page_test

import (
	"strings"
	"testing"
	"time"

	"enjobridge/sandbox/slack/page"
)

// Ensure that the inspector shows events as they happen, and why something was
// refused.
func TestInspector(t *testing.T) {
	t.Parallel()
	s := open(t, page.Options{})
	s.startApp()
	tab := chromium.Open(t, s.at(s.alice, s.support))
	tab.Click(`[data-drawer="inspector"]`)
	tab.See("#log", "apps.connections.open")
	s.post(s.support, s.bob, "Something to inspect")
	tab.See("#log .log-row", "#support Something to inspect")
	tab.Await(`[...document.querySelectorAll("#log .log-row")].some(r => r.innerText.includes("Something") && r.innerText.includes("acked"))`)
	s.call("chat.postMessage", map[string]string{"channel": s.support, "blocks": `[{"type": "section"}]`})
	tab.See("#log .bad", "invalid_blocks")

	tab.Click(`#drawer [name="bad"]`)
	tab.Await(`[...document.querySelectorAll("#log .log-row")].filter(r => r.checkVisibility()).length === 1`)
	tab.Click("#log .bad summary")
	tab.See("#log .part.bad", "must define either `text` or `fields` [json-pointer:/blocks/0]")
	tab.See("#log .part", `"type": "section"`)
	tab.Click(`#drawer [name="bad"]`)
	tab.Type("#filter", "app_mention")
	tab.Await(`[...document.querySelectorAll("#log .log-row")].every(r => !r.checkVisibility())`)
	tab.Press("Escape")
	tab.Gone("#drawer")
	tab.Await(`document.activeElement.dataset.drawer === "inspector"`)
}

// Ensure that faults work, and that the app's reaction is shown.
func TestFaults(t *testing.T) {
	t.Parallel()
	pressed := make(chan string, 2)
	s := open(t, page.Options{Panels: []page.Panel{{
		Name: "Agent", Help: "What the app asks.",
		Buttons: []page.Button{{Label: "Down", Press: func() (func(), error) {
			pressed <- "down"
			return func() { pressed <- "up" }, nil
		}}},
		Journal: func() []page.Entry {
			return []page.Entry{{At: time.Now().Truncate(time.Hour), Name: "POST /message", Outcome: "200", Detail: map[string]string{"question": "why"}}}
		},
	}}})
	s.startApp()
	tab := chromium.Open(t, s.at(s.alice, s.support))
	tab.Click(`[data-drawer="faults"]`)

	tab.Click(`[data-name="limit"]`)
	tab.See(".card", "has not struck yet")
	if answer := s.call("chat.postMessage", map[string]string{"channel": s.support, "text": "hello"}); answer["error"] != "ratelimited" {
		t.Errorf("the call was answered %v", answer)
	}
	tab.See(".card", "struck once")
	tab.See(".card .bad", "ratelimited")

	tab.Pick(`[data-scope] select[name="target"]`, "message")
	tab.Click(`[data-name="lose"]`)
	tab.See(".card", "Lose: the next message")
	s.post(s.support, s.bob, "Never delivered")
	tab.See(".card .bad", "lost")

	tab.Click(`[data-name="cut"]`)
	tab.See(".card", "Cut 1 socket")
	tab.See(".card .log-row", "apps.connections.open")

	tab.Click(`[data-fault="press"]`)
	tab.See(".card", "Agent: Down")
	tab.Click(`[data-fault="remove"][data-id="0"]`)
	tab.See("#injected", "Let a fault loose")
	for _, want := range []string{"down", "up"} {
		if got := <-pressed; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	tab.Click(`[data-drawer="inspector"]`)
	tab.See("#log", "POST /message")
}

// Ensure that a page catches up after it was hidden or disconnected.
func TestCatchUp(t *testing.T) {
	t.Parallel()
	s := open(t, page.Options{})
	tab := chromium.Open(t, s.at(s.alice, s.support))
	tab.See(".begin", "the very beginning of #support")
	var ts string
	away(tab, func() {
		ts = s.post(s.support, s.bob, "While you were away")
		if err := s.Delete(s.support, ts); err != nil {
			t.Fatal(err)
		}
		s.post(s.support, s.bob, "Welcome back")
	})
	tab.See(".message", "Welcome back")
	tab.Gone(`[id="m` + ts + `"]`)
}

// Ensure that the theme can be switched, and stays.
func TestTheme(t *testing.T) {
	t.Parallel()
	s := open(t, page.Options{})
	tab := chromium.Open(t, s.at(s.alice, s.support))
	dark := `getComputedStyle(document.querySelector("#middle")).backgroundColor === "rgb(26, 29, 33)"`
	tab.Await("!(" + dark + ")")
	tab.Click("[data-theme-switch]")
	tab.Await(dark)
	again := chromium.Open(t, s.at(s.alice, s.globex))
	again.Await(dark)
	again.Click("[data-theme-switch]")
	again.Await("!(" + dark + ")")
}

// Ensure that the inspector and the faults show times in the viewer's zone, as
// messages do.
func TestZonesOfTools(t *testing.T) {
	s := open(t, page.Options{})
	s.call("auth.test", nil)
	if status, body := s.injectFault(`{"fault": "limit", "times": "1"}`); status != 200 {
		t.Fatal(body)
	}
	at := s.Calls()[0].At
	for user, name := range map[string]string{"UALICE": "Europe/Berlin", "UBOB": "America/New_York", "UCAROL": "Etc/UTC"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, body := s.request("GET", "/u/"+user+"/inspector", ""); !strings.Contains(body, "<time>"+at.In(zone).Format("15:04:05.000")+"</time>") {
			t.Errorf("the inspector does not show %s in %s: %s", at, name, body)
		}
		if _, body := s.request("GET", "/u/"+user+"/faults", ""); !strings.Contains(body, "<time>"+at.In(zone).Format("15:04:")) {
			t.Errorf("the faults do not show %s in %s: %s", at, name, body)
		}
	}
}

// injectFault injects a fault as the page's script does.
func (s *scene) injectFault(args string) (int, string) {
	s.t.Helper()
	response, body := s.request("POST", "/faults/inject", args, "Content-Type: application/json", "Sec-Fetch-Site: same-origin")
	return response.StatusCode, body
}
