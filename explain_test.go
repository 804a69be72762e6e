package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"enjobridge/bot/explain"
	"enjobridge/internal/settings"
	slacksandbox "enjobridge/sandbox/slack"
)

// Ensure that explain says what became of a message, in words and as JSON, without its text,
// and that it refuses what is no link.
func TestExplain(t *testing.T) {
	o := operate(t, func(*settings.Config) {})
	alice := o.slack.AddUser(slacksandbox.User{Name: "alice"})
	support := o.slack.AddChannel(slacksandbox.Channel{Name: "support", Members: []string{alice, o.slack.BotUserID()}})
	say := func(text string) (link string) {
		ts, err := o.slack.Post(support, alice, text)
		if err != nil {
			t.Fatal(err)
		}
		return o.slack.URL() + "/archives/" + support + "/p" + strings.ReplaceAll(ts, ".", "")
	}
	asked, chatter := say(slacksandbox.Mention(o.slack.BotUserID())+" How do I print in XYZZY?"), say("XYZZY")
	o.log.await(t, "question ended", 1)
	t.Setenv("STORAGE", o.store)

	explained := func(args ...string) (string, error) {
		var out bytes.Buffer
		err := run(t.Context(), append([]string{"explain"}, args...), strings.NewReader(""), &out, &out)
		return out.String(), err
	}
	for link, want := range map[string]string{
		asked:   "accepted it as a question (mentioned)",
		chatter: "Nothing is stored about messages that are not for the bot",
	} {
		if out, err := explained(link); err != nil || !strings.Contains(out, want) || strings.Contains(out, "XYZZY") {
			t.Errorf("%s: %v\n%s", link, err, out)
		}
	}
	out, err := explained("-json", asked)
	var x explain.Explanation
	if err = errors.Join(err, json.Unmarshal([]byte(out), &x)); err != nil || x.Question == nil || strings.Contains(out, "XYZZY") {
		t.Errorf("as JSON: %v\n%s", err, out)
	}
	if out, err := explained(x.Reference); err != nil || !strings.Contains(out, "The bot answered") {
		t.Errorf("by the reference: %v\n%s", err, out)
	}
	if _, err := explained("EB-AAAAAA"); err == nil || !strings.Contains(err.Error(), "nothing is stored under this reference") {
		t.Errorf("an unknown reference: %v", err)
	}
}
