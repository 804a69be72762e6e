package browser_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"enjobridge/internal/browser"
)

// chromium is the browser of all tests.
var chromium browser.Browser

func TestMain(m *testing.M) {
	code := m.Run()
	chromium.Close()
	if err := goleak.Find(); err != nil && code == 0 {
		os.Stderr.WriteString(err.Error() + "\n")
		code = 1
	}
	os.Exit(code)
}

// show opens a page with the body.
func show(t *testing.T, body string) *browser.Tab {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = rw.Write([]byte(`<!doctype html><html lang="en"><link rel="icon" href="data:,"><style>body { margin: 0; position: relative }</style>` + body))
	}))
	t.Cleanup(server.Close)
	return chromium.Open(t, server.URL)
}

// Ensure that an element that the page replaces every few milliseconds can be clicked.
func TestClickReplacedElement(t *testing.T) {
	tab := show(t, `<div id="box"></div><script>
		const put = () => { box.innerHTML = '<button onclick="clearInterval(timer); document.title = this.textContent">Yes</button>' }
		const timer = setInterval(put, 3)
		put()</script>`)
	tab.Click("button")
	tab.Await(`document.title === "Yes"`)
}

// Ensure that an element that is covered, moving, disabled or missing is clicked once it is ready.
func TestClickWaits(t *testing.T) {
	for name, body := range map[string]string{
		"covered": `<button>Yes</button><div id="cover" style="position: fixed; inset: 0"></div>
			<script>setTimeout(() => cover.remove(), 300)</script>`,
		"moving": `<button style="position: absolute">Yes</button>
			<script>let x = 0; const b = document.querySelector("button"), timer = setInterval(() => { b.style.left = ++x + "px"; if (x > 100) clearInterval(timer) }, 4)</script>`,
		"disabled": `<button disabled>Yes</button>
			<script>setTimeout(() => { document.querySelector("button").disabled = false }, 300)</script>`,
		"invisible": `<button hidden>Yes</button>
			<script>setTimeout(() => { document.querySelector("button").hidden = false }, 300)</script>`,
		"far below":             `<div style="height: 5000px"></div><button>Yes</button>`,
		"in a line that breaks": `<div style="width: 90px">Some words <a href="#yes">that <b>lead</b> elsewhere</a></div>`,
	} {
		t.Run(name, func(t *testing.T) {
			tab := show(t, body+`<script>
				document.addEventListener("click", event => { document.title = event.target.closest("button, a") ? "Yes" : "elsewhere" })</script>`)
			tab.Click("button, a")
			tab.Await(`document.title !== ""`)
			if title := browser.Eval[string](tab, "document.title"); title != "Yes" {
				t.Errorf("the click went %s", title)
			}
		})
	}
}

// Ensure that a press does nothing if another element takes the place at the last moment.
func TestClickHitsOnlyItsTarget(t *testing.T) {
	tab := show(t, `<button id="want" style="position: absolute; top: 0">Yes</button><button id="other" style="position: absolute; top: 200px">No</button>
		<script>
		// The first two times the mouse reaches the wanted button, the buttons swap places.
		let swaps = 0
		document.addEventListener("mousemove", event => {
			if (event.target !== want || swaps++ >= 2) return
			;[want.style.top, other.style.top] = [other.style.top, want.style.top]
		})
		want.onclick = () => { document.title += "Yes" }
		other.onclick = other.onmousedown = () => { document.title += "No" }
		</script>`)
	tab.Click("#want")
	if title := browser.Eval[string](tab, "document.title"); title != "Yes" {
		t.Errorf("clicked: %q", title)
	}
}

// Ensure that the first, the last and the named element can be clicked.
func TestClickChooses(t *testing.T) {
	tab := show(t, `<button value="1">Yes</button><button value="2" aria-label="Agree">Yes</button><a href="#" role="button">Yes</a><button value="4">Yes</button><button value="5" hidden>Yes</button>
		<script>document.onclick = event => { document.title += event.target.value }</script>`)
	tab.ClickLast("button")
	tab.Click("button")
	tab.ClickNamed("button", "Agree")
	tab.Await(`document.title === "412"`)
}

// Ensure that typing and picking wait for an element that appears late.
func TestEnter(t *testing.T) {
	tab := show(t, `<input id="text" hidden><select></select><script>
		setTimeout(() => { text.hidden = false; document.querySelector("select").innerHTML = '<option>one<option>two' }, 300)</script>`)
	tab.Type("#text", "typed")
	tab.Await(`document.querySelector("#text").value === "typed"`)
	tab.Pick("select", "two")
	tab.Await(`document.querySelector("select").value === "two"`)
}

// Ensure that a page is not used before its scripts have loaded.
func TestReady(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "text/html")
		_, _ = rw.Write([]byte(`<!doctype html><link rel="icon" href="data:,"><button onclick="location = '/next'">Next</button>`))
	})
	mux.HandleFunc("/next", func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "text/html")
		_, _ = rw.Write([]byte(`<!doctype html><link rel="icon" href="data:,"><p>Next</p><button>Yes</button><input><script type="module" src="/script"></script>`))
	})
	loading := make(chan struct{})
	mux.HandleFunc("/script", func(rw http.ResponseWriter, _ *http.Request) {
		<-loading
		rw.Header().Set("Content-Type", "text/javascript")
		_, _ = rw.Write([]byte(`document.querySelector("button").onclick = () => { document.title += "clicked" }
			document.querySelector("input").onkeydown = event => { document.title += event.key }`))
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	tab := chromium.Open(t, server.URL)
	tab.Click("button")
	tab.See("p", "Next")
	time.AfterFunc(300*time.Millisecond, func() { close(loading) })
	tab.Click("button")
	tab.Type("input", "x")
	tab.Await(`document.title === "clickedx"`)
}
