package slackevent

import "testing"

// Ensure that a title has the words of a text alone.
func TestWords(t *testing.T) {
	for text, want := range map[string]string{
		"<@U1> How do I print?":                    "How do I print?",
		"Hey <@U1>, how do I print?":               "Hey, how do I print?",
		"<@U1>: <!here> *help* with `a.b`\nplease": "help with a.b please",
		"see <https://x.example/a|the manual>":     "see the manual",
		"see <https://x.example/a>":                "see https://x.example/a",
		"in <#C1|help> &amp; &lt;here&gt;":         "in & <here>",
		"<@U1>":                                    "",
		"":                                         "",
	} {
		if got := Words(text); got != want {
			t.Errorf("%q gives %q, want %q", text, got, want)
		}
	}
}
