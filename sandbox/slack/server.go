package slack

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Limits, in bytes.
const (
	maxBody   = 4 << 20  // of a request, without files
	maxLogged = 64 << 10 // of a logged argument or response
)

// Call is a call of the Web API.
type Call struct {
	At     time.Time     `json:"at"`
	Took   time.Duration `json:"took"`
	Method string        `json:"method"` // such as chat.postMessage
	// Args are the arguments without the token and other secrets, which are also left out
	// of Response. JSON arguments are stored as JSON.
	Args map[string]string `json:"args"`
	// Status is the HTTP status; 0 if the connection was cut instead.
	Status   int             `json:"status"`
	Response json.RawMessage `json:"response,omitempty"`
	// Error is the error code of the response; empty if it was ok.
	Error string `json:"error,omitempty"`
	// Fault is the name of the applied fault; empty if none.
	Fault string `json:"fault,omitempty"`
}

// request is a call in progress.
type request struct {
	args  map[string]string
	token string
	// user and password are those of HTTP basic authentication.
	user, password string
	host           string // as sent by the client: an address that it can reach
	random         *rand.Rand
	// warning is Slack's warning about the way in which the arguments were sent.
	warning string
}

// reply is the answer to a call.
type reply struct {
	status     int
	body       object
	retryAfter time.Duration // the Retry-After header, if positive
	location   string        // the Location header; empty for none
}

// routes returns the handler of everything that the workspace serves.
func (w *Workspace) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/api/{method}", w.serveCall)
	mux.HandleFunc("GET /link/", w.serveSocket)
	mux.HandleFunc("POST /respond/{id}", w.serveResponse)
	mux.HandleFunc("POST /upload/{id}", w.serveUpload)
	mux.HandleFunc("GET /files-pri/{id}/{name}", w.serveFile)
	mux.HandleFunc("GET /files-pri/{id}/download/{name}", w.serveFile)
	mux.HandleFunc("GET /files-tmb/{id}/file.vtt", w.serveFile)
	if w.config.Page != nil {
		mux.Handle("/", w.config.Page(w))
	} else {
		mux.HandleFunc("GET /{$}", func(rw http.ResponseWriter, _ *http.Request) {
			fmt.Fprintf(rw, "A Slack workspace. The Web API is at %s\n", w.APIURL())
		})
	}
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if !w.enter() {
			http.Error(rw, "closed", http.StatusServiceUnavailable)
			return
		}
		defer w.running.Done()
		mux.ServeHTTP(rw, r)
	})
}

// serveCall answers a call of the Web API.
func (w *Workspace) serveCall(rw http.ResponseWriter, r *http.Request) {
	name := r.PathValue("method")
	if w.serveSecond(rw, r, name) {
		return
	}
	if m, known := methods[name]; known {
		w.serve(rw, r, name, &m)
		return
	}
	w.serve(rw, r, name, &method{open: true, run: func(*Workspace, request) (object, error) {
		return nil, fail("unknown_method", object{"req_method": name})
	}})
}

// serve answers a call of the method, with this name in the log and for faults.
func (w *Workspace) serve(rw http.ResponseWriter, r *http.Request, name string, m *method) {
	call := Call{At: time.Now(), Method: name}
	var answer reply
	req, err := parseRequest(r, m.form)
	req.random = w.streamOf(name, req.args)
	if err != nil {
		answer = refuse(err)
	} else {
		call.Args = withoutSecrets(req.args)
		effect := w.faults.onCall(&call)
		answer = w.answer(r, req, call.Method, m, effect)
	}
	if answer.body != nil && req.warning != "" {
		warn(answer.body, req.warning)
	}
	w.logCall(call, answer)
	if answer.status == 0 {
		panic(http.ErrAbortHandler) // cuts the connection
	}
	w.writeReply(rw, answer, m, req.random)
}

// streamOf returns the random stream of a call.
func (w *Workspace) streamOf(name string, args map[string]string) *rand.Rand {
	words := []string{"call", name}
	for _, key := range slices.Sorted(maps.Keys(args)) {
		words = append(words, key, args[key])
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.streamNow(words...)
}

// answer processes the call, unless a fault prevents it. A reply without a
// status cuts the connection.
func (w *Workspace) answer(r *http.Request, req request, name string, m *method, effect callEffect) reply {
	gone := r.Context().Done()
	if effect.overdue {
		gone = nil
	}
	if effect.delay > 0 && !w.sleep(effect.delay, gone) {
		return reply{}
	}
	switch {
	case effect.hang:
		select {
		case <-r.Context().Done():
		case <-w.done:
		}
		return reply{}
	case effect.status != 0:
		return reply{status: effect.status, location: effect.location}
	case effect.limited:
		return refuse(&limitError{effect.retryAfter})
	case effect.code != "":
		return refuse(effect.code)
	}
	if err := refuseKinds(req, effect.kinds); err != nil {
		return refuse(err)
	}
	answer := w.invoke(name, m, req)
	switch {
	case effect.lost:
		return reply{}
	case answer.body["ok"] != true:
	case effect.repeat:
		repeatPage(req, answer.body)
	case effect.rewrite != nil:
		answer.body = decoded(mustJSON(answer.body))
		effect.rewrite(answer.body)
	}
	return answer
}

// decoded returns an object as a client decodes it.
func decoded(raw json.RawMessage) (o object) {
	if err := json.Unmarshal(raw, &o); err != nil {
		panic("slack: decoding own JSON: " + err.Error())
	}
	return o
}

// invoke runs the method with the workspace's checks.
func (w *Workspace) invoke(name string, m *method, req request) reply {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.admit(name, m, req); err != nil {
		return refuse(err)
	}
	body, err := m.run(w, req)
	if err != nil {
		return refuse(err)
	}
	if body == nil {
		body = object{}
	}
	body["ok"] = true
	return reply{status: http.StatusOK, body: body}
}

// admit checks the token, the rate limit and the scopes.
func (w *Workspace) admit(name string, m *method, req request) error {
	if !m.open {
		if err := w.allows(req.token, m); err != nil {
			return err
		}
	}
	if wait := w.limits.take(name, m.perMinute); wait > 0 {
		return &limitError{wait}
	}
	if len(m.scopes) > 0 && !w.uses(m.scopes...) {
		return w.missingScope(m.scopes...)
	}
	for _, name := range m.required {
		if req.text(name) == "" {
			return explain("invalid_arguments", "[ERROR] missing required field: "+name)
		}
	}
	return nil
}

// refuse returns the reply to a call that failed.
func refuse(err error) reply {
	var failed apiError
	var code Error
	var limited *limitError
	switch {
	case errors.As(err, &failed):
		return reply{status: http.StatusOK, body: failure(failed.code, failed.fields)}
	case errors.As(err, &limited):
		return reply{status: http.StatusTooManyRequests, body: failure(ErrRateLimited, nil), retryAfter: limited.wait}
	case errors.As(err, &code):
		return reply{status: http.StatusOK, body: failure(code, nil)}
	}
	return reply{status: http.StatusOK, body: failure("invalid_arguments", object{
		"response_metadata": object{"messages": []string{err.Error()}},
	})}
}

// warn adds a warning to a response.
func warn(body object, warning string) {
	metadata, _ := body["response_metadata"].(object)
	metadata = maps.Clone(metadata)
	if metadata == nil {
		metadata = object{}
	}
	warnings := []any{warning}
	switch given := metadata["warnings"].(type) {
	case []string:
		for _, one := range given {
			warnings = append(warnings, one)
		}
	case []any:
		warnings = append(warnings, given...)
	}
	metadata["warnings"], body["response_metadata"] = warnings, metadata
	if before, _ := body["warning"].(string); before != "" {
		warning += "," + before
	}
	body["warning"] = warning
}

func failure(code Error, fields object) object {
	body := object{"ok": false, "error": string(code)}
	for k, v := range fields {
		body[k] = v
	}
	return body
}

func (w *Workspace) writeReply(rw http.ResponseWriter, answer reply, m *method, random *rand.Rand) {
	h := rw.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	w.mu.Lock()
	h.Set("X-Oauth-Scopes", strings.Join(w.scopesFor(m), ","))
	w.mu.Unlock()
	h.Set("X-Slack-Req-Id", randomText(random, 32, hex))
	if len(m.scopes) > 0 {
		h.Set("X-Accepted-Oauth-Scopes", strings.Join(m.scopes, ","))
	}
	if answer.retryAfter > 0 {
		// Whole seconds, rounded up, so that a client that waits for them is never
		// too early.
		h.Set("Retry-After", strconv.Itoa(int((answer.retryAfter+time.Second-1)/time.Second)))
	}
	if answer.location != "" {
		h.Set("Location", answer.location)
	}
	body := []byte(http.StatusText(answer.status))
	if answer.body != nil {
		body = mustJSON(answer.body)
	} else {
		h.Set("Content-Type", "text/plain; charset=utf-8")
	}
	rw.WriteHeader(answer.status)
	_, _ = rw.Write(body) // the client may have left; it has its own error
}

func (w *Workspace) logCall(call Call, answer reply) {
	call.Took, call.Status = time.Since(call.At), answer.status
	if answer.body != nil {
		call.Error, _ = answer.body["error"].(string)
		if call.Response = mustJSON(withoutSecrets(answer.body)); len(call.Response) > maxLogged {
			call.Response = mustJSON(object{"ok": call.Error == "", "too_long_to_log": len(call.Response)})
		}
	}
	for key, value := range call.Args {
		if len(value) > maxLogged {
			call.Args = maps.Clone(call.Args)
			call.Args[key] = value[:maxLogged]
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls.add(call)
	w.changed(Change{Kind: CallMade, Text: call.Method})
}

// parseRequest reads the arguments from all places where Slack accepts them:
// the query, a form, or a JSON body, unless the method accepts only forms. It takes
// the token from the header or, except with JSON, from the arguments.
func parseRequest(r *http.Request, form bool) (request, error) {
	req := request{args: make(map[string]string), host: r.Host}
	r.Body = http.MaxBytesReader(nil, r.Body, maxBody)
	media, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	var err error
	switch media {
	case "application/json":
		if params["charset"] == "" {
			req.warning = "missing_charset"
		}
		if !form {
			err = req.readJSON(r.Body)
		}
	case "multipart/form-data":
		if err = r.ParseMultipartForm(maxBody); err == nil {
			req.readForm(r.MultipartForm.Value)
			err = r.MultipartForm.RemoveAll()
		}
	default:
		if err = r.ParseForm(); err == nil {
			req.readForm(r.Form)
		}
	}
	if err != nil {
		return request{}, Error("invalid_form_data")
	}
	if media == "application/json" {
		req.readForm(r.URL.Query())
	}
	req.user, req.password, _ = r.BasicAuth()
	if bearer, found := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); found {
		req.token = strings.TrimSpace(bearer)
	}
	return req, nil
}

func (req *request) readForm(form url.Values) {
	for key, values := range form {
		if key == "token" {
			req.token = values[0]
		} else {
			req.args[key] = values[0]
		}
	}
}

func (req *request) readJSON(body io.Reader) error {
	raw, err := io.ReadAll(body)
	if err != nil || len(raw) == 0 {
		return err
	}
	return req.readFields(raw)
}

// readFields takes the fields of a JSON object as arguments: strings unchanged,
// other values as JSON.
func (req *request) readFields(raw json.RawMessage) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return err
	}
	for key, value := range fields {
		var s string
		switch {
		case string(value) == "null" || key == "token":
		case json.Unmarshal(value, &s) == nil:
			req.args[key] = s
		default:
			req.args[key] = string(value)
		}
	}
	return nil
}
