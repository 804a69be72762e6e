package slack

import (
	"cmp"
	"html"
	"net/url"
	"path"
	"strings"
	"unicode/utf8"
)

// Slack's limits for the previews of files.
const (
	previewLines      = 5
	previewLength     = 500 // characters
	transcriptPreview = 250 // characters; the whole transcript is only in the file's vtt
)

// fileType is what Slack calls a type of files.
type fileType struct{ name, pretty string }

// fileTypes are the types whose name is not the extension in upper case. See
// https://docs.slack.dev/reference/objects/file-object#types.
var fileTypes = map[string]fileType{
	"":     {"binary", "Binary"},
	"txt":  {"text", "Plain Text"},
	"log":  {"text", "Plain Text"},
	"md":   {"markdown", "Markdown (raw)"},
	"js":   {"javascript", "JavaScript"},
	"py":   {"python", "Python"},
	"sh":   {"shell", "Shell"},
	"yml":  {"yaml", "YAML"},
	"go":   {"go", "Go"},
	"jpeg": {"jpg", "JPEG"},
	"jpg":  {"jpg", "JPEG"},
	"webm": {"webm", "WebM"},
	"mp4":  {"mp4", "MPEG 4 Video"},
	"m4a":  {"m4a", "MPEG 4 Audio"},
	"docx": {"docx", "Word Document"},
	"xlsx": {"xlsx", "Excel Spreadsheet"},
	"pptx": {"pptx", "PowerPoint Presentation"},
}

// typeOf returns Slack's name for the type of a file with this name.
func typeOf(name string) fileType {
	extension := strings.ToLower(strings.TrimPrefix(path.Ext(name), "."))
	if known, is := fileTypes[extension]; is {
		return known
	}
	return fileType{extension, strings.ToUpper(extension)}
}

// share is a message with a file.
type share struct{ channel, ts string }

// noteShares remembers where the files of a new message are. The caller must hold mu.
func (w *Workspace) noteShares(m *Message) {
	for _, f := range m.Files {
		if stored, known := w.files.get(f.ID); known {
			stored.shares = append(stored.shares, share{m.Channel, m.TS})
		}
	}
}

// apiFile returns a file as messages show it. See
// https://docs.slack.dev/reference/objects/file-object.
func (w *Workspace) apiFile(f File) object {
	kind := typeOf(f.Name)
	o := object{
		"id": f.ID, "created": f.Created.Unix(), "timestamp": f.Created.Unix(), "name": f.Name, "title": f.Title,
		"mimetype": f.Mimetype, "filetype": kind.name, "pretty_type": kind.pretty, "user": f.User, "user_team": w.teamOf(f.User),
		"editable": f.Snippet != "", "size": f.Size, "mode": "hosted", "is_external": false, "external_type": "",
		"is_public": w.isPublic(f.ID), "public_url_shared": false, "display_as_bot": false, "username": "",
		"url_private": f.URL, "url_private_download": w.fileURL(f, "download/"),
		"permalink":        w.URL() + "/files/" + f.User + "/" + f.ID + "/" + fileName(f),
		"has_rich_preview": false, "file_access": "visible",
	}
	if f.AltText != "" {
		o["alt_txt"] = f.AltText
	}
	switch {
	case f.Snippet != "":
		o["mode"] = "snippet"
		o["edit_link"] = w.URL() + "/files/" + f.User + "/" + f.ID + "/" + fileName(f) + "/edit"
		snippetPreview(o, f.Snippet)
	case f.Clip || f.Transcript != "":
		w.clip(o, f)
	}
	return o
}

// snippetPreview adds the first lines of a snippet.
func snippetPreview(o object, text string) {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	first := lines[:min(len(lines), previewLines)]
	preview := truncate(strings.Join(first, "\n"), previewLength)
	o["preview"], o["preview_is_truncated"] = preview, utf8.RuneCountInString(preview) < utf8.RuneCountInString(text)
	o["lines"], o["lines_more"] = len(lines), len(lines)-len(first)
	var marked strings.Builder
	marked.WriteString(`<div class="CodeMirror cm-s-default CodeMirrorServer"><div class="CodeMirror-code">`)
	for line := range strings.SplitSeq(preview, "\n") {
		marked.WriteString("<div><pre>" + html.EscapeString(line) + "</pre></div>")
	}
	o["preview_highlight"] = marked.String() + "</div></div>"
}

// clip adds the fields of a recording. Slack transcribes it some time after it was
// posted. See https://docs.slack.dev/reference/objects/file-object.
func (w *Workspace) clip(o object, f File) {
	o["subtype"], o["media_display_type"] = "slack_audio", "audio"
	if strings.HasPrefix(f.Mimetype, "video/") {
		o["subtype"], o["media_display_type"] = "slack_video", "video"
	}
	o["duration_ms"] = f.Size / 16 // as long as a usual recording of this size
	if f.Transcript == "" {
		o["transcription"] = object{"status": "processing"}
		return
	}
	preview := truncate(f.Transcript, transcriptPreview)
	o["transcription"] = object{
		"status": "complete", "locale": "en-US",
		"preview": object{"content": preview, "has_more": len(preview) < len(f.Transcript)},
	}
	o["vtt"] = w.URL() + "/files-tmb/" + f.ID + "/file.vtt"
}

// vtt returns the transcript of a clip in WebVTT.
func (f *File) vtt() []byte {
	return []byte("WEBVTT\n\n00:00:00.000 --> 00:01:00.000\n- " + f.Transcript + "\n")
}

// isPublic reports whether a public channel has the file.
func (w *Workspace) isPublic(id string) bool {
	for _, s := range w.sharesOf(id) {
		if c := w.channelsBy[s.Channel]; c.Kind == Public {
			return true
		}
	}
	return false
}

// sharesOf returns the messages that have the file.
func (w *Workspace) sharesOf(id string) []*Message {
	f, known := w.files.get(id)
	if !known {
		return nil
	}
	var found []*Message
	for _, s := range f.shares {
		if m := w.message(s.channel, s.ts); m != nil && !m.Deleted {
			found = append(found, m)
		}
	}
	return found
}

// apiShares adds to a file where it is shared. Messages do not have these fields, only
// files.info.
func (w *Workspace) apiShares(o object, id string) {
	lists := map[ChannelKind]string{Public: "channels", Private: "groups", Direct: "ims", Group: "groups"}
	o["channels"], o["groups"], o["ims"] = []string{}, []string{}, []string{}
	shares := map[string]map[string][]object{}
	for _, m := range w.sharesOf(id) {
		c := w.channelsBy[m.Channel]
		access := "private"
		if c.Kind == Public {
			access = "public"
		}
		if shares[access] == nil {
			shares[access] = make(map[string][]object)
		}
		if shares[access][c.ID] == nil {
			o[lists[c.Kind]] = append(o[lists[c.Kind]].([]string), c.ID)
		}
		shares[access][c.ID] = append(shares[access][c.ID], w.apiShare(c, m))
	}
	o["shares"] = shares
}

// apiShare describes a message with a file.
func (w *Workspace) apiShare(c *channel, m *Message) object {
	o := object{
		"ts": m.TS, "channel_name": c.Name, "team_id": w.home(c), "share_user_id": m.User,
		"reply_count": m.ReplyCount, "reply_users_count": len(m.ReplyUsers), "reply_users": append([]string{}, m.ReplyUsers...), "source": "UNKNOWN",
	}
	if m.ThreadTS != "" {
		o["thread_ts"] = m.ThreadTS
	}
	if m.LatestReply != "" {
		o["latest_reply"] = m.LatestReply
	}
	return o
}

// fileURL returns the address of the content, with this prefix before its name.
func (w *Workspace) fileURL(f File, prefix string) string {
	return w.URL() + "/files-pri/" + f.ID + "/" + prefix + fileName(f)
}

// fileName returns the file's name in an address.
func fileName(f File) string { return url.PathEscape(cmp.Or(f.Name, "file")) }
