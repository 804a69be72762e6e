package slack

import (
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"time"
)

// Slack's rules for response URLs. See
// https://docs.slack.dev/interactivity/handling-user-interaction#message_responses.
const (
	responseLife = 30 * time.Minute
	responseUses = 5

	responsesKept = 10_000
)

// responseURL lets the app answer an interaction for a limited time.
type responseURL struct {
	channel, user string
	original      string // the ts of the interaction's message; empty if there is none
	uses          int
	expires       time.Time
}

// newResponseURL generates a response_url. The caller must hold mu.
func (w *Workspace) newResponseURL(random *rand.Rand, c *channel, u *User, original *Message) string {
	id := randomText(random, 24, alphabet)
	r := &responseURL{channel: c.ID, user: u.ID, expires: time.Now().Add(w.scaled(responseLife))}
	if original != nil {
		r.original = original.TS
	}
	w.responses.put(id, r)
	return w.URL() + "/respond/" + id
}

// serveResponse serves response URLs. In the log of calls and for faults, its
// method is "response_url".
func (w *Workspace) serveResponse(rw http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	w.serve(rw, r, "response_url", &method{open: true, run: func(w *Workspace, req request) (object, error) {
		url, known := w.responses.get(id)
		switch {
		case !known || time.Now().After(url.expires):
			return nil, Error("expired_url")
		case url.uses >= responseUses:
			return nil, Error("used_url")
		}
		url.uses++
		return nil, w.respondWith(url, req)
	}})
}

// respond applies the app's answer to an interaction; an empty answer has no
// effect.
func (w *Workspace) respond(to *responseURL, answer json.RawMessage) error {
	if len(answer) == 0 || string(answer) == "null" || string(answer) == "{}" {
		return nil
	}
	req := request{args: make(map[string]string), random: w.streamNow("respond", to.channel, to.user, string(answer))}
	if err := req.readFields(answer); err != nil {
		return err
	}
	return w.respondWith(to, req)
}

func (w *Workspace) respondWith(to *responseURL, req request) error {
	c := w.channelsBy[to.channel]
	original := c.byTS[to.original]
	if req.flag("delete_original") {
		if original == nil || original.Deleted {
			return ErrMessageNotFound
		}
		w.remove(c, original)
		return nil
	}
	m, err := w.compose(req)
	if err != nil {
		return err
	}
	if req.flag("replace_original") && original != nil {
		w.change(c, original, func() {
			original.Text, original.Blocks, original.Attachments = m.Text, m.Blocks, m.Attachments
		})
		return nil
	}
	m.ThreadTS = req.text("thread_ts")
	if req.text("response_type") != "in_channel" {
		m.EphemeralTo = to.user
	}
	w.add(c, m)
	return nil
}
