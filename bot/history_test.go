package bot_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"enjobridge/blocks"
	enjosandbox "enjobridge/sandbox/enjo"
	slacksandbox "enjobridge/sandbox/slack"
	"enjobridge/storage"
)

// fill posts many replies in a thread.
func (h *house) fill(root, user string, n int) {
	h.t.Helper()
	for i := range n {
		h.say(h.support, user, fmt.Sprintf("reply number %d", i+1), slacksandbox.InThread(root))
		time.Sleep(10 * time.Millisecond) // in the bubble's time
	}
}

// Ensure that a question that joins a long thread is asked with all of its pages.
func TestLongThread_History(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		root := h.say(h.support, h.alice, "The printer is broken")
		h.fill(root, h.bob, 450)
		h.say(h.support, h.alice, slacksandbox.Mention(h.slack.BotUserID())+" what now?", slacksandbox.InThread(root))
		h.awaitAnswers(h.support, root, 1)
		text := h.enjo.Requests()[0].Text
		for _, want := range []string{"\nalice: The printer is broken\nbob: reply number 1\n", "bob: reply number 200\nbob: reply number 201\n", "bob: reply number 450\n"} {
			if !strings.Contains(text, want) {
				t.Errorf("the agent's request lacks %q: %q", want, text)
			}
		}
	})
}

// Ensure that the answer to a deleted question stays if a person has replied, also
// far down in the thread.
func TestLongThread_Retract(t *testing.T) {
	for name, replied := range map[string]bool{"a person replied": true, "nobody replied": false} {
		bubbles(t, name, func(t *testing.T) {
			h := build(t, plan{})
			robot := h.robot()
			root := h.mention(h.alice, "How do I print?")
			h.awaitAnswers(h.support, root, 1)
			h.awaitEnded(1)
			h.fill(root, robot, 299)
			if replied {
				h.say(h.support, h.bob, "thanks!", slacksandbox.InThread(root))
			}
			if err := h.slack.Delete(h.support, root); err != nil {
				t.Fatal(err)
			}
			if !replied {
				h.await("the answer to be deleted", func(v slacksandbox.View) bool { return len(h.answers(v, h.support, root)) == 0 })
				return
			}
			time.Sleep(time.Minute) // in the bubble's time
			if n := len(h.answers(h.slack.View, h.support, root)); n != 1 {
				t.Errorf("the thread has %d answers", n)
			}
		})
	}
}

// Ensure that a post with an unknown outcome is found behind hundreds of others.
func TestLongThread_Find(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{enjo: enjosandbox.Config{Latency: 30 * time.Second}})
		lost := h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage", Times: 1}, slacksandbox.LoseResponse())
		robot := h.robot()
		root := h.mention(h.alice, "How do I print?")
		h.fill(root, robot, 400)
		h.awaitEnded(1)
		if n := len(h.answers(h.slack.View, h.support, root)); n != 1 || lost.Fired() != 1 {
			t.Errorf("the thread has %d answers after %d lost responses", n, lost.Fired())
		}
	})
}

// rawMessages are messages of other apps that slack-go does not decode.
func rawMessages() []slacksandbox.PostOption {
	return []slacksandbox.PostOption{
		slacksandbox.WithAttachments(json.RawMessage(`[{"id":"1","color":7,"ts":{},"fields":"none"}]`)),
		slacksandbox.WithAttachments(json.RawMessage(`[7,{"id":1,"blocks":{}}]`)),
		slacksandbox.WithBlocks(json.RawMessage(`[{"type":"future","elements":7},{"elements":[[]]},7]`)),
		slacksandbox.WithFiles(slacksandbox.File{}),
	}
}

// Ensure that messages of other apps with unexpected content hide nothing else, from
// the reading of history, and from the history that goes to the agent.
func TestRawMessagesHideNothing(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		robot := h.robot()
		if err := h.stop(); err != nil {
			t.Fatal(err)
		}
		h.slack.Faults().OnEvent(slacksandbox.Events{}, slacksandbox.Lose())
		root := h.say(h.support, h.alice, "The printer is broken")
		for _, raw := range rawMessages() {
			h.say(h.support, robot, "", raw)
			h.say(h.support, robot, "", raw, slacksandbox.InThread(root))
		}
		h.say(h.support, h.alice, slacksandbox.Mention(h.slack.BotUserID())+" what now?", slacksandbox.InThread(root))
		top := h.mention(h.bob, "How do I reset my VPN password?")
		h.slack.Faults().Clear()

		h.start()
		h.awaitAnswers(h.support, root, 1)
		h.awaitAnswers(h.support, top, 1)
		asked := ""
		for _, r := range h.enjo.Requests() {
			asked += r.Text + "\n"
		}
		if !strings.Contains(asked, "alice: The printer is broken") {
			t.Errorf("the agent got %q", asked)
		}
	})
}

// Ensure that raw messages of other apps, as events, are acknowledged and do no harm.
func TestRawMessagesAsEvents(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		robot := h.robot()
		for _, raw := range rawMessages() {
			h.say(h.support, robot, "", raw)
		}
		h.works()
		for _, e := range h.slack.Traffic() {
			if e.Attempt > 0 {
				t.Errorf("%s was sent again, because of %s", e.Inner, e.Reason)
			}
		}
	})
}

// Ensure that another app's message with the metadata of the bot's answer is not
// taken for the answer by the process that posts it after a crash.
func TestCopiedMetadataIsNotTheAnswer(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		robot := h.robot()
		hangs := h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage"}, slacksandbox.Hang())
		root := h.mention(h.alice, "How do I print?")
		h.await("the post to hang", func(slacksandbox.View) bool { return hangs.Fired() > 0 })
		if err := h.stop(); err != nil {
			t.Fatal(err)
		}
		hangs.Remove()
		copied := slacksandbox.Metadata{EventType: "enjobridge_post", EventPayload: json.RawMessage(
			fmt.Sprintf(`{"part":"0","question":%q,"rendering":%q}`, h.id(root).String(), blocks.Rich.String()))}
		for _, as := range [][]slacksandbox.PostOption{nil, {slacksandbox.AsApp()}} {
			h.say(h.support, robot, "I am the answer", append(as, slacksandbox.WithMetadata(copied), slacksandbox.InThread(root))...)
		}
		h.start()
		answers := h.awaitAnswers(h.support, root, 1)
		h.awaitEnded(1)
		if diff := cmp.Diff(&copied, answers[0].Metadata); diff != "" {
			t.Errorf("the metadata is not a copy of the answer's:\n%s", diff)
		}
	})
}

// Ensure that another app's file with the name of an answer's is not taken for it.
func TestCopiedFileIsNotTheAnswer(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := build(t, plan{})
		robot := h.robot()
		h.slack.Faults().OnCall(slacksandbox.Calls{Method: "chat.postMessage", Times: 4}, slacksandbox.Fail("invalid_blocks"))
		down := h.slack.Faults().OnCall(slacksandbox.Calls{Method: "files.getUploadURLExternal"}, slacksandbox.Status(http.StatusServiceUnavailable))
		root := h.mention(h.alice, "How do I reset my VPN password?")
		h.await("the upload to fail", func(slacksandbox.View) bool { return down.Fired() > 0 })
		name := storage.Reference(h.id(root)) + "-answer.md"
		h.say(h.support, robot, "", slacksandbox.InThread(root), slacksandbox.WithFiles(slacksandbox.File{Name: name, Content: []byte("copy")}))
		down.Remove()
		h.awaitEnded(1)
		own := 0
		for _, m := range h.slack.Thread(h.support, root) {
			for _, f := range m.Files {
				if m.BotID == h.slack.BotID() {
					own++
					if f.Name != name {
						t.Errorf("the file is %q, and the copy %q", f.Name, name)
					}
				}
			}
		}
		if own != 1 {
			t.Errorf("the bot uploaded %d files", own)
		}
	})
}
