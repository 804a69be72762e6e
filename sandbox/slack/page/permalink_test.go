package page_test

import (
	"fmt"
	"strings"
	"testing"

	"enjobridge/internal/browser"
	"enjobridge/sandbox/slack"
	"enjobridge/sandbox/slack/page"
)

// permalink returns the path of chat.getPermalink for a message in #support.
func (s *scene) permalink(ts string) string {
	s.t.Helper()
	link, _ := s.mustCall("chat.getPermalink", map[string]string{"channel": s.support, "message_ts": ts})["permalink"].(string)
	path, own := strings.CutPrefix(link, s.URL())
	if !own {
		s.t.Fatalf("the permalink is %q", link)
	}
	return path
}

// Ensure that a permalink leads to the message: from outside as one of the
// channel's people, within the page as the same viewer.
func TestPermalink(t *testing.T) {
	s := open(t, page.Options{})
	root := s.post(s.support, s.bob, "A question")
	reply := s.post(s.support, s.alice, "An answer", slack.InThread(root))
	secret := s.post(s.private, s.bob, "secret")
	for path, want := range map[string]string{
		s.permalink(root):                   "/u/UALICE/c/CSUPPORT?at=" + root,
		s.permalink(reply):                  "/u/UALICE/c/CSUPPORT?at=" + reply + "&thread=" + root,
		"/u/UBOB" + s.permalink(root):       "/u/UBOB/c/CSUPPORT?at=" + root,
		"/u/UBOB" + s.permalink(reply):      "/u/UBOB/c/CSUPPORT?at=" + reply + "&thread=" + root,
		"/archives/CPRIVATE/p" + secret:     "", // with a dot, which is not a permalink
		"/u/UCAROL" + s.permalink(root):     "", // she may not see it
		"/u/NOBODY" + s.permalink(root):     "",
		"/archives/CNOTHING/p1700000000000": "",
		"/u/UBOB/archives/CSUPPORT/p12":     "",
	} {
		response, _ := s.request("GET", path, "")
		if got := response.Header.Get("Location"); got != want || (want == "") != (response.StatusCode == 404) {
			t.Errorf("%s leads to %q with %d, want %q", path, got, response.StatusCode, want)
		}
	}
}

// Ensure that every shown permalink is the viewer's own, and that other links
// are not changed.
func TestOwnPermalinks(t *testing.T) {
	s := open(t, page.Options{})
	path := s.permalink(s.post(s.support, s.bob, "A question"))
	link := s.URL() + path
	s.post(s.support, s.bob, "see "+link)
	s.mustCall("chat.postMessage", map[string]string{
		"channel": s.support, "text": "x", "unfurl_links": "false", "unfurl_media": "false",
		"blocks":      `[{"type": "section", "text": {"type": "mrkdwn", "text": "<` + link + `|here> and <https://other.example` + path + `|there>"}}]`,
		"attachments": `[{"title": "There", "title_link": "` + link + `", "text": "` + link + `"}]`,
	})
	for _, user := range []string{"UALICE", "UBOB"} {
		_, body := s.request("GET", "/u/"+user+"/c/CSUPPORT", "")
		if strings.Contains(body, `href="`+link) {
			t.Errorf("%s gets a link that makes them somebody else", user)
		}
		if n := strings.Count(body, `href="/u/`+user+path+`"`); n != 4 {
			t.Errorf("%s gets %d links, want 4", user, n)
		}
		if !strings.Contains(body, `href="https://other.example`+path) {
			t.Errorf("%s gets another site's link changed", user)
		}
	}
}

// Ensure that a message is shown with the messages around it, and with buttons
// for older and newer ones.
func TestAround(t *testing.T) {
	s := open(t, page.Options{})
	var all []string
	for i := range 260 {
		all = append(all, s.post(s.support, s.bob, fmt.Sprintf("Message %d.", i)))
	}
	reply := s.post(s.support, s.alice, "A reply", slack.InThread(all[100]))
	for _, test := range []struct {
		at           string
		first, last  int
		older, newer bool
	}{
		{all[100], 51, 150, true, true},
		{reply, 51, 150, true, true}, // around its root
		{all[3], 0, 53, false, true},
		{all[209], 160, 259, true, false},
		{all[259], 160, 259, true, false},
		{"1.2", 160, 259, true, false},
		{"", 160, 259, true, false},
	} {
		_, body := s.request("GET", "/u/UBOB/c/CSUPPORT?at="+test.at, "")
		for i, want := range map[int]bool{test.first - 1: false, test.first: true, test.last: true, test.last + 1: false} {
			if got := strings.Contains(body, fmt.Sprintf("Message %d.", i)); got != want {
				t.Errorf("at %s: message %d is shown: %v", test.at, i, got)
			}
		}
		if strings.Contains(body, "data-older=") != test.older || strings.Contains(body, "data-newer=") != test.newer {
			t.Errorf("at %s: the buttons for older and newer are not %v and %v", test.at, test.older, test.newer)
		}
	}
	for after, more := range map[int]bool{150: true, 159: false} {
		_, body := s.request("GET", "/u/UBOB/c/CSUPPORT/newer?after="+all[after], "")
		if strings.Contains(body, fmt.Sprintf("Message %d.", after)) || !strings.Contains(body, fmt.Sprintf("Message %d.", after+1)) ||
			!strings.Contains(body, fmt.Sprintf("Message %d.", after+100)) || strings.Contains(body, "data-newer=") != more || strings.Contains(body, "the very beginning") {
			t.Errorf("after message %d comes %s", after, body)
		}
	}
}

// inSight is true if the message is visible to the user.
func inSight(ts string) string {
	return `(() => { const r = document.getElementById("m` + ts + `")?.getBoundingClientRect(), s = document.querySelector("#scroll").getBoundingClientRect()
		return r && r.top >= s.top && r.bottom <= s.bottom })()`
}

// Ensure that a link to an old message shows it to Bob as Bob, and that
// everything newer can be reached from there.
func TestFollowPermalink(t *testing.T) {
	t.Parallel()
	s := open(t, page.Options{})
	old := s.post(s.support, s.alice, "An old question")
	for i := range 250 {
		s.post(s.support, s.alice, fmt.Sprintf("Message %d.", i))
	}
	s.post(s.support, s.bob, "We had that: "+s.URL()+s.permalink(old))
	tab := chromium.Open(t, s.at(s.bob, s.support))
	tab.ClickLast(`.body a[href*="/archives/"]`)
	tab.Await(inSight(old))
	tab.See(".who summary", "Bob Berg")
	tab.Await(`location.pathname === "/u/UBOB/c/CSUPPORT"`)

	// A new message is not shown below the old ones.
	s.post(s.support, s.alice, "News")
	tab.See("#jump", "New messages")
	tab.Await(`!document.querySelector("#messages").textContent.includes("News")`)
	tab.Await(inSight(old))

	// Scrolling loads newer messages up to the end, where new messages appear
	// again.
	tab.Await(`(document.querySelector("#scroll").scrollTop = 1e6, document.querySelector("#messages").textContent.includes("News"))`)
	s.post(s.support, s.alice, "More news")
	tab.See("#messages .message", "More news")
	said := browser.Eval[string](tab, `document.querySelector("#messages").textContent`)
	for i := 200; i < 250; i++ {
		if n := strings.Count(said, fmt.Sprintf("Message %d.", i)); n != 1 {
			t.Errorf("message %d is shown %d times", i, n)
		}
	}

	// After going back, posting leads to the end.
	browser.Eval[any](tab, `history.back()`)
	tab.Await(`!document.querySelector("#app").dataset.at`)
	tab.ClickLast(`.body a[href*="/archives/"]`)
	tab.Await(inSight(old))
	tab.Type("#compose-text", "Indeed")
	tab.Press("Enter")
	tab.See("#messages .own .body", "Indeed")
}

// Ensure that a link to a reply shows it in its thread, and the root in the
// channel.
func TestFollowPermalinkToReply(t *testing.T) {
	t.Parallel()
	s := open(t, page.Options{})
	root := s.post(s.support, s.alice, "An old question")
	var reply string
	for i := range 60 {
		if r := s.post(s.support, s.bob, fmt.Sprintf("Reply %d.", i), slack.InThread(root)); i == 20 {
			reply = r
		}
		s.post(s.support, s.alice, fmt.Sprintf("Message %d.", i))
	}
	tab := chromium.Open(t, s.URL()+"/u/UBOB"+s.permalink(reply))
	tab.Await(inSight(root))
	tab.Await(strings.NewReplacer("#scroll", "#thread-scroll", `"m`, `"t`).Replace(inSight(reply)))

	// The conversation does not move while threads are closed and opened.
	tab.Press("Escape")
	tab.Gone("#thread")
	tab.Await(inSight(root))
	tab.Click("#side-CSUPPORT")
	tab.See("#messages .message", "Message 59.")
}
