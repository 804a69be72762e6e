package interact

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"enjobridge/blocks"
	"enjobridge/bot/agents"
	"enjobridge/bot/dispatch"
	"enjobridge/bot/intake"
	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/bot/supervise"
	"enjobridge/bot/telemetry"
	"enjobridge/enjo"
	"enjobridge/storage"
)

// recordingSlack is a Slack that accepts every call and remembers it. The app is installed
// in one of the workspaces of an organisation. USIS is in another one, UENT has no
// team, UOUT belongs to another organisation, UERR is not returned, and USLOW is late.
type recordingSlack struct {
	mu    sync.Mutex
	calls []slackCall
	// hooksTake is how long a reply to a command takes, and modalsTake a modal.
	hooksTake, modalsTake time.Duration
}

type slackCall struct {
	method string
	form   url.Values
}

func (s *recordingSlack) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil || strings.HasPrefix(string(body), "{") {
		form = url.Values{"json": {string(body)}}
	}
	s.mu.Lock()
	s.calls = append(s.calls, slackCall{path.Base(r.URL.Path), form})
	takes := map[string]time.Duration{"1": s.hooksTake, "views.open": s.modalsTake}[path.Base(r.URL.Path)]
	s.mu.Unlock()
	time.Sleep(takes) // in the bubble's time
	answer := `{"ok":true,"messages":[],"ts":"1.1","message_ts":"1.1","channel":{"id":"DM1"},"view":{}}`
	switch method := path.Base(r.URL.Path); {
	case method == "auth.test":
		answer = `{"ok":true,"team_id":"T1","enterprise_id":"E1","user_id":"UBOT","bot_id":"B1"}`
	case method == "users.info":
		answer = s.info(form.Get("user"))
	case strings.HasPrefix(method, "chat."):
		answer = `{"ok":true,"channel":"C1","ts":"1.1","message_ts":"1.1","message":{"thread_ts":"1.0"}}`
	}
	return &http.Response{StatusCode: http.StatusOK, Header: make(http.Header), Request: r, Body: io.NopCloser(strings.NewReader(answer))}, nil
}

// info returns a user as users.info does.
func (s *recordingSlack) info(user string) string {
	switch user {
	case "USLOW":
		time.Sleep(5 * time.Second) // in the bubble's time
	case "USIS":
		return `{"ok":true,"user":{"id":"USIS","team_id":"T2","enterprise_user":{"id":"USIS","enterprise_id":"E1","teams":["T2"]}}}`
	case "UENT":
		return `{"ok":true,"user":{"id":"UENT","enterprise_user":{"id":"UENT","enterprise_id":"E1","teams":["T2"]}}}`
	case "UOUT":
		return `{"ok":true,"user":{"id":"UOUT","team_id":"T9","is_stranger":true}}`
	case "UERR":
		return `{"ok":false,"error":"user_not_found"}`
	}
	return `{"ok":true,"user":{"id":"U1","team_id":"T1","enterprise_user":{"id":"U1","enterprise_id":"E1","teams":["T1"]}}}`
}

// effects returns the calls that show or change something, with their whole content.
func (s *recordingSlack) effects() (all []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	reads := []string{"auth.test", "users.info", "conversations.open", "conversations.replies", "conversations.history", "chat.getPermalink", "conversations.info"}
	for _, call := range s.calls {
		if !slices.Contains(reads, call.method) {
			all = append(all, fmt.Sprint(call.method, call.form))
		}
	}
	return all
}

// waitingQuestions is the intake's queue. The thread of the waiting question has one.
type waitingQuestions struct{}

func (waitingQuestions) Add(storage.Question)      {}
func (waitingQuestions) Merged([]storage.Question) {}
func (waitingQuestions) Edit(storage.Question)     {}
func (waitingQuestions) Stop([]storage.Question)   {}
func (waitingQuestions) Retract(storage.Question)  {}
func (waitingQuestions) Depth(thread storage.ThreadID, _ string) (inThread, ofAsker, total int) {
	if thread.Root == waitingTS {
		inThread = 1
	}
	return inThread, 0, 0
}

// The messages of the questions in the office.
const (
	answeredTS = "1772442000.000100" // it has ended, and made the ticket IT-1
	waitingTS  = "1772442600.000100"
)

// office is where everything can enter that the bot acts on.
type office struct {
	t        *testing.T
	slack    *recordingSlack
	store    storage.Store
	intake   *intake.Intake
	interact *Handler
	identify func(ctx context.Context, user string) (slackevent.Membership, error)
}

// newOffice must be called in a bubble. The question that waits is a person's.
func newOffice(t *testing.T, asker string, alter func(*intake.Policy)) *office {
	t.Helper()
	bolt, err := storage.OpenBolt(filepath.Join(t.TempDir(), "bot.db"), storage.BoltOptions{})
	if err != nil {
		t.Fatal(err)
	}
	o := &office{t: t, slack: &recordingSlack{}, store: bolt}
	o.fill(asker)
	metrics := telemetry.NewRegistry()
	client := slackapi.New(slackapi.Config{
		URL: "https://slack.com/api/", BotToken: "xoxb-1", Transport: o.slack, Random: rand.Int64N, Speed: 1e6,
		Metrics: metrics, Health: telemetry.NewHealth(1, time.Now), Log: zerolog.Nop(),
	})
	self, err := client.AuthTest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	o.identify = client.Membership
	list := agents.Agents{List: []agents.Agent{{Name: "default", BotID: "b"}}}
	policy := intake.Policy{Self: self, AgentView: true, MaxWaiting: 9, MaxWaitingUser: 9, AgentOf: list.OfChannel}
	alter(&policy)
	limit := intake.NewDailyLimit(0, false)
	o.intake = intake.New(t.Context(), intake.Config{
		Store: o.store, Policy: policy, DailyLimit: limit, Slack: client, Queue: waitingQuestions{},
		Command: func(m slackevent.Message, word string) { o.interact.Command(m, word) }, Missed: func() {}, Metrics: metrics, Log: zerolog.Nop(),
	})
	limiter, err := dispatch.NewLimiter(t.Context(), o.store, []enjo.Limit{{Calls: 1, Per: time.Second}}, time.Second, nil)
	if err != nil {
		t.Fatal(err)
	}
	ended, end := context.WithCancel(t.Context())
	end() // nothing is asked
	o.interact = New(t.Context(), Config{
		Store: o.store, Slack: client, Self: self, Policy: policy, DailyLimit: limit, Agents: list,
		Questions: dispatch.New(ended, dispatch.Config{Limiter: limiter, Panics: supervise.New(metrics, zerolog.Nop()), Metrics: metrics}), EscalateTo: []string{"UHELP"},
		TicketPrompt: "Open a ticket.", TicketStatusPrompt: "What about {id}?", BackOff: func(int) time.Duration { return time.Second },
		Metrics: metrics, Log: zerolog.Nop(),
	})
	t.Cleanup(func() {
		o.interact.Close()
		o.intake.Wait()
		client.Close()
		_ = bolt.Close()
	})
	return o
}

// fill puts a question that has ended, and one that waits, into the store.
func (o *office) fill(asker string) {
	o.t.Helper()
	ctx, now := o.t.Context(), time.Now()
	for _, ts := range []string{answeredTS, waitingTS} {
		id := storage.MessageID{Team: "T1", Channel: "C1", TS: ts}
		thread := storage.ThreadID{Team: "T1", Channel: "C1", Root: ts}
		q := storage.Question{ID: id, Thread: thread, Asker: asker, Agent: "default", Text: "Why?", AcceptedAt: now}
		_, err := o.store.Accept(ctx, q, storage.Thread{ID: thread, Agent: "default", LastActive: now})
		if ts == answeredTS && err == nil {
			reply := &enjo.Reply{Text: "So.", Sources: []enjo.Source{{Name: "A", URL: "https://kb.example.com"}}, Ticket: &enjo.Ticket{ID: "IT-1", Status: "Closed"}}
			err = o.store.SetOutcome(ctx, id, storage.Outcome{Reply: reply}, now)
		}
		if err != nil {
			o.t.Fatal(err)
		}
	}
}

// enter has an event handled as the receiver does, or a message from history.
func (o *office) enter(kind, payload string) {
	o.t.Helper()
	ctx := o.t.Context()
	if kind == "history" {
		o.find(payload)
		return
	}
	event, err := slackevent.Decode(kind, []byte(payload), o.interact.Self)
	if err != nil || event == nil {
		return // the receiver acks it
	}
	event, isAnswered := o.identified(event)
	if !isAnswered {
		return // the receiver leaves it to Slack
	}
	handle := o.intake.Handle
	if _, ok := event.(slackevent.Interaction); ok {
		handle = o.interact.Handle
	}
	after, err := handle(ctx, event)
	if err != nil {
		o.t.Fatal(err)
	}
	after()
	o.settle(event)
}

// identified returns an event with the membership of its person; false if Slack does not
// answer in a second.
func (o *office) identified(event slackevent.Event) (slackevent.Event, bool) {
	user := slackevent.Unidentified(event, o.interact.Self)
	if user == "" {
		return event, true
	}
	ctx, cancel := context.WithTimeout(o.t.Context(), time.Second)
	defer cancel()
	found, err := o.identify(ctx, user)
	return slackevent.Identified(event, found), err == nil
}

// settle waits until the person of an event is notified, if need be.
func (o *office) settle(event slackevent.Event) {
	m, _ := event.(slackevent.Message)
	if changed, ok := event.(slackevent.MessageChanged); ok {
		m = changed.After
	}
	if m.Membership == slackevent.Unverified {
		time.Sleep(11 * time.Second) // in the bubble's time, for its twin
	}
	o.intake.Wait()
	synctest.Wait()
}

// find accepts a message as backfill does.
func (o *office) find(payload string) {
	o.t.Helper()
	var at struct {
		Channel string `json:"channel"`
		Shared  bool   `json:"shared"`
	}
	if err := json.Unmarshal([]byte(payload), &at); err != nil {
		o.t.Fatal(err)
	}
	posted, err := slackevent.DecodePosted([]byte(payload))
	if err != nil {
		o.t.Fatal(err)
	}
	m, isAnswered := o.identified(posted.Message(o.interact.Self, slackevent.Conversation{ID: at.Channel, Shared: at.Shared}))
	if !isAnswered {
		return // it is read again
	}
	if _, err := o.intake.Accept(o.t.Context(), m.(slackevent.Message)); err != nil {
		o.t.Fatal(err)
	}
	o.settle(m)
}

// state returns what is stored, in words.
func (o *office) state(user string) string {
	o.t.Helper()
	ctx := o.t.Context()
	unfinished, err := o.store.Unfinished(ctx)
	if err != nil {
		o.t.Fatal(err)
	}
	var all strings.Builder
	for _, q := range unfinished {
		fmt.Fprintln(&all, q.ID, q.State, q.Text)
	}
	feedback, err := o.store.Feedback(ctx, storage.MessageID{Team: "T1", Channel: "C1", TS: answeredTS})
	if err != nil {
		o.t.Fatal(err)
	}
	preferences, err := o.store.Preferences(ctx, user)
	if err != nil {
		o.t.Fatal(err)
	}
	fmt.Fprintln(&all, len(feedback), preferences.TicketNews)
	return all.String()
}

// who says who does something, and where.
type who struct{ user, team, channel string }

// shared reports whether the person is known to belong elsewhere.
func (w who) shared() bool { return w.team != "T1" }

// entry is a way into the bot.
type entry struct {
	kind    string
	payload func(who) string
	// inHome: the entry belongs to no channel. silent: Slack allows no reply, or it
	// would tell people about something that they did not ask of the bot.
	inHome, silent bool
}

// message is the payload of a message's event with these fields.
func message(fields string) func(who) string {
	return func(w who) string {
		return fmt.Sprintf(`{"is_ext_shared_channel":%v,"event":{"channel":%q,"user":%q,"user_team":%q,%s}}`, w.shared(), w.channel, w.user, w.team, fields)
	}
}

// press is the payload of a press of a button in the thread of a question.
func press(action, value string) func(who) string {
	return func(w who) string {
		return fmt.Sprintf(`{"type":"block_actions","trigger_id":"t","user":{"id":%q,"team_id":%q},"container":{"channel_id":%q,"message_ts":"1772442001.000100","thread_ts":%q},`+
			`"actions":[{"action_id":%q,"value":%q}]}`, w.user, w.team, w.channel, answeredTS, action, strings.ReplaceAll(value, "{channel}", w.channel))
	}
}

// submit is the payload of a modal that is submitted.
func submit(callback, metadata, state string) func(who) string {
	return func(w who) string {
		return fmt.Sprintf(`{"type":"view_submission","user":{"id":%q,"team_id":%q},"view":{"id":"V1","callback_id":%q,"private_metadata":%q,"state":{"values":{"b":{%s}}}}}`,
			w.user, w.team, callback, strings.ReplaceAll(metadata, "{channel}", w.channel), state)
	}
}

// entries are all ways into the bot.
func entries() map[string]entry {
	const answered = "T1/{channel}/" + answeredTS
	all := map[string]entry{
		"a mention":              {slackevent.EventsAPI, message(`"type":"app_mention","ts":"1772442700.000100","text":"<@UBOT> help me"`), false, false},
		"a reply":                {slackevent.EventsAPI, message(`"type":"message","ts":"1772442700.000100","thread_ts":"` + answeredTS + `","text":"and now?"`), false, false},
		"a file":                 {slackevent.EventsAPI, message(`"type":"message","subtype":"file_share","files":[{}],"ts":"1772442700.000100","text":"<@UBOT> see"`), false, false},
		"the word stop":          {slackevent.EventsAPI, message(`"type":"message","ts":"1772442700.000100","thread_ts":"` + waitingTS + `","text":"stop"`), false, false},
		"stop for nothing":       {slackevent.EventsAPI, message(`"type":"message","ts":"1772442700.000100","thread_ts":"` + answeredTS + `","text":"<@UBOT> stop"`), false, false},
		"a mention with tickets": {slackevent.EventsAPI, message(`"type":"message","ts":"1772442700.000100","thread_ts":"` + answeredTS + `","text":"<@UBOT> tickets"`), false, false},
		"a mention with new":     {slackevent.EventsAPI, message(`"type":"app_mention","ts":"1772442700.000100","thread_ts":"` + answeredTS + `","text":"<@UBOT> new"`), false, false},
		"thanks":                 {slackevent.EventsAPI, message(`"type":"message","ts":"1772442700.000100","thread_ts":"` + answeredTS + `","text":"thanks"`), false, false},
		"an edit with a mention": {slackevent.EventsAPI, editMention, false, false},
		"Slack's Stop":           {slackevent.EventsAPI, stop, false, false},
		"an edit":                {slackevent.EventsAPI, edit, false, true},
		"a message from history": {"history", found, false, false},
		"the command":            {slackevent.SlashCommands, slash, false, false},
		"App Home": {slackevent.EventsAPI, func(w who) string {
			return fmt.Sprintf(`{"event":{"type":"app_home_opened","user":%q,"tab":"home"}}`, w.user)
		}, true, false},
		"the Messages tab": {slackevent.EventsAPI, func(w who) string {
			return fmt.Sprintf(`{"event":{"type":"app_home_opened","user":%q,"channel":"D1","tab":"messages"}}`, w.user)
		}, true, true},
		"the switch in App Home":   {slackevent.Interactive, pressInHome, true, false},
		"the reason of a feedback": {slackevent.Interactive, submit(blocks.CallbackFeedback, answered, `"`+blocks.FeedbackComment+`":{"value":"No."}`), false, false},
		"a comment on a ticket": {slackevent.Interactive, submit(blocks.CallbackComment,
			`{"channel":"{channel}","ts":"1772442001.000100","root":"`+answeredTS+`","ticket":"IT-1"}`, `"`+blocks.CommentText+`":{"value":"Still broken."}`), false, false},
	}
	for action, value := range map[string]string{
		blocks.ActionFeedback: blocks.FeedbackGood + " " + answered, blocks.ActionSources: answered, blocks.ActionCreateTicket: answered,
		blocks.ActionRetry: answered, blocks.ActionAnswerNow: answered, blocks.ActionCheckStatus: "IT-1", blocks.ActionSolved: "IT-1",
		blocks.ActionReopen: "IT-1", blocks.ActionComment: "IT-1", blocks.ActionEscalate: answered, blocks.ActionEscalationDone: answered,
		blocks.ActionShare:                   storage.CommandID("T1", "{channel}", "1.2.3").String() + " Why?",
		blocks.ActionEscalationDoneElsewhere: "T1/D1/" + answeredTS + "#person T1/D1/" + answeredTS,
	} {
		all["the button "+action] = entry{slackevent.Interactive, press(action, value), false, false}
	}
	return all
}

// stop is Slack's event of its Stop button, which does not say where people belong.
func stop(w who) string {
	return fmt.Sprintf(`{"is_ext_shared_channel":%v,"event":{"type":"agent_session_stopped","channel":%q,"thread_ts":%q,"user":%q}}`, w.shared(), w.channel, waitingTS, w.user)
}

func edit(w who) string {
	return fmt.Sprintf(`{"is_ext_shared_channel":%v,"event":{"type":"message","subtype":"message_changed","channel":%q,`+
		`"message":{"ts":%q,"user":%q,"user_team":%q,"text":"<@UBOT> Why not?"},"previous_message":{"text":"<@UBOT> Why?"}}}`, w.shared(), w.channel, waitingTS, w.user, w.team)
}

func editMention(w who) string {
	return fmt.Sprintf(`{"is_ext_shared_channel":%v,"event":{"type":"message","subtype":"message_changed","channel":%q,"message":{"ts":"1772442700.000100","user":%q,"user_team":%q,`+
		`"text":"<@UBOT> why?","edited":{"ts":"1772442705.000100"}},"previous_message":{"text":"Why?"}}}`, w.shared(), w.channel, w.user, w.team)
}

func found(w who) string {
	return fmt.Sprintf(`{"channel":%q,"shared":%v,"user":%q,"user_team":%q,"ts":"1772442700.000100","text":"<@UBOT> help me"}`, w.channel, w.shared(), w.user, w.team)
}

func slash(w who) string {
	return fmt.Sprintf(`{"user_id":%q,"team_id":%q,"channel_id":%q,"text":"status","response_url":"https://hooks.slack.com/commands/1"}`, w.user, w.team, w.channel)
}

func pressInHome(w who) string {
	return fmt.Sprintf(`{"type":"block_actions","user":{"id":%q,"team_id":%q},"container":{"type":"view"},"actions":[{"action_id":%q,"value":%q}]}`,
		w.user, w.team, blocks.ActionTicketNews, blocks.NewsOn)
}

// play has an entry used in a new office, and returns what it changed and showed.
func (e entry) play(t *testing.T, w who, alter func(*intake.Policy)) (changed bool, shown []string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Unix(1772442710, 0)))
		o := newOffice(t, w.user, alter)
		before := o.state(w.user)
		o.enter(e.kind, e.payload(w))
		changed, shown = o.state(w.user) != before, o.slack.effects()
	})
	return changed, shown
}

// Ensure that each way into the bot works for those whom the policy admits.
func TestEntries_Admitted(t *testing.T) {
	for name, e := range entries() {
		t.Run(name, func(t *testing.T) {
			w := who{"U1", "T1", "C1"}
			changed, shown := e.play(t, w, func(p *intake.Policy) { p.AllowedUsers, p.AllowedChannels = []string{"U1"}, []string{"C1"} })
			if !changed && len(shown) == 0 {
				t.Error("it has no effect")
			}
			if said := strings.Join(shown, "\n"); slices.ContainsFunc(refusals, func(text string) bool { return strings.Contains(said, text) }) {
				t.Errorf("it is refused: %s", said)
			}
		})
	}
}

// refusals are words of the policy's refusals.
var refusals = []string{
	blocks.SayUnverified.Text(), blocks.SayStranger.Text(), blocks.SayChannelNotAllowed.Text(), blocks.SayUserNotAllowed.Text(), blocks.SayNoPlace.Text(),
}

// Ensure that each way into the bot serves the people of the organisation and no others,
// whether or not Slack says where they belong, and that it leaves people to a later attempt
// of whom Slack does not say it in time.
func TestEntries_Membership(t *testing.T) {
	for name, test := range map[string]struct {
		who  who
		want string // the refusal; empty if the person is served
		late bool
	}{
		"own workspace":              {who{"U1", "T1", "C1"}, "", false},
		"a sister workspace":         {who{"USIS", "T2", "C1"}, "", false},
		"no team":                    {who{"U1", "", "C1"}, "", false},
		"only the organisation":      {who{"UENT", "", "C1"}, "", false},
		"the organisation as a team": {who{"UENT", "E1", "C1"}, "", false},
		"an outsider":                {who{"UOUT", "T9", "C1"}, blocks.SayStranger.Text(), false},
		"an outsider without a team": {who{"UOUT", "", "C1"}, blocks.SayStranger.Text(), false},
		"an error":                   {who{"UERR", "", "C1"}, blocks.SayUnverified.Text(), false},
		"no answer":                  {who{"USLOW", "", "C1"}, "", true},
	} {
		for entryName, e := range entries() {
			t.Run(name+"/"+entryName, func(t *testing.T) {
				changed, shown := e.play(t, test.who, func(*intake.Policy) {})
				said := slices.ContainsFunc(shown, func(call string) bool {
					return slices.ContainsFunc(refusals, func(text string) bool {
						return strings.Contains(call, text) || strings.Contains(call, url.QueryEscape(text))
					})
				})
				switch {
				case test.late && (changed || len(shown) > 0):
					t.Errorf("it is decided: %v, %q", changed, shown)
				case test.late:
				case test.want == "" && (said || !changed && len(shown) == 0):
					t.Errorf("the person is not served: %q", shown)
				case test.want != "" && (changed || said == e.silent || len(shown) > 1 || !e.silent && !strings.Contains(shown[0], test.want)):
					t.Errorf("the person is not refused: %v, %q", changed, shown)
				}
			})
		}
	}
}

// Ensure that no way into the bot works for those whom the policy does not admit, and
// that they learn why, once.
func TestEntries_Refused(t *testing.T) {
	for name, test := range map[string]struct {
		who    who
		policy func(*intake.Policy)
		want   string // the refusal; empty if there is nobody to notify
		placed bool   // it is about the channel
	}{
		"an outsider":         {who{"UOUT", "T2", "C1"}, func(*intake.Policy) {}, blocks.SayStranger.Text(), false},
		"a forbidden person":  {who{"U1", "T1", "C1"}, func(p *intake.Policy) { p.AllowedUsers = []string{"U2"} }, blocks.SayUserNotAllowed.Text(), false},
		"a forbidden channel": {who{"U1", "T1", "C1"}, func(p *intake.Policy) { p.AllowedChannels = []string{"C2"} }, blocks.SayChannelNotAllowed.Text(), true},
		"no channel":          {who{"U1", "T1", ""}, func(*intake.Policy) {}, "", true},
		"no channel, where channels are listed": {
			who{"U1", "T1", ""}, func(p *intake.Policy) { p.AllowedChannels = []string{"C1"} }, "", true,
		},
		"a malformed channel": {who{"U1", "T1", "../C1"}, func(*intake.Policy) {}, "", true},
		"no person":           {who{"", "T1", "C1"}, func(*intake.Policy) {}, "", false},
		"a malformed person":  {who{"<@U1>", "T1", "C1"}, func(*intake.Policy) {}, "", false},
	} {
		for entryName, e := range entries() {
			if test.placed && e.inHome {
				continue // it has no channel that could be wrong
			}
			t.Run(name+"/"+entryName, func(t *testing.T) {
				changed, shown := e.play(t, test.who, test.policy)
				if changed {
					t.Error("it changes what is stored")
				}
				said := 0
				for _, call := range shown {
					if !slices.ContainsFunc(refusals, func(text string) bool {
						return strings.Contains(call, text) || strings.Contains(call, url.QueryEscape(text))
					}) {
						t.Errorf("it has the effect %s", call)
					}
					if strings.Contains(call, test.want) {
						said++
					}
				}
				if test.want != "" && !e.silent && said != 1 {
					t.Errorf("the reason is shown %d times: %q", said, shown)
				}
			})
		}
	}
}

// Ensure that the deletion of a message cancels its question, by any person:
// Slack lets authors and administrators delete, and does not say who did.
func TestEntries_Deletion(t *testing.T) {
	e := entry{kind: slackevent.EventsAPI, payload: func(w who) string {
		return fmt.Sprintf(`{"event":{"type":"message","subtype":"message_deleted","channel":%q,"deleted_ts":%q}}`, w.channel, waitingTS)
	}}
	for channel, want := range map[string]bool{"C1": true, "": false, "../C1": false} {
		if changed, shown := e.play(t, who{"U1", "T1", channel}, func(p *intake.Policy) { p.AllowedUsers = []string{"U2"} }); changed != want || len(shown) > 0 {
			t.Errorf("in %q: it cancels the question: %v, want %v; it shows %q", channel, changed, want, shown)
		}
	}
}

// Ensure that the table of entries has every control.
func TestEntries_AllControls(t *testing.T) {
	h := New(t.Context(), Config{Metrics: telemetry.NewRegistry()})
	var used []control
	for _, e := range entries() {
		event, err := slackevent.Decode(e.kind, []byte(e.payload(who{"U1", "T1", "C1"})), slackevent.Identity{TeamID: "T1"})
		if i, ok := event.(slackevent.Interaction); ok && err == nil && i.Kind != slackevent.MessagesOpened { // that is no control
			c := control{i.Kind, i.Name}
			if i.Kind == slackevent.SlashCommand {
				c.name = ""
			}
			used = append(used, c)
		}
	}
	for c := range h.actions {
		if !slices.Contains(used, c) {
			t.Errorf("%v is in no entry", c)
		}
	}
	if diff := cmp.Diff(len(h.actions), len(used)); diff != "" {
		t.Error(diff)
	}
}
