package page

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"enjobridge/sandbox/slack"
)

// sayArgs is the content of a composer.
type sayArgs struct {
	Channel   string
	Thread    string
	Text      string
	Broadcast bool
	Table     [][]string // pasted cells
}

// say posts a message, or enters a slash command.
func (v *viewer) say(r *http.Request, args sayArgs) (string, error) {
	text := strings.TrimSpace(args.Text)
	command, rest := firstWord(text)
	if isCommand(command) {
		if args.Thread != "" {
			return "", fmt.Errorf("%s cannot be used in a thread", command)
		}
		if ran, err := v.runBuiltin(args.Channel, command, rest); ran {
			return "", err
		}
		receipt, err := v.slack.Command(v.me.ID, args.Channel, command, v.encodeNames(rest))
		if err != nil {
			return "", err
		}
		// Slack itself posts an error in the channel if the app does not respond.
		_, _ = settle(r, receipt, nil)
		return "", nil
	}
	return v.post(args, text)
}

// firstWord splits a text after its first word.
func firstWord(text string) (word, rest string) {
	end := strings.IndexFunc(text, unicode.IsSpace)
	if end < 0 {
		return text, ""
	}
	return text[:end], strings.TrimSpace(text[end:])
}

// isCommand reports whether the word is a slash command, and not a path.
func isCommand(word string) bool {
	return strings.HasPrefix(word, "/") && len(word) > 1 && !strings.Contains(word[1:], "/")
}

// post posts a message. A message to an agent opens the thread that it starts.
func (v *viewer) post(args sayArgs, text string, files ...slack.File) (string, error) {
	options := []slack.PostOption{slack.WithFiles(files...)}
	if args.Thread != "" {
		options = append(options, slack.InThread(args.Thread))
	}
	if args.Broadcast {
		options = append(options, slack.Broadcast())
	}
	ts, err := "", error(nil)
	if len(args.Table) > 0 {
		ts, err = v.slack.PasteTable(args.Channel, v.me.ID, v.encodeNames(text), args.Table, options...)
	} else {
		ts, err = v.slack.Post(args.Channel, v.me.ID, v.encodeNames(text), options...)
	}
	if err != nil {
		return "", err
	}
	v.read(args.Channel, args.Thread, ts)
	if args.Thread == "" && v.features.Agent && args.Channel == v.slack.DM(v.me.ID) {
		return v.threadURL(args.Channel, ts), nil
	}
	return "", nil
}

// reference matches a typed reference to a person or channel.
var reference = regexp.MustCompile(`(^|[\s(*_~])([@#])([\p{L}\p{N}._-]+)`)

// encodeNames returns the text with people, groups and channels encoded as by
// Slack's client.
func (v *viewer) encodeNames(text string) string {
	return reference.ReplaceAllStringFunc(text, func(found string) string {
		parts := reference.FindStringSubmatch(found)
		// Punctuation at the end may be part of a name: the longest existing name
		// counts.
		for name := parts[3]; name != ""; name = name[:len(name)-1] {
			if target := v.lookUp(parts[2], name); target != "" {
				return parts[1] + target + strings.TrimPrefix(parts[3], name)
			}
			if !strings.ContainsAny(name[len(name)-1:], "._-") {
				break
			}
		}
		return found
	})
}

// lookUp returns Slack's notation for a name, or nothing.
func (v *viewer) lookUp(sign, name string) string {
	if sign == "#" {
		for _, c := range v.slack.Channels() {
			if c.Name == name && v.maySee(c) {
				return "<#" + c.ID + ">"
			}
		}
		return ""
	}
	switch name {
	case "here", "channel", "everyone":
		return "<!" + name + ">"
	}
	for _, u := range v.slack.Users() {
		if strings.EqualFold(u.Name, name) {
			return slack.Mention(u.ID)
		}
	}
	for _, g := range v.slack.UserGroups() {
		if strings.EqualFold(g.Handle, name) {
			return "<!subteam^" + g.ID + ">"
		}
	}
	return ""
}

var (
	entity    = regexp.MustCompile(`<([^<>]+)>`)
	unescaper = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")
)

// typedText returns the text as a person would type it.
func (p *Page) typedText(text string) string {
	name := func(id string) string { u, _ := p.slack.View.User(id); return u.Name }
	return unescaper.Replace(entity.ReplaceAllStringFunc(text, func(found string) string {
		target, label, _ := strings.Cut(found[1:len(found)-1], "|")
		switch {
		case strings.HasPrefix(target, "@"):
			return "@" + cmp.Or(name(target[1:]), target[1:])
		case strings.HasPrefix(target, "#"):
			c, _ := p.slack.View.Channel(target[1:])
			return "#" + cmp.Or(c.Name, label, target[1:])
		case strings.HasPrefix(target, "!subteam^"):
			id := strings.TrimPrefix(target, "!subteam^")
			return "@" + cmp.Or(p.groupHandle(id), id)
		case strings.HasPrefix(target, "!"):
			return "@" + target[1:]
		case strings.HasPrefix(target, "mailto:"):
			return label
		}
		return target
	}))
}

// edit changes one of the viewer's own messages.
func (v *viewer) edit(_ *http.Request, args struct{ Channel, TS, Text string }) (string, error) {
	text := strings.TrimSpace(args.Text)
	if text == "" {
		return "", slack.ErrNoText
	}
	return "", v.slack.Edit(args.Channel, v.me.ID, args.TS, v.encodeNames(text))
}

// remove deletes one of the viewer's own messages, or dismisses an ephemeral
// one.
func (v *viewer) remove(_ *http.Request, args struct{ Channel, TS string }) (string, error) {
	m, known := v.slack.Message(args.Channel, args.TS)
	if !known || m.EphemeralTo == "" && m.User != v.me.ID && !v.me.Admin || !v.sees(&m) {
		return "", slack.ErrMessageNotFound
	}
	return "", v.slack.Delete(args.Channel, args.TS)
}

// react adds or removes the viewer's reaction.
func (v *viewer) react(_ *http.Request, args struct{ Channel, TS, Emoji string }) (string, error) {
	m, _ := v.slack.Message(args.Channel, args.TS)
	for _, r := range m.Reactions {
		if r.Name == args.Emoji && slices.Contains(r.Users, v.me.ID) {
			return "", v.slack.Unreact(args.Channel, v.me.ID, args.TS, args.Emoji)
		}
	}
	return "", v.slack.React(args.Channel, v.me.ID, args.TS, args.Emoji)
}

// The limits of uploads. The workspace stores 1 MiB of each file.
const (
	maxFiles    = 5
	maxFileSize = 1 << 20
)

// forward shares a message in another conversation.
func (v *viewer) forward(_ *http.Request, args struct{ Channel, TS, To, Comment string }) (string, error) {
	ts, err := v.slack.Forward(v.me.ID, args.Channel, args.TS, args.To, v.encodeNames(strings.TrimSpace(args.Comment)))
	if err != nil {
		return "", err
	}
	v.read(args.To, "", ts)
	return "", nil
}

// serveUpload posts files, a snippet, a clip or pasted cells with a text.
func (p *Page) serveUpload(v *viewer, rw http.ResponseWriter, r *http.Request) {
	if err := r.ParseMultipartForm(maxRequest); err != nil {
		answer(rw, "", fmt.Errorf("the files are larger than %s in all", size(maxRequest)))
		return
	}
	defer func() { _ = r.MultipartForm.RemoveAll() }() // nothing of it is on disk: all fits into memory
	uploaded, err := uploads(r.MultipartForm.File["file"])
	if err != nil {
		answer(rw, "", err)
		return
	}
	for i := range uploaded {
		if r.FormValue("clip") != "" {
			uploaded[i].Clip, uploaded[i].Transcript = true, strings.TrimSpace(typedValue(r, "transcript"))
		}
	}
	if snippet := typedValue(r, "snippet"); strings.TrimSpace(snippet) != "" {
		uploaded = append(uploaded, slack.File{Name: strings.TrimSpace(r.FormValue("name")), Snippet: snippet})
	}
	args := sayArgs{Channel: r.FormValue("channel"), Thread: r.FormValue("thread"), Broadcast: r.FormValue("broadcast") == "true"}
	if cells := r.FormValue("table"); cells != "" && json.Unmarshal([]byte(cells), &args.Table) != nil {
		answer(rw, "", errMalformed)
		return
	}
	target, err := v.post(args, strings.TrimSpace(typedValue(r, "text")), uploaded...)
	answer(rw, target, err)
}

// typedValue returns a field of a form with the line breaks that were typed: forms
// have others.
func typedValue(r *http.Request, name string) string {
	return strings.ReplaceAll(r.FormValue(name), "\r\n", "\n")
}

func uploads(headers []*multipart.FileHeader) ([]slack.File, error) {
	if len(headers) > maxFiles {
		return nil, fmt.Errorf("these are more than %d files", maxFiles)
	}
	var found []slack.File
	for _, header := range headers {
		if header.Size > maxFileSize {
			return nil, fmt.Errorf("%s is larger than %s", header.Filename, size(maxFileSize))
		}
		f, err := header.Open()
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", header.Filename, err)
		}
		content, err := io.ReadAll(f)
		_ = f.Close() // it was only read
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", header.Filename, err)
		}
		found = append(found, slack.File{Name: header.Filename, Content: content, Mimetype: header.Header.Get("Content-Type")})
	}
	return found, nil
}
