package page

import (
	"context"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"time"

	"enjobridge/sandbox/slack"
)

// receiptWithin is how long the page waits for the outcome of an interaction: a
// little longer than Slack gives the app.
const receiptWithin = 5 * time.Second

// action is an action of the viewer, with arguments in JSON. It returns the
// address to go to, or an empty string.
type action func(v *viewer, r *http.Request, args json.RawMessage) (string, error)

// with makes an action from a function with typed arguments.
func with[T any](do func(*viewer, *http.Request, T) (string, error)) action {
	return func(v *viewer, r *http.Request, raw json.RawMessage) (string, error) {
		var args T
		if err := json.Unmarshal(raw, &args); err != nil {
			return "", errMalformed
		}
		return do(v, r, args)
	}
}

// errMalformed says that the page's script sent an invalid request.
var errMalformed = errors.New("the request is malformed")

func (p *Page) routeActions(mux *http.ServeMux) {
	actions := map[string]action{
		"say":      with((*viewer).say),
		"edit":     with((*viewer).edit),
		"delete":   with((*viewer).remove),
		"forward":  with((*viewer).forward),
		"react":    with((*viewer).react),
		"join":     with((*viewer).join),
		"dm":       with((*viewer).dm),
		"click":    with((*viewer).click),
		"submit":   with((*viewer).submit),
		"close":    with((*viewer).closeModal),
		"shortcut": with((*viewer).shortcut),
		"stop":     with((*viewer).stop),
		"open":     with((*viewer).open),
	}
	for name, do := range actions {
		mux.HandleFunc("POST /u/{user}/do/"+name, p.asViewer(func(v *viewer, rw http.ResponseWriter, r *http.Request) {
			respond(rw, r, func(args json.RawMessage) (string, error) { return do(v, r, args) })
		}))
	}
	mux.HandleFunc("POST /u/{user}/upload", p.asViewer(p.serveUpload))
	mux.HandleFunc("POST /faults/{action}", p.serveFaultAction)
}

// result is the answer to an action.
type result struct {
	Go    string `json:"go,omitempty"`
	Error string `json:"error,omitempty"` // a sentence for people
}

// respond runs an action with the request's body as its arguments.
func respond(rw http.ResponseWriter, r *http.Request, do func(json.RawMessage) (string, error)) {
	if media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); media != "application/json" {
		http.Error(rw, "want application/json", http.StatusUnsupportedMediaType)
		return
	}
	var args json.RawMessage
	if err := json.NewDecoder(r.Body).Decode(&args); err != nil {
		http.Error(rw, "want JSON", http.StatusBadRequest)
		return
	}
	target, err := do(args)
	answer(rw, target, err)
}

func answer(rw http.ResponseWriter, target string, err error) {
	status, a := http.StatusOK, result{Go: target}
	if err != nil {
		status, a = http.StatusUnprocessableEntity, result{Error: sentence(err)}
	}
	rw.Header().Set("Content-Type", "application/json")
	rw.WriteHeader(status)
	_, _ = rw.Write(asJSON(a)) // the browser may have left; it has its own error
}

// sentences describe errors for people.
var sentences = []struct {
	err  error
	text string
}{
	{slack.ErrNoSocket, "The app is not connected: no Socket Mode connection is open."},
	{slack.ErrNotAcknowledged, "The app did not respond within 3 seconds."},
	{slack.ErrNotInteractive, "The app's manifest does not enable interactivity, so nothing was sent to it."},
	{slack.ErrMessagesTabDisabled, "Sending messages to this app has been turned off in its manifest."},
	{slack.ErrAppAccessRestricted, "Guests cannot use this app, because it has the Agents feature."},
	{slack.ErrAmbiguousAction, "The app's message has this element twice in one block."},
	{slack.ErrTooManyFiles, "These are more files than the app takes."},
	{slack.ErrMissingInput, "Something that is required is missing."},
	{slack.ErrNotInChannel, "You are not in this channel."},
	{slack.ErrIsArchived, "This channel is archived."},
	{slack.ErrThreadNotFound, "This thread is gone."},
	{slack.ErrMessageNotFound, "This message is gone."},
	{slack.ErrViewNotFound, "This view is gone."},
	{slack.ErrActionNotFound, "This element is gone."},
	{slack.ErrNotStoppable, "There is nothing to stop."},
	{slack.ErrNoText, "There is nothing to send."},
	{slack.ErrUnknownCommand, "The app's manifest has no such command or shortcut."},
	{errNobodyNamed, "Name somebody, such as @alice."},
	{errNoMembers, "Only channels have members that can be changed."},
	{errMalformed, "The request is malformed."},
	{context.DeadlineExceeded, "The app did not respond."},
}

// sentence describes an error. It quotes unknown errors, because all users of
// the page are developers.
func sentence(err error) string {
	for _, s := range sentences {
		if errors.Is(err, s.err) {
			return s.text
		}
	}
	return "That did not work: " + err.Error()
}

// settle waits for the outcome of an interaction.
func settle(r *http.Request, receipt *slack.Receipt, err error) (string, error) {
	if err != nil || receipt == nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(r.Context(), receiptWithin)
	defer cancel()
	_, err = receipt.Wait(ctx)
	return "", err
}
