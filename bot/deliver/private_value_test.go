package deliver_test

import (
	"strings"
	"testing"

	"enjobridge/bot/deliver"
	"enjobridge/storage"
)

// Ensure that the value of a button gives back its question and text, that a long text is
// left out, and that a value of another kind is none.
func TestWithText(t *testing.T) {
	id := storage.CommandID("T1", "C1", "1.2.3")
	for text, fits := range map[string]bool{
		"":                           false,
		"How do I reset it?":         true,
		"two  lines\n&lt;b&gt; day ": true,
		strings.Repeat("x", 1500):    true,
		strings.Repeat("x", 1501):    false,
		strings.Repeat("🙂", 751):     false,
	} {
		value, ok := deliver.WithText(id, text)
		want := text
		if !fits {
			want = ""
		}
		got, back, valid := deliver.CutText(value)
		if ok != fits || !valid || got != id || back != want {
			t.Errorf("%.20q: value %.40q, %v gives %v, %.20q, %v", text, value, ok, got, back, valid)
		}
	}
	for _, value := range []string{
		"", "Why?", "T1/C1/1772442000.000100 Why?", "T1/C1/1772442000.000100#ticket", "T1/../0.0#ab Why?",
		id.String() + " \xff", id.String() + " " + strings.Repeat("x", 1501),
	} {
		if got, text, ok := deliver.CutText(value); ok {
			t.Errorf("%.40q is read as %v, %.20q", value, got, text)
		}
	}
}
