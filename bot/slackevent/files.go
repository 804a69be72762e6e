package slackevent

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"
)

// unreadLine matches the line for a file that cannot be read.
var unreadLine = regexp.MustCompile(`^\[Attached file, (?:not readable|deleted|no access): .*\]$`)

var backticks = regexp.MustCompile("`{3,}")

// files returns files as text. The names of those that cannot be read are also noted.
// https://docs.slack.dev/reference/objects/file-object
func (r *reader) files(list []node) string {
	var texts, unread []string
	for _, f := range list {
		if text := fileText(f); text != "" {
			texts = append(texts, text)
			continue
		}
		name := fileName(f)
		r.unread = append(r.unread, name)
		unread = append(unread, unreadFile(f, name))
	}
	return paragraphs(append(texts, lines(unread...))...)
}

// fileText returns the text of a file as far as it is in the message: the beginning of a
// snippet or an email, or of a clip's transcript; empty if there is none.
func fileText(f node) string {
	if goneOrClosed(f) != "" {
		return ""
	}
	if transcript := f.object("transcription").object("preview"); transcript.first("content") != "" {
		text := fmt.Sprintf("Transcript of the attached %s:\n%s", escape(described(f)), quote(escape(transcript.text("content"))))
		return lines(text, more(transcript["has_more"] == true, 0))
	}
	preview := f.first("plain_text", "preview_plain_text", "preview")
	if preview == "" {
		return ""
	}
	isPart := f["preview_is_truncated"] == true || f["has_more"] == true
	return lines("The attached file "+escape(described(f))+":\n"+fenced(preview), more(isPart, f.number("lines_more")))
}

// more says that a file has more text than the message, or nothing.
func more(isPart bool, lines int) string {
	switch {
	case lines > 1:
		return fmt.Sprintf("[The file has %s more lines, which aren't readable]", thousands(lines))
	case isPart || lines == 1:
		return "[The file has more text, which isn't readable]"
	}
	return ""
}

// fenced returns a text between fences that do not occur in it.
func fenced(text string) string {
	longest := 2
	for _, run := range backticks.FindAllString(text, -1) {
		longest = max(longest, len(run))
	}
	fence := strings.Repeat("`", longest+1)
	return fence + "\n" + escape(strings.Trim(text, "\n")) + "\n" + fence
}

// unreadFile returns the line for a file that cannot be read.
func unreadFile(f node, name string) string {
	if why := goneOrClosed(f); why != "" {
		return fmt.Sprintf("[Attached file, %s: %s]", why, escape(name))
	}
	return fmt.Sprintf("[Attached file, not readable: %s]", escape(described(f)))
}

// goneOrClosed returns why Slack has no file; empty if it has.
func goneOrClosed(f node) string {
	switch {
	case f.text("mode") == "tombstone" || f.text("file_access") == "file_not_found":
		return "deleted"
	case f.text("mode") == "hidden_by_limit" || f.text("file_access") == "access_denied":
		return "no access"
	}
	return ""
}

// described returns the name of a file and its kind, if that is known.
func described(f node) string {
	if kind := fileKind(f); kind != "" {
		return fileName(f) + " (" + kind + ")"
	}
	return fileName(f)
}

// fileName returns the name of a file on one line.
func fileName(f node) string {
	return cmp.Or(label(f.first("name", "title")), "a file without a name")
}

// fileKind returns the kind of a file as people call it, such as "PNG image".
func fileKind(f node) string {
	kind := label(cmp.Or(f.first("pretty_type"), strings.ToUpper(f.first("filetype")), f.first("mimetype")))
	family, _, _ := strings.Cut(f.text("mimetype"), "/")
	isMedia := family == "image" || family == "audio" || family == "video"
	if kind == "" || !isMedia || strings.Contains(strings.ToLower(kind), family) {
		return kind
	}
	return kind + " " + family
}
