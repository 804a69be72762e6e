package demo

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"enjobridge/internal/browser"
)

// screenshots is the directory for the README's pictures.
var screenshots = flag.String("screenshots", "", "write the README's pictures to this directory, such as ../../docs")

// Ensure that the demo can show the thread of the README's pictures in light and dark mode:
// a question, its answer with collapsed sources, and a ticket's card with its status.
// -screenshots writes the pictures.
func TestScreenshot(t *testing.T) {
	s := openScene(t, props{})
	s.ask(s.bob, "How do I connect to the office Wi-Fi?")
	s.ask(s.alice, "How many days of holiday do I have left?")
	root := s.ask(s.alice, "How do I set up my phone?")
	size := browser.Size{Width: 1280, Height: 1090}
	tab := s.lookAt(s.alice, s.support, root, browser.Options{Size: size})
	tab.See("#replies .body summary", "2 sources")
	tab.reply("Open an urgent ticket: my phone gets no mail")
	tab.See("#replies .bk-card", "Check status")
	dark := s.lookAt(s.alice, s.support, root, browser.Options{Size: size, Dark: true})
	dark.See("#replies .bk-card", "Check status")
	for name, tab := range map[string]*browser.Tab{"thread-light.png": tab.Tab, "thread-dark.png": dark.Tab} {
		tab.Await(`document.querySelectorAll("#messages .replies").length === 3`)
		tab.Await(`document.querySelector("#working").innerText === ""`)
		// A focused field has a blinking cursor.
		browser.Eval[any](tab, `document.activeElement.blur()`)
		tab.Await(`(s => s.scrollHeight - s.scrollTop - s.clientHeight < 2)(document.querySelector("#thread-scroll"))`)
		picture := tab.Screenshot()
		if *screenshots == "" {
			continue
		}
		if err := os.WriteFile(filepath.Join(*screenshots, name), picture, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
