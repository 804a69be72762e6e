package blocks

import (
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
)

// Ensure that placeholders are replaced, and that a value stays as it is.
func TestText(t *testing.T) {
	want := strings.ReplaceAll(strings.ReplaceAll(english[saySomeAreYours], "{n}", "<mine>"), "{mine}", "2")
	want = strings.ReplaceAll(want, "<mine>", "{mine}")
	if got := saySomeAreYours.Text("n", "{mine}", "mine", "2"); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	var got strings.Builder
	for _, word := range sayCallsFor.rich(filling{"asker", []slack.RichTextSectionElement{richWord("{person}")}}, filling{"person", nil}) {
		got.WriteString(word.(*slack.RichTextSectionTextElement).Text)
	}
	if want := sayCallsFor.Text("asker", "{person}", "person", ""); got.String() != want {
		t.Errorf("%q as rich text, want %q", got.String(), want)
	}
}

// Ensure that ages and waits are said in words: an age is not exaggerated, and a wait
// not played down.
func TestTimesInWords(t *testing.T) {
	for age, want := range map[time.Duration]string{
		0: "1 minute", 119 * time.Second: "1 minute", 15 * time.Minute: "15 minutes", 119 * time.Minute: "119 minutes",
		2 * time.Hour: "2 hours", 47 * time.Hour: "47 hours", 48 * time.Hour: "2 days", 30 * 24 * time.Hour: "30 days",
	} {
		if got := Ago(age); got != want {
			t.Errorf("%v ago reads %q, want %q", age, got, want)
		}
	}
	for wait, want := range map[time.Duration]string{
		time.Second: "1 second", 8200 * time.Millisecond: "9 seconds", 89 * time.Second: "89 seconds", 91 * time.Second: "2 minutes",
	} {
		if got := roughly(wait); got != want {
			t.Errorf("%v reads %q, want %q", wait, got, want)
		}
	}
}

// Ensure that the number of questions agrees with the sentence, and that a short wait is
// not mentioned.
func TestWaiting(t *testing.T) {
	for _, test := range []struct {
		questions, mine int
		wait            time.Duration
		want            string
	}{
		{0, 0, 0, sayNobodyWaits.Text()},
		{1, 0, 0, sayOneWaits.Text()},
		{2, 0, worthSaying, sayWaiting.Text("n", "2")},
		{1, 1, 0, sayYoursWaits.Text()},
		{2, 2, 0, sayYoursWait.Text("n", "2")},
		{3, 1, 0, sayOneIsYours.Text("n", "3")},
		{3, 2, 8 * time.Second, saySomeAreYours.Text("n", "3", "mine", "2") + " " + sayWait.Text("time", "8 seconds")},
	} {
		if got := Waiting(test.questions, test.mine, test.wait); got != test.want {
			t.Errorf("%+v reads %q", test, got)
		}
	}
}
