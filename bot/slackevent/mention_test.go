package slackevent

import (
	"strings"
	"testing"
	"time"
)

// Ensure that a removed mention takes the punctuation with it that only it needed, and
// nothing else.
func TestWithoutMention(t *testing.T) {
	for in, want := range map[string]string{
		"no mention , here":                       "no mention , here",
		"<@UBOT> help":                            "help",
		"<@UBOT>help":                             "help",
		"<@UBOT>: help":                           "help",
		"<@UBOT|bot>, help":                       "help",
		"<@UBOT> , help":                          "help",
		"<@UBOT> - help":                          "help",
		"<@UBOT>! Help":                           "Help",
		"<@UBOT>?":                                "",
		"<@UBOT> -1 is what?":                     "-1 is what?",
		"<@UBOT> :wave: hi":                       ":wave: hi",
		"<@UBOT> ... and?":                        "... and?",
		"<@UBOT>，怎么办？":                            "怎么办？",
		"Hey <@UBOT>, what's up":                  "Hey, what's up",
		"hey, <@UBOT>, what's up":                 "hey, what's up",
		"ask <@UBOT>.":                            "ask.",
		"is it up, <@UBOT>?":                      "is it up?",
		"help me, <@UBOT>":                        "help me",
		"can you <@UBOT> help":                    "can you help",
		"cc (<@UBOT>) please":                     "cc please",
		"*<@UBOT>* help":                          "help",
		"\"<@UBOT>\" is its name":                 "is its name",
		"<@UBOT> <@UBOT> help":                    "help",
		"<@UBOT>\u00a0help":                       "help",
		"<@UBOT>\u00a0- help":                     "help",
		"Hey <@UBOT>\u00a0, help":                 "Hey, help",
		"first line\n<@UBOT>: second":             "first line\nsecond",
		"see above <@UBOT>\nand below":            "see above\nand below",
		"• <@UBOT>: a\n&gt; <@UBOT>, b":           "• a\n&gt; b",
		"12. <@UBOT> c":                           "12. c",
		"thanks <@UBOT> :tada:":                   "thanks :tada:",
		"<@U1> and <@UBOT> and <@UBOT2>":          "<@U1> and and <@UBOT2>",
		"the word &lt;@UBOT&gt;, typed, <@UBOT>.": "the word &lt;@UBOT&gt;, typed.",
	} {
		if got := WithoutMention(in, "UBOT"); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

// Ensure that a text of many mentions takes no longer than one of many words.
func TestWithoutMention_Many(t *testing.T) {
	started := time.Now()
	if got := WithoutMention(strings.Repeat("<@UBOT>, ", 100_000), "UBOT"); strings.Contains(got, "UBOT") {
		t.Error("a mention is left")
	}
	if took := time.Since(started); took > 10*time.Second {
		t.Errorf("it took %s", took)
	}
}

// Ensure that mentions of people, groups and everyone count, and texts that look like
// them do not.
func TestMentionsAnyone(t *testing.T) {
	for text, want := range map[string]bool{
		"<@U1> look": true, "<@W1|ada>": true, "hi <!subteam^S1|@it>": true, "<!subteam^S1>": true, "<!here>": true, "<!here|@here>": true,
		"<!channel> all": true, "<!everyone>": true,
		"hi": false, "&lt;@U1&gt;": false, "<#C1>": false, "<https://a.example|@here>": false, "<!date^1^{date}|now>": false, "@here": false, "&lt;!here&gt;": false,
	} {
		if got := MentionsAnyone(text); got != want {
			t.Errorf("%q mentions anyone: %v", text, got)
		}
	}
}
