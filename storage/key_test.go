package storage_test

import (
	"strings"
	"testing"
	"time"

	"enjobridge/storage"
)

// Ensure that the keys in existing stores stay valid, and that keys of different kinds
// never collide.
func TestKey_AsStored(t *testing.T) {
	message := storage.MessageID{Team: "T1", Channel: "C1", TS: "1772442000.000100"}
	thread := storage.ThreadID{Team: "T1", Channel: "C1", Root: "1772442000.000100"}
	evening := time.Date(2026, 3, 2, 23, 30, 0, 0, time.FixedZone("", -3600))
	kinds := make(map[string]bool)
	for _, test := range []struct {
		got  storage.Key
		want string
	}{
		{storage.RefusedKey(message), "refused/T1/C1/1772442000.000100"},
		{storage.OfferedKey(message), "offered/T1/C1/1772442000.000100"},
		{storage.OutsiderKey("T1", "C1", "U1"), "stranger/T1/C1/U1"},
		{storage.RefusingKey(storage.RefusedKey(message)), "refusing/T1/C1/refused/1772442000.000100"},
		{storage.EarlyEditKey(message), "early-edit/T1/C1/1772442000.000100"},
		{storage.BotAskedKey("T1", "C1", "B1", 2, 29), "bot-asked/T1/C1/B1/2/29"},
		{storage.PersonAskedKey("T1", "C1"), "person-asked/T1/C1"},
		{storage.OfferedInKey(storage.ThreadID{Team: "T1", Channel: "C1", Root: "1.2"}, "U1"), "offered-in/T1/C1/1.2/U1"},
		{storage.ReactedKey(message), "reacted/T1/C1/1772442000.000100"},
		{storage.IgnoredKey(message), "ignored/T1/C1/1772442000.000100"},
		{storage.StopKey(message), "stop/T1/C1/1772442000.000100"},
		{storage.MuteKey(message), "mute/T1/C1/1772442000.000100"},
		{storage.AskedEditKey(message, "1772442001.000000"), "edit/T1/C1/1772442000.000100/1772442001.000000"},
		{storage.BotLoopKey(thread), "bots/T1/C1/1772442000.000100"},
		{storage.DeletedKey(message), "deleted/T1/C1/1772442000.000100"},
		{storage.EditedKey(message), "edited/T1/C1/1772442000.000100"},
		{storage.ChannelDayKey("C1", evening), "asked/C1/2026-03-03"},
		{storage.ChannelLimitKey("C1", evening), "limit/C1/2026-03-03"},
		{storage.OutageNoticeKey(message), "kept/T1/C1/1772442000.000100"},
		{storage.TicketNewsKey(thread, "0a1b2c"), "news/T1/C1/1772442000.000100/0a1b2c"},
		{storage.TicketClosedKey("IT-1", "won't do"), "done/84a969ebe568a36fd25960fd6859f2cc"},
	} {
		if string(test.got) != test.want {
			t.Errorf("the key is %q, want %q", test.got, test.want)
		}
		kind, _, _ := strings.Cut(string(test.got), "/")
		if kinds[kind] {
			t.Errorf("two kinds of keys begin with %q", kind)
		}
		kinds[kind] = true
	}
}

// Ensure that a key says what it is about.
func TestKey_About(t *testing.T) {
	type about struct {
		Team, Channel string
		Lasting       bool
		Event         storage.EventKind
		Deleted       bool
	}
	message := storage.MessageID{Team: "T1", Channel: "C1", TS: "1772442000.000100"}
	thread := storage.ThreadID{Team: "T1", Channel: "C1", Root: message.TS}
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for key, want := range map[storage.Key]about{
		storage.RefusedKey(message):               {Team: "T1", Channel: "C1"},
		storage.OutsiderKey("T1", "C1", "U1"):     {Team: "T1", Channel: "C1"},
		storage.TicketNewsKey(thread, "0a1b2c"):   {Team: "T1", Channel: "C1"},
		storage.DeletedKey(message):               {Team: "T1", Channel: "C1", Deleted: true},
		storage.CalledKey(message):                {Team: "T1", Channel: "C1", Event: storage.Called},
		storage.WelcomeKey("T1", "C1"):            {Team: "T1", Channel: "C1", Lasting: true},
		storage.ReportKey("C1", at):               {Lasting: true},
		storage.ChannelDayKey("C1", at):           {},
		storage.TicketClosedKey("IT-1", "closed"): {},
		"":                   {},
		"called/T1/C1/later": {Team: "T1", Channel: "C1"},
		"deleted/T1/C1":      {Team: "T1", Channel: "C1"},
		"deleted/T1":         {},
	} {
		var got about
		got.Team, got.Channel, _ = key.Channel()
		got.Lasting = key.Lasting()
		if event, ok := key.Event(at); ok {
			got.Event = event.Kind
			if want := (storage.Event{Kind: event.Kind, Question: message, At: at}); event != want {
				t.Errorf("%s records %+v, want %+v", key, event, want)
			}
		}
		deleted, ok := key.Deleted()
		if got.Deleted = ok; ok && deleted != message {
			t.Errorf("%s is about %s, want %s", key, deleted, message)
		}
		if got != want {
			t.Errorf("%s is about %+v, want %+v", key, got, want)
		}
	}
}
