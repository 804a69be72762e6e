package bot_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"enjobridge/blocks"
	"enjobridge/bot"
	"enjobridge/enjo"
	enjosandbox "enjobridge/sandbox/enjo"
	slacksandbox "enjobridge/sandbox/slack"
)

// The fixture in testdata/previous is the state of a bot of the previous version when it
// was killed: its store, and the history of its Slack and its Enjo. A test replays that
// history to the sandboxes and starts the current bot on a copy of the store.
//
// TestRecordThePreviousVersion writes the fixture.
const (
	previousStore = "testdata/previous/store.db.gz"
	previousPast  = "testdata/previous/past.json"
)

// previousLimits allow few calls, so that questions still wait when the bot is killed.
var previousLimits = []enjo.Limit{{Calls: 6, Per: time.Minute}}

// past is the history before the bot was killed.
type past struct {
	Killed   time.Time     `json:"killed"`
	Messages []pastMessage `json:"messages"` // in the order of their timestamps
	Requests []pastRequest `json:"requests"` // in the order of their times
}

// pastMessage is a message in its last form before the bot was killed. Messages of
// people have no blocks: the sandbox creates them from the text.
type pastMessage struct {
	Channel     string          `json:"channel"`
	TS          string          `json:"ts"`
	ThreadTS    string          `json:"thread_ts,omitempty"`
	User        string          `json:"user"`
	AsApp       bool            `json:"as_app,omitempty"` // another app wrote it
	EphemeralTo string          `json:"ephemeral_to,omitempty"`
	Text        string          `json:"text"`
	Blocks      json.RawMessage `json:"blocks,omitempty"`
	Metadata    json.RawMessage `json:"metadata,omitempty"`
}

// pastRequest is a call to Enjo.
type pastRequest struct {
	At           time.Time `json:"at"`
	Text         string    `json:"text"`
	Conversation string    `json:"conversation,omitempty"`
}

// previousHouse is a house whose bot was killed, with its history.
type previousHouse struct {
	*house
	past     past
	requests int // number of requests to Enjo before the bot was killed

	mu            sync.Mutex
	conversations map[string]string // Enjo's, by the text of the first request
}

// previousFoundation creates the house in which the fixture was recorded.
func previousFoundation(t *testing.T) *house {
	t.Helper()
	h := foundation(t, plan{enjo: enjosandbox.Config{Latency: 2 * time.Second, Limits: sandboxLimits(previousLimits)}})
	robot := h.robot()
	h.slack.DM(h.bob)
	h.config = func(c *bot.Config) {
		c.Limits, c.TicketWebhookSecret, c.ChannelDailyLimit = previousLimits, hookSecret, 1000
		c.AllowedBots, c.EscalateTo = []string{robot}, []string{h.bob}
	}
	return h
}

// previous creates the house of the fixture some seconds after its bot was killed. When
// the test ends, it checks that no call has exceeded Enjo's limits.
func previous(t *testing.T) *previousHouse {
	t.Helper()
	h := &previousHouse{house: previousFoundation(t), conversations: make(map[string]string)}
	text, err := os.ReadFile(previousPast)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &h.past); err != nil {
		t.Fatal(err)
	}
	h.unpackStore()
	h.replay()
	h.requests = len(h.enjo.Requests())
	time.Sleep(5 * time.Second)
	t.Cleanup(func() {
		for _, r := range h.enjo.Requests() {
			if r.Status == http.StatusTooManyRequests {
				t.Errorf("Enjo rate-limited a call at %s: %q", r.Time, r.Text)
			}
		}
	})
	return h
}

// unpackStore replaces the house's store by a copy of the fixture's.
func (h *previousHouse) unpackStore() {
	h.t.Helper()
	packed, err := os.ReadFile(previousStore)
	if err != nil {
		h.t.Fatal(err)
	}
	reader, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		h.t.Fatal(err)
	}
	store, err := io.ReadAll(reader)
	if err != nil {
		h.t.Fatal(err)
	}
	if err := os.WriteFile(h.path, store, 0o600); err != nil {
		h.t.Fatal(err)
	}
}

// replay replays the history to Slack and Enjo, each part at its time. It then cuts the
// calls that Enjo had not answered when the bot was killed.
func (h *previousHouse) replay() {
	h.t.Helper()
	ctx, kill := context.WithDeadline(h.t.Context(), h.past.Killed)
	var asked sync.WaitGroup
	defer asked.Wait()
	defer kill()
	asked.Go(func() { h.replayRequests(ctx) })
	transport := &http.Transport{DialContext: h.net.Dial}
	defer transport.CloseIdleConnections()
	for _, m := range h.past.Messages {
		time.Sleep(time.Until(timeOf(m.TS)))
		if ts := h.repost(transport, m); ts != m.TS {
			h.t.Fatalf("the message %q is at %s, want %s: the sandbox has changed, or its people", m.Text, ts, m.TS)
		}
	}
	<-ctx.Done()
}

// replayRequests calls Enjo as the previous bot did.
func (h *previousHouse) replayRequests(ctx context.Context) {
	client, err := enjo.New(enjo.Config{BaseURL: h.agent, Token: h.enjo.Token(), Version: "test", Timeout: time.Minute, Dial: h.net.Dial})
	if err != nil {
		h.t.Error(err)
		return
	}
	defer client.Close()
	var calls sync.WaitGroup
	defer calls.Wait()
	for _, r := range h.past.Requests {
		select {
		case <-time.After(time.Until(r.At)):
		case <-ctx.Done():
			return
		}
		calls.Go(func() {
			reply, err := client.Ask(ctx, h.enjo.BotID(), enjo.Message{Text: r.Text, ConversationID: r.Conversation})
			if err != nil {
				if ctx.Err() == nil {
					h.t.Errorf("asking %q: %v", r.Text, err)
				}
				return
			}
			h.mu.Lock()
			defer h.mu.Unlock()
			if r.Conversation == "" {
				h.conversations[r.Text] = reply.ConversationID
			}
		})
	}
}

// repost posts a message of the history now, and returns its timestamp.
func (h *previousHouse) repost(transport http.RoundTripper, m pastMessage) string {
	h.t.Helper()
	if m.User != h.slack.BotUserID() {
		var options []slacksandbox.PostOption
		if m.ThreadTS != "" {
			options = append(options, slacksandbox.InThread(m.ThreadTS))
		}
		if m.AsApp {
			options = append(options, slacksandbox.AsApp())
		}
		return h.say(m.Channel, m.User, m.Text, options...)
	}
	method := "chat.postMessage"
	form := url.Values{
		"channel": {m.Channel}, "text": {m.Text}, "thread_ts": {m.ThreadTS}, "blocks": {string(m.Blocks)}, "metadata": {string(m.Metadata)},
		"unfurl_links": {"false"}, "unfurl_media": {"false"},
	}
	if m.EphemeralTo != "" {
		method = "chat.postEphemeral"
		form.Set("user", m.EphemeralTo)
	}
	for name, values := range form {
		if values[0] == "" {
			form.Del(name)
		}
	}
	request, err := http.NewRequestWithContext(h.t.Context(), http.MethodPost, h.slack.APIURL()+method, strings.NewReader(form.Encode()))
	if err != nil {
		h.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Authorization", "Bearer "+h.slack.BotToken())
	response, err := transport.RoundTrip(request)
	if err != nil {
		h.t.Fatal(err)
	}
	defer response.Body.Close()
	var posted struct {
		TS        string `json:"ts"`
		MessageTS string `json:"message_ts"`
		Error     string `json:"error"`
	}
	if err := json.NewDecoder(response.Body).Decode(&posted); err != nil || posted.Error != "" {
		h.t.Fatalf("posting %q: %s %v", m.Text, posted.Error, err)
	}
	return posted.TS + posted.MessageTS
}

// timeOf returns the time of a Slack timestamp.
func timeOf(ts string) time.Time {
	seconds, micros, _ := strings.Cut(ts, ".")
	s, _ := strconv.ParseInt(seconds, 10, 64)
	us, _ := strconv.ParseInt(micros, 10, 64)
	return time.Unix(s, us*int64(time.Microsecond))
}

// find returns the message of the history with a text, and its thread's root.
func (h *previousHouse) find(text string) (m pastMessage, root string) {
	h.t.Helper()
	for _, m := range h.past.Messages {
		if strings.Contains(m.Text, text) && m.User != h.slack.BotUserID() {
			if m.ThreadTS == "" {
				return m, m.TS
			}
			return m, m.ThreadTS
		}
	}
	h.t.Fatalf("there is no message %q", text)
	return pastMessage{}, ""
}

// root returns the root of the thread that contains a text.
func (h *previousHouse) root(text string) string {
	h.t.Helper()
	_, root := h.find(text)
	return root
}

// button returns the timestamp of the old post with a button in the thread of a text.
func (h *previousHouse) button(text, action string) (ts string) {
	h.t.Helper()
	root := h.root(text)
	for _, m := range h.past.Messages {
		if m.ThreadTS == root && strings.Contains(string(m.Blocks), `"`+action+`"`) {
			return m.TS
		}
	}
	h.t.Fatalf("no old post below %q has the button %s", text, action)
	return ""
}

// rating returns the value of a rating of an answer, as the old post contains it.
func (h *previousHouse) rating(answer, opinion string) string {
	h.t.Helper()
	at := slices.IndexFunc(h.past.Messages, func(m pastMessage) bool { return m.TS == answer })
	value := regexp.MustCompile(`"value":\s*"(` + opinion + ` [^"]+)"`).FindSubmatch(h.past.Messages[at].Blocks)
	if value == nil {
		h.t.Fatalf("the answer has no rating button %q", opinion)
	}
	return string(value[1])
}

// asked returns how often Enjo got a text since the bot was killed.
func (h *previousHouse) asked(text string) (n int) {
	for _, r := range h.since() {
		if strings.Contains(r.Text, text) {
			n++
		}
	}
	return n
}

// since returns the calls to Enjo since the bot was killed.
func (h *previousHouse) since() []enjosandbox.Request { return h.enjo.Requests()[h.requests:] }

// posts returns the bot's posts so far in the thread of a text.
func (h *previousHouse) posts(text string) []slacksandbox.Message {
	h.t.Helper()
	m, root := h.find(text)
	return h.answers(h.slack.View, m.Channel, root)
}

// awaitCard waits until the old card in the thread of a text shows a status.
func (h *previousHouse) awaitCard(text, status string) {
	h.t.Helper()
	card := h.button(text, blocks.ActionCheckStatus)
	h.await("the card to show "+status, func(v slacksandbox.View) bool {
		m, _ := v.Message(h.support, card)
		return strings.Contains(string(m.Blocks), status)
	})
}

// awaitUsed waits until the bot has removed a button from an old post.
func (h *previousHouse) awaitUsed(ts, action string) {
	h.t.Helper()
	h.await("the button to be removed", func(v slacksandbox.View) bool {
		m, _ := v.Message(h.support, ts)
		return !m.Deleted && !strings.Contains(string(m.Blocks), action)
	})
}

// continues checks that a text was asked once, in the conversation that began with a
// request.
func (h *previousHouse) continues(text, request string) {
	h.t.Helper()
	var conversation string
	for first, id := range h.conversations {
		if strings.Contains(first, request) {
			conversation = id
		}
	}
	if conversation == "" {
		h.t.Fatalf("no conversation began with %q", request)
	}
	var in []string
	for _, r := range h.since() {
		if strings.Contains(r.Text, text) {
			in = append(in, r.ConversationID)
		}
	}
	if !slices.Equal(in, []string{conversation}) {
		h.t.Errorf("%q was asked in the conversations %q, want %q", text, in, conversation)
	}
}

// userNamed returns the ID of a user.
func (h *house) userNamed(name string) string {
	h.t.Helper()
	for _, u := range h.slack.Users() {
		if u.Name == name {
			return u.ID
		}
	}
	h.t.Fatalf("there is no user %s", name)
	return ""
}
