package slack

import (
	"cmp"
	"encoding/json"
	"io"
	"math/rand/v2"
	"mime"
	"mime/multipart"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Limits for stored files.
const (
	maxContent = 1 << 20 // bytes of each file
	filesKept  = 1000
	maxAltText = 1000 // characters
)

// storeFile stores a file that the user shares. The caller must hold mu.
func (w *Workspace) storeFile(random *rand.Rand, f File, user string) *File {
	f.ID = cmp.Or(f.ID, newID(random, "F"))
	if f.Snippet != "" {
		f.Name, f.Mimetype, f.Content = cmp.Or(f.Name, "Untitled.txt"), "text/plain", []byte(f.Snippet)
	}
	f.Title = cmp.Or(f.Title, f.Name)
	f.Mimetype = cmp.Or(f.Mimetype, mime.TypeByExtension(path.Ext(f.Name)), "application/octet-stream")
	f.Size = cmp.Or(f.Size, len(f.Content))
	f.Content = slices.Clone(f.Content[:min(len(f.Content), maxContent)])
	f.User, f.shares = user, nil
	if before, known := w.files.get(f.ID); known {
		f.shares = before.shares
	}
	if f.Created.IsZero() {
		f.Created = time.Now()
	}
	f.URL = w.fileURL(f, "")
	w.files.put(f.ID, &f)
	return &f
}

// shared returns the stored files after the user has shared them: it finds
// those that the user has shared before, and stores the others. The caller must
// hold mu.
func (w *Workspace) shared(user string, files []File) ([]File, error) {
	kept := make([]File, 0, len(files))
	for _, f := range files {
		before, known := w.files.get(f.ID)
		switch {
		case known && before.User != user:
			return nil, Error("file_not_found")
		case !known:
			before = w.storeFile(w.streamNow("share", user, f.Name), f, user)
		}
		kept = append(kept, *before)
	}
	return kept, nil
}

// File returns a file with its content, and whether it exists.
func (v View) File(id string) (File, bool) {
	w, unlock := v.lock()
	defer unlock()
	if f, known := w.files.get(id); known {
		return *f, true
	}
	return File{}, false
}

// apiFiles returns files in the Web API's format.
func (w *Workspace) apiFiles(files []File) []object {
	shown := make([]object, 0, len(files))
	for _, f := range files {
		shown = append(shown, w.apiFile(f))
	}
	return shown
}

// messageFiles returns the files of a message. Of one without a name Slack Connect
// has only the ID: https://docs.slack.dev/apis/slack-connect/
func (w *Workspace) messageFiles(files []File) []object {
	shown := w.apiFiles(files)
	for i, f := range files {
		if f.Name == "" {
			shown[i] = object{"id": f.ID, "mode": "file_access", "file_access": "check_file_info"}
		}
	}
	return shown
}

// serveFile serves url_private, url_private_download and vtt. Without a token with files:read it redirects to
// a login page, as Slack does.
func (w *Workspace) serveFile(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	f, known := w.files.get(r.PathValue("id"))
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	kind, _ := w.authenticate(token) // none if it is not valid
	allowed := kind == botTokens && w.uses("files:read")
	w.mu.Unlock()
	switch {
	case !known:
		http.NotFound(rw, r)
	case !allowed:
		http.Redirect(rw, r, w.URL()+"/", http.StatusFound)
	case strings.HasPrefix(r.URL.Path, "/files-tmb/") && f.Transcript == "":
		http.NotFound(rw, r)
	case strings.HasPrefix(r.URL.Path, "/files-tmb/"):
		rw.Header().Set("Content-Type", "text/vtt; charset=utf-8")
		_, _ = rw.Write(f.vtt())
	default:
		rw.Header().Set("Content-Type", f.Mimetype)
		rw.Header().Set("Content-Disposition", "attachment") // a page of this origin must not run it
		_, _ = rw.Write(f.Content)
	}
}

// filesInfo is https://docs.slack.dev/reference/methods/files.info.
func (w *Workspace) filesInfo(req request) (object, error) {
	f, known := w.files.get(req.text("file"))
	if !known {
		return nil, Error("file_not_found")
	}
	shown := w.apiFile(*f)
	w.apiShares(shown, f.ID)
	return object{"file": shown, "comments": []object{}, "response_metadata": object{"next_cursor": ""}}, nil
}

// filesGetUploadURL is https://docs.slack.dev/reference/methods/files.getUploadURLExternal.
func (w *Workspace) filesGetUploadURL(req request) (object, error) {
	size, err := strconv.Atoi(req.text("length"))
	if err != nil || size <= 0 || req.text("filename") == "" {
		return nil, explain("invalid_arguments", "[ERROR] filename and length are required")
	}
	alt := req.text("alt_txt")
	if utf8.RuneCountInString(alt) > maxAltText {
		return nil, Error("alt_txt_too_large")
	}
	f := w.storeFile(req.random, File{Name: req.text("filename"), Size: size, AltText: alt}, w.app.userID)
	return object{"upload_url": w.URL() + "/upload/" + f.ID, "file_id": f.ID}, nil
}

// serveUpload serves upload URLs.
func (w *Workspace) serveUpload(rw http.ResponseWriter, r *http.Request) {
	content, err := uploaded(r)
	w.mu.Lock()
	f, known := w.files.get(r.PathValue("id"))
	if known && err == nil {
		f.Content, f.Size = content, len(content)
	}
	w.mu.Unlock()
	switch {
	case !known:
		http.NotFound(rw, r)
	case err != nil:
		http.Error(rw, "reading the upload: "+err.Error(), http.StatusBadRequest)
	default:
		_, _ = io.WriteString(rw, "OK - "+strconv.Itoa(len(content)))
	}
}

// uploaded returns the content of the request: the first part of a form, or the
// body itself.
func uploaded(r *http.Request) ([]byte, error) {
	body := http.MaxBytesReader(nil, r.Body, maxContent+maxBody)
	media, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if media != "multipart/form-data" {
		return io.ReadAll(body)
	}
	part, err := multipart.NewReader(body, params["boundary"]).NextPart()
	if err != nil {
		return nil, err
	}
	return io.ReadAll(part)
}

// filesCompleteUpload is https://docs.slack.dev/reference/methods/files.completeUploadExternal.
func (w *Workspace) filesCompleteUpload(req request) (object, error) {
	var named []struct{ ID, Title string }
	if json.Unmarshal([]byte(req.text("files")), &named) != nil || len(named) == 0 {
		return nil, explain("invalid_arguments", "[ERROR] missing required field: files")
	}
	var files []File
	for _, n := range named {
		f, known := w.files.get(n.ID)
		if !known {
			return nil, Error("file_not_found")
		}
		f.Title = cmp.Or(n.Title, f.Title)
		files = append(files, *f)
	}
	targets := req.list("channels")
	if one := req.text("channel_id"); one != "" {
		targets = append(targets, one)
	}
	for _, target := range targets {
		c := w.channelsBy[target]
		switch {
		case c == nil || !w.sees(c):
			return nil, ErrChannelNotFound
		case !c.has(w.app.userID):
			return nil, ErrNotInChannel
		case c.permits(req.text("thread_ts")) != nil:
			return nil, c.permits(req.text("thread_ts"))
		}
		w.add(c, &Message{
			User: w.app.userID, BotID: w.app.botID, Subtype: fileShare, Files: files,
			Text: req.text("initial_comment"), ThreadTS: req.text("thread_ts"),
		})
	}
	return object{"files": w.apiFiles(files)}, nil
}
