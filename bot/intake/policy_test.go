package intake

import (
	"slices"
	"testing"
	"time"

	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

var (
	acme = slackevent.Identity{TeamID: "T1", UserID: "UBOT", BotID: "B1"}
	noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
)

// said is a message of a person in a channel.
func said(text string, change ...func(*slackevent.Message)) slackevent.Message {
	m := slackevent.Message{
		ID:          storage.MessageID{Team: "T1", Channel: "C1", TS: "1700000000.000100"},
		User:        "U1",
		Membership:  slackevent.Member,
		Text:        text,
		Content:     text,
		ChannelType: "channel",
	}
	for _, alter := range change {
		alter(&m)
	}
	return m
}

func inThread(m *slackevent.Message) { m.ThreadTS = "1600000000.000100" }

func inDM(m *slackevent.Message) { m.ID.Channel, m.ChannelType = "D1", "im" }

func outsider(m *slackevent.Message) { m.Membership = slackevent.Outsider }

func files(m *slackevent.Message) {
	m.UnreadFiles, m.Subtype = []string{"a.png"}, "file_share"
	m.Content += "\n\n[Attached file, not readable: a.png]"
}

// forward adds a forwarded message.
func forward(m *slackevent.Message) {
	m.Content += "\n\nForwarded message from <@U2>:\n&gt; VPN is down"
}

func subtype(s string) func(*slackevent.Message) {
	return func(m *slackevent.Message) { m.Subtype = s }
}

func open(allow ...func(*Policy)) Policy {
	p := Policy{Self: acme, AgentView: true, AgentOf: func(string) string { return "default" }}
	for _, alter := range allow {
		alter(&p)
	}
	return p
}

// Ensure that each kind of message gets its decision, with the reason.
func TestDecide(t *testing.T) {
	askers := map[string]string{"U1": "1600000000.000100"}
	ours := &storage.Thread{Agent: "default", Askers: askers, LastActive: noon}
	joined := &storage.Thread{Agent: "default", Askers: askers, Joined: true}
	muted := &storage.Thread{Agent: "default", Askers: askers, Muted: true}
	later := &storage.Thread{Agent: "default", Askers: map[string]string{"U1": "1800000000.000100"}}
	byBot := &storage.Thread{Agent: "default", BotQuestions: 1}
	bob := func(m *slackevent.Message) { m.User = "U2" }
	group := func(m *slackevent.Message) { m.ID.Channel, m.ChannelType = "G1", "mpim" }
	everyone := open(func(p *Policy) { p.FollowUps = FollowUpAll })
	nobody := open(func(p *Policy) { p.FollowUps = FollowUpMention })
	outsiders := func(p *Policy) { p.AllowExternal = true }
	onlyC2 := func(p *Policy) { p.AllowedChannels = []string{"C2"} }
	onlyU2 := func(p *Policy) { p.AllowedUsers = []string{"U2"} }
	bots := func(p *Policy) { p.AllowedBots = []string{"B2"}; p.AllowedUsers = []string{"U1"} }
	robot := func(m *slackevent.Message) { m.User, m.BotID = "UROBOT", "B2" }

	for name, test := range map[string]struct {
		message slackevent.Message
		known   *storage.Thread
		policy  Policy
		action  action
		reason  reason
	}{
		"a mention":                       {said("<@UBOT> help me"), nil, open(), actionAsk, reasonMentioned},
		"a mention with a label":          {said("<@UBOT|bot> help me"), nil, open(), actionAsk, reasonMentioned},
		"a mention in a thread of people": {said("<@UBOT>", inThread), nil, open(), actionAsk, reasonMentioned},
		"a mention with a file":           {said("<@UBOT> see this", files), nil, open(), actionAsk, reasonMentioned},
		"a mention in a muted thread":     {said("<@UBOT> back", inThread), muted, open(), actionAsk, reasonMentioned},
		"a direct message":                {said("help", inDM), nil, open(), actionAsk, reasonDirect},
		"a follow-up":                     {said("and on Linux?", inThread), ours, open(), actionAsk, reasonFollowUp},
		"a broadcast follow-up":           {said("and on Linux?", inThread, subtype("thread_broadcast")), ours, open(), actionAsk, reasonFollowUp},
		"a follow-up with /me":            {said("wonders about Linux", inThread, subtype("me_message")), ours, open(), actionAsk, reasonFollowUp},
		"a mention and another person":    {said("<@UBOT> <@U2> what do you think?", inThread), ours, open(), actionAsk, reasonMentioned},

		"a person who has not asked":            {said("and on Linux?", inThread, bob), ours, open(), actionIgnore, reasonHasNotAsked},
		"… with a mention":                      {said("<@UBOT> and on Linux?", inThread, bob), ours, open(), actionAsk, reasonMentioned},
		"… where everyone can continue":         {said("and on Linux?", inThread, bob), ours, everyone, actionAsk, reasonFollowUp},
		"… in a thread that a bot began":        {said("and on Linux?", inThread), byBot, open(), actionIgnore, reasonHasNotAsked},
		"… in one of everyone":                  {said("and on Linux?", inThread), byBot, everyone, actionAsk, reasonFollowUp},
		"… who asked later":                     {said("and on Linux?", inThread), later, open(), actionIgnore, reasonHasNotAsked},
		"… and says thanks":                     {said("thanks", inThread, bob), ours, open(), actionIgnore, reasonHasNotAsked},
		"… in a muted thread":                   {said("and on Linux?", inThread, bob), muted, open(), actionIgnore, reasonHasNotAsked},
		"a person who has asked, with mentions": {said("and on Linux?", inThread), ours, nobody, actionIgnore, reasonHasNotAsked},
		"a mention where each needs one":        {said("<@UBOT> and on Linux?", inThread), ours, nobody, actionAsk, reasonMentioned},
		"a direct message where each needs one": {said("and on Linux?", inDM, inThread, bob), ours, nobody, actionAsk, reasonDirect},
		"a joined thread of everyone":           {said("and on Linux?", inThread), joined, everyone, actionIgnore, reasonNotAddressed},
		"a group's message":                     {said("hello", group), nil, open(), actionIgnore, reasonNotAddressed},
		"a group's follow-up":                   {said("and on Linux?", group, inThread), ours, open(), actionAsk, reasonFollowUp},
		"a follow-up to a user group":           {said("<!subteam^S1|@it> can you?", inThread), ours, everyone, actionIgnore, reasonToAnother},
		"a follow-up to who is here":            {said("<!here> can you?", inThread), ours, open(), actionIgnore, reasonToAnother},
		"a follow-up to the channel":            {said("<!channel> can you?", inThread), ours, everyone, actionIgnore, reasonToAnother},
		"a follow-up to everyone":               {said("<!everyone> can you?", inThread), ours, open(), actionIgnore, reasonToAnother},
		"a follow-up with a date":               {said("at <!date^1700000000^{time}|noon>?", inThread), ours, open(), actionAsk, reasonFollowUp},

		"a message of /me": {said("asks <@UBOT> for help", subtype("me_message")), nil, open(), actionAsk, reasonMentioned},

		"talk among people":                          {said("hello all"), nil, open(), actionIgnore, reasonNotAddressed},
		"talk in a thread of people":                 {said("hello all", inThread), nil, open(), actionIgnore, reasonNotAddressed},
		"talk in a thread that the bot joined":       {said("hello all", inThread), joined, open(), actionIgnore, reasonNotAddressed},
		"a follow-up to somebody else":               {said("<@U2> what do you think?", inThread), ours, open(), actionIgnore, reasonToAnother},
		"a follow-up in a muted thread":              {said("and now?", inThread), muted, open(), actionIgnore, reasonMuted},
		"an edit":                                    {said("<@UBOT> help me", subtype("message_changed")), nil, open(), actionIgnore, reasonSubtype},
		"a joining":                                  {said("<@UBOT> has joined", subtype("channel_join")), nil, open(), actionIgnore, reasonSubtype},
		"its own message":                            {said("<@UBOT>", func(m *slackevent.Message) { m.User = "UBOT" }), nil, open(), actionIgnore, reasonOwn},
		"its own message by bot ID":                  {said("<@UBOT>", func(m *slackevent.Message) { m.User, m.BotID = "U9", "B1" }), nil, open(), actionIgnore, reasonOwn},
		"a workflow":                                 {said("<@UBOT> ping", robot, subtype("bot_message")), nil, open(), actionIgnore, reasonOtherBot},
		"another bot":                                {said("<@UBOT> ping", func(m *slackevent.Message) { m.BotID = "B2" }), nil, open(), actionIgnore, reasonOtherBot},
		"a bot that may ask":                         {said("<@UBOT> ping", robot), nil, open(bots), actionAsk, reasonMentioned},
		"a bot that may ask, with the older subtype": {said("<@UBOT> ping", robot, subtype("bot_message")), nil, open(bots), actionAsk, reasonMentioned},
		"a bot that may ask, without a mention":      {said("ping", robot, inThread), ours, open(bots), actionIgnore, reasonNotAddressed},
		"a bot for the third time":                   {said("<@UBOT> ping", robot, inThread), &storage.Thread{Agent: "default", BotQuestions: 2}, open(bots), actionAsk, reasonMentioned},
		"a bot for the fourth time":                  {said("<@UBOT> ping", robot, inThread), &storage.Thread{Agent: "default", BotQuestions: 3}, open(bots), actionIgnore, reasonBotLoop},
		"a person among bots":                        {said("<@UBOT> ping", inThread), &storage.Thread{Agent: "default", BotQuestions: 3}, open(bots), actionAsk, reasonMentioned},
		"Slackbot":                                   {said("<@UBOT> ping", func(m *slackevent.Message) { m.User = slackevent.Slackbot }), nil, open(), actionIgnore, reasonOtherBot},
		"no sender":                                  {said("<@UBOT> help me", func(m *slackevent.Message) { m.User = "" }), nil, open(), actionIgnore, reasonMalformed},
		"a file without a sender":                    {said("<@UBOT> see this", files, func(m *slackevent.Message) { m.User = "" }), nil, open(), actionIgnore, reasonMalformed},
		"a sender of 10 kB":                          {said("<@UBOT> help me", func(m *slackevent.Message) { m.User = string(make([]byte, 10_000)) }), nil, open(), actionIgnore, reasonMalformed},
		"no timestamp":                               {said("<@UBOT> help me", func(m *slackevent.Message) { m.ID.TS = "x" }), nil, open(), actionIgnore, reasonMalformed},

		"only thanks":          {said("Thank you so much!", inThread), ours, open(), actionReact, reasonThanks},
		"thanks for a direct":  {said("Thanks!", inDM, inThread), ours, open(), actionReact, reasonThanks},
		"thanks first":         {said("Thanks!", inDM), nil, open(), actionReact, reasonThanks},
		"thanks at the top":    {said("<@UBOT> thanks!"), nil, open(), actionReact, reasonThanks},
		"thanks to a person":   {said("thanks <@U2>", inThread), ours, open(), actionIgnore, reasonToAnother},
		"thanks to both":       {said("<@UBOT> thanks <@U2>", inThread), joined, open(), actionReact, reasonThanks},
		"thanks with a file":   {said("Thanks!", inDM, inThread, files), ours, open(), actionAsk, reasonDirect},
		"thanks with more":     {said("Thanks!", inThread, func(m *slackevent.Message) { m.Content += "\n> forwarded" }), ours, open(), actionAsk, reasonFollowUp},
		"thanks of a bot":      {said("<@UBOT> thanks", robot), nil, open(bots), actionReact, reasonThanks},
		"thanks and more":      {said("Thanks, and how long does it take?", inThread), ours, open(), actionAsk, reasonFollowUp},
		"a command":            {said("<@UBOT> Status!", inThread), ours, open(), actionCommand, reasonCommand},
		"a command at the top": {said("<@UBOT> /enjo tickets"), nil, open(), actionCommand, reasonCommand},
		"a direct command":     {said("<@UBOT> new", inDM), nil, open(), actionCommand, reasonCommand},
		"help with a file":     {said("<@UBOT> help", files), nil, open(), actionAsk, reasonMentioned},
		"help with a forward":  {said("<@UBOT> help", inThread, forward), ours, open(), actionAsk, reasonMentioned},
		"a word of a command":  {said("status", inThread), ours, open(), actionAsk, reasonFollowUp},
		"a direct word":        {said("help", inDM), nil, open(), actionAsk, reasonDirect},
		"a command and more":   {said("<@UBOT> status of my ticket", inThread), ours, open(), actionAsk, reasonMentioned},
		"a command of a bot":   {said("<@UBOT> status", robot), nil, open(bots), actionAsk, reasonMentioned},
		"an empty mention":     {said("<@UBOT> "), nil, open(), actionRefuse, reasonNoText},
		"nothing but a file":   {said("<@UBOT>", files), nil, open(), actionRefuse, reasonFilesOnly},
		"a file in a message":  {said("", inDM, files), nil, open(), actionRefuse, reasonFilesOnly},
		"a bare forward":       {said("", inDM, forward), nil, open(), actionAsk, reasonDirect},
		"a forwarded mention":  {said("<@UBOT>", forward), nil, open(), actionAsk, reasonMentioned},

		"an outsider":                  {said("<@UBOT> help me", outsider), nil, open(), actionRefuse, reasonOutsider},
		"an outsider's direct message": {said("help", outsider, inDM), nil, open(), actionRefuse, reasonOutsider},
		"an outsider's follow-up":      {said("and then?", outsider, inThread), ours, open(), actionRefuse, reasonOutsider},
		"an outsider's talk":           {said("hello", outsider), nil, open(), actionIgnore, reasonNotAddressed},
		"an outsider's stop":           {said("<@UBOT> stop", outsider, inThread), ours, open(), actionRefuse, reasonOutsider},
		"an outsider's command":        {said("<@UBOT> tickets", outsider, inThread), ours, open(), actionRefuse, reasonOutsider},
		"an outsider's thanks":         {said("<@UBOT> thanks", outsider, inThread), ours, open(), actionRefuse, reasonOutsider},
		"an outsider that is allowed":  {said("<@UBOT> help me", outsider), nil, open(outsiders), actionAsk, reasonMentioned},
		"an unknown organisation":      {said("<@UBOT> help me", func(m *slackevent.Message) { m.Membership = slackevent.Unknown }), nil, open(), actionRefuse, reasonUnverified},
		"an unverified organisation":   {said("<@UBOT> help me", func(m *slackevent.Message) { m.Membership = slackevent.Unverified }), nil, open(), actionRefuse, reasonUnverified},

		"a channel that is not allowed": {said("<@UBOT> help me"), nil, open(onlyC2), actionRefuse, reasonChannelNotAllowed},
		"direct where channels are":     {said("help", inDM), nil, open(onlyC2), actionAsk, reasonDirect},
		"a person who is not allowed":   {said("<@UBOT> help me"), nil, open(onlyU2), actionRefuse, reasonUserNotAllowed},
	} {
		t.Run(name, func(t *testing.T) {
			k := knowledge{thread: test.known}
			if k.thread != nil {
				k.botQuestions = k.thread.BotQuestions
			}
			got := decide(test.message, k, test.policy, noon)
			if got.action != test.action || got.reason != test.reason {
				t.Errorf("got %q because of %q, want %q because of %q", got.action, got.reason, test.action, test.reason)
			}
			if !slices.Contains(kinds[got.action], got.reason) {
				t.Errorf("the metric of decisions begins without %s because of %q", got.action, got.reason)
			}
			if (got.text != "") != (got.action == actionRefuse) {
				t.Errorf("%s has the text %q", got.action, got.text)
			}
		})
	}
}

// Ensure that a reply to the question whether an answer is still needed is answered, also
// where each question needs a mention.
func TestDecide_StillNeeded(t *testing.T) {
	nobody := open(func(p *Policy) { p.FollowUps = FollowUpMention })
	got := decide(said("yes please", inThread), knowledge{thread: &storage.Thread{Agent: "default"}, offered: true}, nobody, noon)
	if got.action != actionAsk {
		t.Errorf("got %q because of %q", got.action, got.reason)
	}
}

// Ensure that a message that was ignored in a muted thread stays ignored, unless an edit
// has added a mention.
func TestDecide_Ignored(t *testing.T) {
	ours := &storage.Thread{Agent: "default", Askers: map[string]string{"U1": "1600000000.000100"}}
	for text, want := range map[string]action{"and now?": actionIgnore, "<@UBOT> and now?": actionAsk} {
		if got := decide(said(text, inThread), knowledge{thread: ours, ignored: true}, open(), noon); got.action != want {
			t.Errorf("%q: got %q because of %q", text, got.action, got.reason)
		}
	}
}

// Ensure that a request for a person is accepted where one can be called, also late and
// if the queue is full, and is an ordinary question elsewhere.
func TestDecide_WantsPerson(t *testing.T) {
	offers := func(p *Policy) { p.OffersPerson = func(bool) bool { return true } }
	inChannels := func(p *Policy) { p.OffersPerson = func(personal bool) bool { return !personal } }
	robot := func(m *slackevent.Message) { m.User, m.BotID = "UROBOT", "B2" }
	bots := func(p *Policy) { p.AllowedBots = []string{"B2"} }
	full := knowledge{ofAsker: 99, total: 999, age: time.Hour}
	const request = "<@UBOT> I want to talk to a human"
	for name, test := range map[string]struct {
		message slackevent.Message
		known   knowledge
		policy  Policy
		action  action
		wants   bool
	}{
		"a request":            {said(request), knowledge{}, open(offers), actionAsk, true},
		"late, a full queue":   {said(request), full, open(offers), actionAsk, true},
		"in direct messages":   {said("human please", inDM), knowledge{}, open(offers), actionAsk, true},
		"where nobody comes":   {said("human please", inDM), knowledge{}, open(inChannels), actionAsk, false},
		"no policy for it":     {said(request), knowledge{}, open(), actionAsk, false},
		"a question":           {said(request + " about my VPN"), knowledge{}, open(offers), actionAsk, false},
		"with a file":          {said(request, files), knowledge{}, open(offers), actionAsk, false},
		"of a bot":             {said(request, robot), knowledge{}, open(offers, bots), actionAsk, false},
		"not for the bot":      {said("I want to talk to a human"), knowledge{}, open(offers), actionIgnore, false},
		"of another company":   {said(request, outsider), knowledge{}, open(offers), actionRefuse, false},
		"decided before":       {said(request), knowledge{decided: true}, open(offers), actionIgnore, false},
		"to somebody else":     {said("<@UBOT> I want to talk to <@U2>"), knowledge{}, open(offers), actionAsk, false},
		"a mention in the end": {said("I want to talk to a human <@UBOT>"), knowledge{}, open(offers), actionAsk, true},
	} {
		t.Run(name, func(t *testing.T) {
			got := decide(test.message, test.known, test.policy, noon)
			if got.action != test.action || got.question.WantsPerson != test.wants || got.pauses && test.wants {
				t.Errorf("got %q because of %q, wants a person: %v", got.action, got.reason, got.question.WantsPerson)
			}
		})
	}
}

// Ensure that an operator learns how to let a bot ask that mentions this one.
func TestDecide_AllowHint(t *testing.T) {
	workflow := func(m *slackevent.Message) { m.User, m.BotID, m.Subtype = "", "BFLOW", "bot_message" }
	if d := decide(said("<@UBOT> ping", workflow), knowledge{}, open(), noon); d.hint != "to let this bot ask, add BFLOW to ALLOWED_BOTS" {
		t.Errorf("hint %q", d.hint)
	}
	if d := decide(said("ping", workflow), knowledge{}, open(), noon); d.hint != "" {
		t.Errorf("a bot that asks nothing: hint %q", d.hint)
	}
}

// Ensure that both events of a mention get the same decision, although they have
// different fields.
func TestDecide_BothEventsOfAMention(t *testing.T) {
	for _, alter := range []func(*slackevent.Message){func(*slackevent.Message) {}, inThread, files, outsider} {
		asMessage := said("<@UBOT> help me", alter)
		asMention := asMessage
		asMention.ChannelType, asMention.Subtype = "", ""
		a, b := decide(asMessage, knowledge{}, open(), noon), decide(asMention, knowledge{}, open(), noon)
		if a.action != b.action || a.reason != b.reason || a.question.ID != b.question.ID || a.question.Thread != b.question.Thread {
			t.Errorf("the message event gave %+v, the mention event %+v", a, b)
		}
	}
}

// Ensure that a question belongs to the right thread and conversation.
func TestDecide_Threads(t *testing.T) {
	top := decide(said("<@UBOT> help me"), knowledge{}, open(), noon)
	if top.thread.ID.Root != "1700000000.000100" || top.thread.Joined {
		t.Errorf("a mention at the top gave %+v", top.thread)
	}
	called := decide(said("<@UBOT> help me", inThread), knowledge{}, open(), noon)
	if called.thread.ID.Root != "1600000000.000100" || !called.thread.Joined {
		t.Errorf("a mention in a thread of people gave %+v", called)
	}
	again := decide(said("<@UBOT> help me", inThread), knowledge{thread: &called.thread}, open(), noon)
	if !again.thread.Joined {
		t.Errorf("the second mention in a thread of people gave %+v", again)
	}

	plain := open(func(p *Policy) { p.AgentView = false })
	if dm := decide(said("help", inDM), knowledge{}, plain, noon); dm.thread.ID.Root != "" {
		t.Errorf("a direct message without threads was rooted at %q", dm.thread.ID.Root)
	}
	rested := &storage.Thread{LastActive: noon.Add(-9 * time.Hour)}
	if dm := decide(said("help", inDM), knowledge{thread: rested}, plain, noon); !dm.question.NewConversation {
		t.Error("a direct message after nine hours continues the old conversation")
	}
	rested.LastActive = noon.Add(-time.Hour)
	if dm := decide(said("help", inDM), knowledge{thread: rested}, plain, noon); dm.question.NewConversation {
		t.Error("a direct message after one hour starts a new conversation")
	}
}

// Ensure that "stop" stops only if there is something to stop, and that a question
// for which the queue has no room is refused with a button to ask again.
func TestDecide_StopAndFullQueue(t *testing.T) {
	ours := &storage.Thread{Agent: "default", Askers: map[string]string{"U1": "1600000000.000100"}, LastActive: time.Unix(1_650_000_000, 0)}
	busy, muted := *ours, *ours
	busy.LastActive, muted.Muted = noon, true
	bounded := open(func(p *Policy) { p.MaxWaiting, p.MaxWaitingUser = 500, 5 })
	for name, test := range map[string]struct {
		message slackevent.Message
		known   knowledge
		action  action
		reason  reason
	}{
		"stop":                     {said("Stop!", inThread), knowledge{thread: ours, unfinished: 1}, actionStop, reasonStop},
		"stop with a mention":      {said("<@UBOT> stop", inThread), knowledge{thread: ours, unfinished: 1}, actionStop, reasonStop},
		"stop in a direct message": {said("stop", inDM, inThread), knowledge{thread: ours, unfinished: 1}, actionStop, reasonStop},
		"nothing to stop":          {said("STOP.", inThread), knowledge{thread: ours}, actionMute, reasonNothingToStop},
		"nothing, with a mention":  {said("<@UBOT> stop", inThread), knowledge{thread: ours}, actionMute, reasonNothingToStop},
		"nothing, in a DM":         {said("stop", inDM, inThread), knowledge{thread: ours}, actionRefuse, reasonNothingToStop},
		"nothing, at the top":      {said("<@UBOT> stop"), knowledge{}, actionRefuse, reasonNothingToStop},
		"nothing, in an unknown":   {said("<@UBOT> stop", inThread), knowledge{}, actionRefuse, reasonNothingToStop},
		"nothing any more":         {said("stop", inThread), knowledge{thread: &busy}, actionRefuse, reasonNothingToStop},
		"stop where it is muted":   {said("stop", inThread), knowledge{thread: &muted}, actionIgnore, reasonMuted},
		"stop that is sent again":  {said("stop", inThread), knowledge{thread: &muted, mutes: true, unfinished: 1}, actionMute, reasonNothingToStop},
		"stop after a crash":       {said("stop", inThread), knowledge{thread: ours, stops: true}, actionStop, reasonStop},
		"stop of somebody else":    {said("stop", inThread, func(m *slackevent.Message) { m.User = "U2" }), knowledge{thread: ours, unfinished: 1}, actionIgnore, reasonHasNotAsked},
		"stop with a question":     {said("stop?", inThread), knowledge{thread: ours, unfinished: 1}, actionAsk, reasonFollowUp},
		"stop and more":            {said("stop the VPN client how?", inThread), knowledge{thread: ours, unfinished: 1}, actionAsk, reasonFollowUp},
		"stop among people":        {said("stop", inThread), knowledge{unfinished: 1}, actionIgnore, reasonNotAddressed},
		"room for one more":        {said("<@UBOT> help me"), knowledge{ofAsker: 4, total: 499}, actionAsk, reasonMentioned},
		"too many of a person":     {said("<@UBOT> help me"), knowledge{ofAsker: 5, total: 5}, actionRefuse, reasonTooManyOfAsker},
		"too many in all":          {said("<@UBOT> help me"), knowledge{total: 500}, actionRefuse, reasonTooMany},
	} {
		t.Run(name, func(t *testing.T) {
			got := decide(test.message, test.known, bounded, noon)
			if got.action != test.action || got.reason != test.reason {
				t.Errorf("got %q because of %q, want %q because of %q", got.action, got.reason, test.action, test.reason)
			}
			if tooMuch := got.reason == reasonTooMany || got.reason == reasonTooManyOfAsker; got.retryable != tooMuch {
				t.Errorf("can be asked again: %v", got.retryable)
			}
		})
	}
}

// Ensure that nobody is admitted without an identity or from nowhere, also where the
// settings admit everyone, and that App Home needs no channel.
func TestPolicy_Admit(t *testing.T) {
	everyone := open(func(p *Policy) { p.AllowExternal = true })
	for name, test := range map[string]struct {
		message  slackevent.Message
		policy   Policy
		admitted bool
	}{
		"a person in a channel":  {said(""), everyone, true},
		"nobody":                 {said("", func(m *slackevent.Message) { m.User = "" }), everyone, false},
		"from nowhere":           {said("", func(m *slackevent.Message) { m.ID.Channel = "" }), everyone, false},
		"in App Home":            {slackevent.Message{User: "U1", ChannelType: "im", Membership: slackevent.Member}, everyone, true},
		"nobody in App Home":     {slackevent.Message{ChannelType: "im"}, everyone, false},
		"an outsider":            {said("", outsider), open(), false},
		"somebody who is listed": {said(""), open(func(p *Policy) { p.AllowedUsers, p.AllowedChannels = []string{"U1"}, []string{"C1"} }), true},
		"somebody who is not":    {said(""), open(func(p *Policy) { p.AllowedUsers = []string{"U2"} }), false},
		"elsewhere":              {said(""), open(func(p *Policy) { p.AllowedChannels = []string{"C2"} }), false},
	} {
		if refused := test.policy.Admit(test.message); (refused == "") != test.admitted {
			t.Errorf("%s: refused with %q, admitted should be %v", name, refused, test.admitted)
		}
	}
}
