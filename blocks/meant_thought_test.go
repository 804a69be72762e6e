package blocks

import (
	"strings"
	"testing"

	"enjobridge/enjo"
)

// Ensure that what a model thought is not shown, and everything else is.
func TestThoughts(t *testing.T) {
	for text, want := range map[string]string{
		"<think>Hm.</think>Yes.":                   "Yes.",
		"<think>\nHm.\n\n```\nx\n</think>\n\nYes.": "Yes.",
		"<THINKING>Hm.</THINKING>\nYes.":           "Yes.",
		"<reasoning>Hm.</reasoning>Yes.":           "Yes.",
		"Wait. <think>Hm.</think>Yes.":             "Wait. Yes.",
		"<think>a</think>b<think>c</think>d":       "bd",
		"<think><think>a</think>\n</think>\nb":     "b",
		"Hm. So:\n</think>\nYes.":                  "Yes.",
		"Hm.</think>\nYes.":                        "Yes.",
		"<think>Hm, I must":                        "",
		"\n <think>\n</think>\n":                   "",
		"Use `<think>` and `</think>`.":            "Use `<think>` and `</think>`.",
		"```\n<think>\na\n</think>\n```\nb":        "```\n<think>\na\n</think>\n```\nb",
		"Use the <think> tag":                      "Use the <think> tag",
		"The tag </think> ends it.":                "The tag </think> ends it.",
		"I <thinker>think</thinker>":               "I <thinker>think</thinker>",
		"<think>a</think>Use `</think>`.\nYes":     "Use `</think>`.\nYes",
		"<think>a</think>b\n</think>\nc":           "b\n</think>\nc",
	} {
		if got := withoutThoughts(text); got != want {
			t.Errorf("%q\n got %q\nwant %q", text, got, want)
		}
	}
}

// Ensure that an answer that is only a thought counts as empty.
func TestOnlyThought(t *testing.T) {
	want := Answer(AnswerView{}, Rich)[0].Text
	for _, as := range renderings {
		got := Answer(AnswerView{Reply: enjo.Reply{Text: "<think>The user asks"}}, as)
		if len(got) != 1 || got[0].Text != want || got[0].File != nil {
			t.Errorf("%s: %q", as, got[0].Text)
		}
	}
}

// Ensure that many tags take linear time.
func TestManyThoughts(t *testing.T) {
	for _, piece := range []string{"x <think> ", "x `<think> ", "</think> x ", "<think>x</think>"} {
		if text := strings.Repeat(piece, 100_000); len(withoutThoughts(text)) > len(text) {
			t.Errorf("%q grows", piece)
		}
	}
}
