package bot_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	slacksandbox "enjobridge/sandbox/slack"
)

// longText is an answer of more than five messages, with numbered words.
func longText() string {
	var text strings.Builder
	for n := range 9000 {
		fmt.Fprintf(&text, "word%dw ", n)
		if n%100 == 99 {
			text.WriteString("\n\n")
		}
	}
	return text.String()
}

// answeringLong is an agent whose answers are long, have a source, and take so long that
// the thread has a status.
func answeringLong() http.Handler {
	text, err := json.Marshal(longText())
	if err != nil {
		panic(err)
	}
	answer := answering(`{"success":true,"data":{"answers":` + string(text) + `,"sources":[{"name":"The manual","url":"https://kb.example.com/1","score":0.9}]}}`)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(5 * time.Second) // in simulated time
		answer.ServeHTTP(w, r)
	})
}

// filesIn returns the bot's files in a thread.
func (h *house) filesIn(root string) (files []slacksandbox.File) {
	for _, m := range h.slack.Thread(h.support, root) {
		files = append(files, m.Files...)
	}
	return files
}

// isBeginning checks that a thread has the beginning of the long answer and one file with
// the whole.
func (h *house) isBeginning(root string) {
	h.t.Helper()
	posts, files := h.answers(h.slack.View, h.support, root), h.filesIn(root)
	if len(files) != 1 {
		h.t.Fatalf("the thread has %d files", len(files))
	}
	file, _ := h.slack.File(files[0].ID)
	if content := string(file.Content); !strings.HasPrefix(content, longText()) || !strings.Contains(content, "The manual") {
		h.t.Errorf("the file of %d bytes contains %.200s", len(content), content)
	}
	shown := texts(posts)
	if len(posts) > 2 || !strings.Contains(shown, "word100w") || strings.Contains(shown, "word8999w") || strings.Count(shown, "in the attached file") != 2 {
		h.t.Errorf("the thread has %d posts: %.2000s", len(posts), shown)
	}
}

// isWhole checks that a thread has all messages of the long answer, each once, and no
// more files than expected.
func (h *house) isWhole(root string) {
	h.t.Helper()
	posts, files := h.answers(h.slack.View, h.support, root), h.filesIn(root)
	var shown strings.Builder
	for _, m := range posts {
		shown.Write(m.Blocks)
	}
	for n := range 9000 {
		if got := strings.Count(shown.String(), fmt.Sprintf("word%dw ", n)) + strings.Count(shown.String(), fmt.Sprintf(`word%dw"`, n)) +
			strings.Count(shown.String(), fmt.Sprintf(`word%dw\n`, n)); got != 1 {
			h.t.Fatalf("word %d is in the thread %d times", n, got)
		}
	}
	if len(posts) < 6 || len(files) > 0 || strings.Contains(texts(posts), "in the attached file") {
		h.t.Errorf("the thread has %d posts and %d files", len(posts), len(files))
	}
}

// Ensure that people get the beginning of a long answer and a file, and all of its
// messages if there can be no file; each once.
func TestLongAnswers_AreFiles(t *testing.T) {
	for name, test := range map[string]struct {
		method string
		times  int
		effect slacksandbox.CallEffect
		whole  bool
	}{
		"no fault":                {},
		"upload rate-limited":     {"files.getUploadURLExternal", 2, slacksandbox.RateLimit(time.Minute), false},
		"upload fails twice":      {"files.getUploadURLExternal", 2, slacksandbox.Status(http.StatusBadGateway), false},
		"upload's response lost":  {"files.completeUploadExternal", 1, slacksandbox.LoseResponse(), false},
		"post's response lost":    {"chat.postMessage", 1, slacksandbox.LoseResponse(), false},
		"files are turned off":    {"files.getUploadURLExternal", 0, slacksandbox.Fail("file_uploads_disabled"), true},
		"files are not allowed":   {"files.completeUploadExternal", 0, slacksandbox.Fail("missing_scope"), true},
		"a code that is unknown":  {"files.completeUploadExternal", 0, slacksandbox.Fail("files_are_over"), true},
		"a network without files": {"files.getUploadURLExternal", 0, slacksandbox.Status(http.StatusBadGateway), true},
	} {
		bubbles(t, name, func(t *testing.T) {
			h := build(t, plan{agent: answeringLong()})
			if test.method != "" {
				h.slack.Faults().OnCall(slacksandbox.Calls{Method: test.method, Times: test.times}, test.effect)
			}
			start := time.Now()
			root := h.mention(h.alice, "How does everything work?")
			h.awaitEnded(1)
			if waited := time.Since(start); waited > 10*time.Minute {
				t.Errorf("the answer took %v", waited)
			}
			if test.whole {
				h.isWhole(root)
			} else {
				h.isBeginning(root)
			}
		})
	}
}

// Ensure that no two renderings of a long answer stand in a thread because Slack failed for
// minutes when one was to be found or deleted.
func TestLongAnswers_ComeOnceAfterAnOutage(t *testing.T) {
	once := func(method string, effect slacksandbox.CallEffect) func(*slacksandbox.Faults) {
		return func(f *slacksandbox.Faults) { f.OnCall(slacksandbox.Calls{Method: method, Times: 1}, effect) }
	}
	for name, test := range map[string]struct {
		fault  func(*slacksandbox.Faults)
		broken string // the method that fails for minutes
		whole  bool
	}{
		"a file may be there":           {once("files.completeUploadExternal", slacksandbox.LoseResponse()), "conversations.replies", false},
		"a beginning cannot be deleted": {once("files.getUploadURLExternal", slacksandbox.Fail("file_uploads_disabled")), "chat.delete", true},
	} {
		bubbles(t, name, func(t *testing.T) {
			h := build(t, plan{agent: answeringLong()})
			test.fault(h.slack.Faults())
			broken := h.slack.Faults().OnCall(slacksandbox.Calls{Method: test.broken}, slacksandbox.Status(http.StatusServiceUnavailable))
			time.AfterFunc(20*time.Minute, broken.Remove)
			root := h.mention(h.alice, "How does everything work?")
			h.awaitEnded(1)
			if broken.Fired() < 10 {
				t.Errorf("%s failed %d times", test.broken, broken.Fired())
			}
			if test.whole {
				h.isWhole(root)
			} else {
				h.isBeginning(root)
			}
		})
	}
}

// Ensure that a long answer comes in messages, without an attempt at a file, if the app
// lacks the scope.
func TestLongAnswers_WithoutTheScopeForFiles(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := foundation(t, plan{agent: answeringLong()})
		h.slack.SetScopes(slices.DeleteFunc(h.manifestScopes().Bot, func(scope string) bool { return scope == "files:write" })...)
		h.start()
		root := h.mention(h.alice, "How does everything work?")
		h.awaitEnded(1)
		h.isWhole(root)
		for _, call := range h.slack.Calls() {
			if strings.HasPrefix(call.Method, "files.") || call.Method == "chat.delete" {
				t.Errorf("%s was called", call.Method)
			}
		}
	})
}

// Ensure that the next process finishes a long answer in the way in which it was begun,
// wherever the first one ended.
func TestLongAnswers_AreFinishedByTheNextProcess(t *testing.T) {
	for name, test := range map[string]struct {
		noFiles bool
		hangs   slacksandbox.Calls
		whole   bool
	}{
		"before the file":             {false, slacksandbox.Calls{Method: "files.getUploadURLExternal"}, false},
		"before the file is complete": {false, slacksandbox.Calls{Method: "files.completeUploadExternal"}, false},
		"after the file": {false, slacksandbox.Calls{Method: "agents.sessions.setStatus", If: func(c slacksandbox.Call) bool {
			return c.Args["status"] == "active"
		}}, false},
		"before the beginning is deleted": {true, slacksandbox.Calls{Method: "chat.delete"}, true},
		"within the messages": {true, slacksandbox.Calls{Method: "chat.postMessage", If: func(c slacksandbox.Call) bool {
			return strings.Contains(c.Args["metadata"], `"part":"3"`)
		}}, true},
	} {
		bubbles(t, name, func(t *testing.T) {
			h := build(t, plan{agent: answeringLong()})
			if test.noFiles {
				h.slack.Faults().OnCall(slacksandbox.Calls{Method: "files.getUploadURLExternal"}, slacksandbox.Fail("file_uploads_disabled"))
			}
			hangs := h.slack.Faults().OnCall(test.hangs, slacksandbox.Hang())
			root := h.mention(h.alice, "How does everything work?")
			h.await("the call to hang", func(v slacksandbox.View) bool { return hangs.Fired() > 0 })
			if err := h.stop(); err != nil {
				t.Fatal(err)
			}
			hangs.Remove()
			h.start()
			h.awaitEnded(1)
			if test.whole {
				h.isWhole(root)
			} else {
				h.isBeginning(root)
			}
		})
	}
}
