package dispatch

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"enjobridge/storage"
)

var (
	alice = speaker{id: "U1", name: "alice"}
	bob   = speaker{id: "U2", name: "bob"}
	pager = speaker{id: "B3", name: "PagerDuty", isApp: true}
	own   = speaker{id: ownLabel}
)

// said returns a line of a thread whose root is 1.0.
func said(ts string, by speaker, text string) line {
	return line{ts: ts, speaker: by, text: text, own: by == own, root: ts == "1.0"}
}

// question returns a question of alice's at 1.9, with a thread.
func question(text string, lines ...line) prepared {
	return prepared{question: text, asked: []string{"1.9"}, asker: alice, looked: true, thread: history{lines: lines, until: "1.9"}}
}

// composeTest is a question that is asked in a thread.
type composeTest struct {
	prepared prepared
	thread   storage.Thread
	refused  bool
	want     string
}

// composeTests returns questions at each stage of a conversation.
func composeTests() map[string]composeTest {
	whole := []line{
		said("1.0", pager, "Disk full"), said("1.1", bob, "again?"), said("1.2", own, "Try this."), said("1.3", bob, "no\nluck"), said("1.9", alice, "itself"),
	}
	alone := []line{said("1.0", alice, "It broke"), said("1.2", own, "Try this."), said("1.3", alice, "no\nluck")}
	partial := question("what now?", alone...)
	partial.thread.missing = true
	unread := question("what now?")
	unread.thread.missing = true
	ticket := question("Make a ticket.\nRequester: alice", whole...)
	ticket.verbatim = true
	return map[string]composeTest{
		"the first question": {question("what now?"), storage.Thread{}, false, "what now?"},
		"a thread that the agent does not know": {
			question("what now?", whole...),
			storage.Thread{},
			false,
			"Earlier in this thread:\nPagerDuty (app): Disk full\nbob: again?\nYou (the assistant): Try this.\nbob: no\n| luck\n\nThe question:\nalice: what now?",
		},
		"a conversation that the agent refused": {
			question("what now?", whole...),
			storage.Thread{Conversation: "c1", SentUntil: "1.1"},
			true,
			"Earlier in this thread:\nPagerDuty (app): Disk full\nbob: again?\nYou (the assistant): Try this.\nbob: no\n| luck\n\nThe question:\nalice: what now?",
		},
		"a later turn": {
			question("what now?", whole...),
			storage.Thread{Conversation: "c1", SentUntil: "1.1"},
			false,
			"Earlier in this thread:\nbob: no\n| luck\n\nThe question:\nalice: what now?",
		},
		"a new conversation on purpose": {
			question("what now?", whole...),
			storage.Thread{SentUntil: "1.1"},
			false,
			"Earlier in this thread:\nbob: no\n| luck\n\nThe question:\nalice: what now?",
		},
		"a thread of an earlier version": {
			question("what now?", alone...),
			storage.Thread{Conversation: "c1"},
			false,
			"Earlier in this thread:\n- It broke\n- no\n| luck\n\nThe question:\nwhat now?",
		},
		"everything is known": {question("what now?", whole...), storage.Thread{Conversation: "c1", SentUntil: "1.8"}, false, "what now?"},
		"one speaker": {
			question("what now?", alone...),
			storage.Thread{Conversation: "c1", SentUntil: "1.2"},
			false,
			"Earlier in this thread:\n- no\n| luck\n\nThe question:\nwhat now?",
		},
		"the bot at the root": {
			question("what now?", said("1.0", own, "Your ticket is closed.")),
			storage.Thread{Conversation: "c1"},
			false,
			"Earlier in this thread:\nYou (the assistant): Your ticket is closed.\n\nThe question:\nalice: what now?",
		},
		"others asked before": {
			question("what\nnow?"),
			storage.Thread{Conversation: "c1", Askers: map[string]string{"U1": "1.0", "U2": "1.1"}},
			false,
			"alice: what\n| now?",
		},
		"nobody else asked": {question("what\nnow?"), storage.Thread{Conversation: "c1", Askers: map[string]string{"U1": "1.0"}}, false, "what\nnow?"},
		"no question": {
			question("", alone...),
			storage.Thread{Conversation: "c1", SentUntil: "1.2"},
			false,
			"Earlier in this thread:\n- no\n| luck\n\nThe question:\nPlease help with the above.",
		},
		"nothing at all": {question(""), storage.Thread{}, false, ""},
		"a part could not be read": {
			partial,
			storage.Thread{Conversation: "c1", SentUntil: "1.2"},
			false,
			"Earlier in this thread (some messages could not be read):\n- no\n| luck\n\nThe question:\nwhat now?",
		},
		"nothing could be read": {unread, storage.Thread{}, false, "The earlier messages of this thread could not be read.\n\nThe question:\nwhat now?"},
		"a request for a ticket": {
			ticket,
			storage.Thread{Conversation: "c1", SentUntil: "1.2"},
			false,
			"Earlier in this thread:\nbob: no\n| luck\n\nThe question:\nMake a ticket.\nRequester: alice",
		},
	}
}

// Ensure that the agent is sent what it does not know of a thread, and nothing else.
func TestPrepared_Compose(t *testing.T) {
	for name, tt := range composeTests() {
		c, complete := tt.prepared.compose(knownIn(tt.thread, tt.refused))
		if diff := cmp.Diff(tt.want, c.text); diff != "" || !complete || c.sentUntil != "1.9" {
			t.Errorf("%s: complete %v, until %s (-want +got):\n%s", name, complete, c.sentUntil, diff)
		}
	}
}

// Ensure that more is read if the agent knows less, or more people speak, than was known
// when the question was prepared.
func TestPrepared_ComposeIsIncomplete(t *testing.T) {
	later := question("what now?", said("1.5", alice, "no luck"))
	later.thread.from = "1.4"
	quick := prepared{question: "How?", asker: speaker{id: "U1"}, asked: []string{"1.0"}, thread: history{until: "1.0"}}
	for name, tt := range map[string]struct {
		prepared prepared
		thread   storage.Thread
		refused  bool
		want     bool
	}{
		"as it was":                 {later, storage.Thread{Conversation: "c1", SentUntil: "1.4"}, false, true},
		"more is known":             {later, storage.Thread{Conversation: "c1", SentUntil: "1.5"}, false, true},
		"the conversation is gone":  {later, storage.Thread{Conversation: "c1", SentUntil: "1.4"}, true, false},
		"the thread is gone":        {later, storage.Thread{}, false, false},
		"one asks":                  {quick, storage.Thread{Askers: map[string]string{"U1": "1.0"}}, false, true},
		"another has asked as well": {quick, storage.Thread{Askers: map[string]string{"U1": "1.0", "U2": "1.1"}}, false, false},
	} {
		if _, complete := tt.prepared.compose(knownIn(tt.thread, tt.refused)); complete != tt.want {
			t.Errorf("%s: complete %v", name, complete)
		}
	}
}

// Ensure that a thread that is too long is sent with its root and its newest messages, and
// with the number of those between.
func TestPrepared_ComposeLimits(t *testing.T) {
	lines := []line{said("1.0", alice, "The root")}
	for n := range 260 {
		lines = append(lines, said(fmt.Sprintf("1.%04d", n+1), alice, fmt.Sprintf("reply %d %s", n+1, strings.Repeat("語", 190))))
	}
	for i := range lines[1:100] {
		lines[i+1].text, lines[i+1].leftOut = "", true
	}
	p := question("what now?", lines...)
	p.asked, p.thread.until = []string{"2.0"}, "2.0"
	c, _ := p.compose(known{nothing: true})
	earlier, _, _ := strings.Cut(c.text, "\n\nThe question:\n")
	shown := strings.Split(earlier, "\n")
	if length := characters(earlier); length > maxThread+100 || length < maxThread-300 {
		t.Errorf("the thread has %d characters", length)
	}
	want := fmt.Sprintf("[%d earlier messages left out]", 260-(len(shown)-3))
	if shown[1] != "- The root" || shown[2] != want || !strings.HasPrefix(shown[len(shown)-1], "- reply 260 ") {
		t.Errorf("the agent got %q, %q (want %q), … %q", shown[1], shown[2], want, shown[len(shown)-1])
	}
	// The messages left out count as sent: they are too old to be sent later.
	if c.sentUntil != "2.0" {
		t.Errorf("sent until %s", c.sentUntil)
	}

	one := []line{said("1.0", alice, "The root"), said("1.1", alice, strings.Repeat("a", 3000))}
	for n := range 5 {
		one = append(one, said(fmt.Sprintf("1.%d", n+2), alice, strings.Repeat("b", 3000)))
	}
	if c, _ = question("what now?", one...).compose(known{nothing: true}); !strings.Contains(c.text, "- The root\n[1 earlier message left out]\n- bbb") {
		t.Errorf("the agent got %.200q", c.text)
	}
}

// Ensure that the files that are reported are those of the question and of what is sent
// with it this time.
func TestPrepared_ComposeFiles(t *testing.T) {
	withFile := func(l line, name string) line { l.files = []string{name}; return l }
	hidden := withFile(said("1.1", alice, strings.Repeat("a", maxThread)), "left out.png")
	p := question("what now?", withFile(said("1.0", alice, ""), "VPN.png"), hidden, withFile(said("1.2", alice, "see"), "log.zip"))
	p.files = []string{"log.zip", "own.txt"}
	for since, want := range map[string][]string{"": {"VPN.png", "log.zip", "own.txt"}, "1.1": {"log.zip", "own.txt"}, "1.2": {"log.zip", "own.txt"}} {
		c, _ := p.compose(known{until: since})
		if diff := cmp.Diff(want, c.files); diff != "" {
			t.Errorf("known until %q (-want +got):\n%s", since, diff)
		}
	}
}

// Ensure that questions that are asked together are not longer than one can be, and that the
// agent learns what is missing.
func TestMerged_Limit(t *testing.T) {
	long := prepared{question: strings.Repeat("é", 30_000)}
	all := merged([]prepared{long, long})
	if n := characters(all.question); n > maxQuestion || !strings.HasSuffix(all.question, " [cut: 20,042 more characters]") {
		t.Errorf("the question has %d characters, and ends with %q", n, all.question[len(all.question)-40:])
	}
}

// Ensure that questions that are asked together are sent with what was said between them.
func TestMerged(t *testing.T) {
	first := prepared{
		question: "How do I print?", source: "a", asked: []string{"1.0"}, asker: speaker{id: "U1"}, files: []string{"a.png"},
		thread: history{until: "1.0"},
	}
	second := prepared{
		question: "And in colour?", source: "b", asked: []string{"1.3"}, asker: alice, looked: true, files: []string{"b.png"},
		thread: history{until: "1.3", lines: []line{said("1.0", alice, "How do I print?"), said("1.2", bob, "me, too")}},
	}
	all := merged([]prepared{first, second})
	c, complete := all.compose(known{nothing: true})
	want := composed{
		text:      "Earlier in this thread:\nbob: me, too\n\nThe question:\nalice: How do I print?\n| \n| And in colour?",
		sentUntil: "1.3", files: []string{"a.png", "b.png"},
	}
	if diff := cmp.Diff(want, c, cmp.AllowUnexported(composed{})); diff != "" || !complete || all.source != "a\n\nb" {
		t.Errorf("complete %v, source %q (-want +got):\n%s", complete, all.source, diff)
	}
}
