package demo

import (
	"flag"
	"os"
	"testing"

	"enjobridge/internal/browser"
)

// screenshot is the file for the README's picture.
var screenshot = flag.String("screenshot", "", "write the README's picture to this file, such as ../../docs/thread.png")

// Ensure that the demo can show the thread of the README's picture: a question, its
// answer with the source, and a ticket's card. -screenshot writes the picture.
func TestScreenshot(t *testing.T) {
	s := openScene(t, props{})
	s.ask(s.bob, "How do I connect to the office Wi-Fi?")
	s.ask(s.alice, "How many days of holiday do I have left?")
	root := s.ask(s.alice, "How do I reset my VPN password?")
	tab := s.lookAt(s.alice, s.support, root, browser.Options{Size: browser.Size{Width: 1280, Height: 920}})
	tab.See("#replies .body", "Source:")
	tab.reply("Open an urgent ticket: my VPN account is locked")
	tab.See("#replies .message:last-child .body", "Check status")
	tab.Await(`document.querySelectorAll("#messages .replies").length === 3`)
	tab.Await(`document.querySelector("#working").innerText === ""`)
	// A focused field has a blinking cursor.
	browser.Eval[any](tab.Tab, `document.activeElement.blur()`)
	tab.Await(`(s => s.scrollHeight - s.scrollTop - s.clientHeight < 2)(document.querySelector("#thread-scroll"))`)
	picture := tab.Screenshot()
	if *screenshot == "" {
		return
	}
	if err := os.WriteFile(*screenshot, picture, 0o644); err != nil {
		t.Fatal(err)
	}
}
