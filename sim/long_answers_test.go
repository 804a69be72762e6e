package sim_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing/fstest"

	enjosandbox "enjobridge/sandbox/enjo"
	slacksandbox "enjobridge/sandbox/slack"
	"enjobridge/storage"
)

const (
	// longEvery says that the article of every so many gadgets is so long that the answer
	// comes as a file.
	longEvery = 12
	// screws is the number of lines of a long article.
	screws = 1500
)

// longLibrary returns the library in which some articles are long. A world takes several
// times as long to set up with it.
func longLibrary() fstest.MapFS {
	files := library()
	for n := 0; n < gadgets; n += longEvery {
		files[gadget(n)+".md"].Data = append(files[gadget(n)+".md"].Data, longArticle()...)
	}
	for n := longEvery - 1; n < widgets; n += longEvery {
		files[widget(n)+".md"].Data = append(files[widget(n)+".md"].Data, longArticle()...)
	}
	return files
}

// longArticle returns the rest of a long article, in numbered lines.
func longArticle() string {
	var text strings.Builder
	for n := range screws {
		fmt.Fprintf(&text, "\n- Then turn %s slowly, without any force.", screw(n))
	}
	return text.String() + "\n"
}

func screw(n int) string { return fmt.Sprintf("screw %04d", n) }

// missingScrew returns the first screw that is not in a text behind the ones before; empty
// if there is none.
func missingScrew(text string) string {
	for n := range screws {
		_, after, found := strings.Cut(text, screw(n))
		if !found {
			return screw(n)
		}
		text = after
	}
	return ""
}

// longPromises returns the stories with long answers.
func longPromises() []story {
	return []story{
		{name: "long answers", setup: setup{enjo: enjosandbox.Config{Articles: longLibrary()}}, play: func(w *world) {
			w.crowd.gadgets = 1 // whose article is long
			w.expectAnswer(w.crowd.mention(), soon)
			w.slack.Faults().OnCall(slacksandbox.Calls{Method: "files.completeUploadExternal", Times: 1}, slacksandbox.LoseResponse())
			w.expectAnswer(w.crowd.mention(), soon)
			w.slack.Faults().OnCall(slacksandbox.Calls{Method: "files.getUploadURLExternal"}, slacksandbox.Fail("file_uploads_disabled"))
			w.expectAnswer(w.crowd.mention(), soon)
		}},
	}
}

// renderingOf returns the rendering in the metadata of a post.
func renderingOf(m slacksandbox.Message) string {
	var payload struct{ Rendering string }
	if m.Metadata == nil || json.Unmarshal(m.Metadata.EventPayload, &payload) != nil {
		return ""
	}
	return payload.Rendering
}

// hasFile reports whether an answer's message refers to a file.
func hasFile(m slacksandbox.Message) bool {
	rendering := renderingOf(m)
	return rendering == "file" || strings.HasSuffix(rendering, " beginning")
}

// judgeWhole checks that each answer is complete: in its file if it has one, else in its
// messages.
func (j *worldJudge) judgeWhole(posts map[string][]post) {
	for _, q := range j.crowd.questions {
		parts := slices.DeleteFunc(slices.Clone(posts[j.id(q)]), func(p post) bool { return p.part < 0 })
		if len(parts) == 0 || q.mayHaveNoVisibleEnd() {
			continue
		}
		slices.SortFunc(parts, func(a, b post) int { return strings.Compare(a.TS, b.TS) })
		var whole strings.Builder
		for _, p := range parts {
			whole.Write(p.Blocks)
		}
		text := whole.String()
		isLong := strings.Contains(text, screw(0))
		if hasFile(parts[0].Message) {
			j.world.seen.note("answer: a file")
			text = j.fileOf(q, posts)
			isLong = isLong || strings.Contains(text, screw(0))
			if !strings.Contains(text, "press its red button") {
				j.report("the answer to %s refers to a file, which the bot has not posted, or which contains %.200q", j.id(q), text)
			}
		}
		if missing := missingScrew(text); isLong && missing != "" {
			j.report("the answer to %s in %d parts lacks %s", j.id(q), len(parts), missing)
		}
	}
}

// fileOf returns the content of the file with the answer to a question; empty if there is
// none.
func (j *worldJudge) fileOf(q *asked, posts map[string][]post) string {
	name := storage.Reference(storage.MessageID{Team: j.slack.TeamID(), Channel: q.talk.channel, TS: q.ts}) + answerFile
	for _, p := range posts[""] {
		for _, f := range p.Files {
			if p.Channel == q.talk.channel && p.ThreadTS == q.talk.root && f.Name == name {
				file, _ := j.slack.File(f.ID)
				return string(file.Content)
			}
		}
	}
	return ""
}
