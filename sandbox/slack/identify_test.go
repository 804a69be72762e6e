package slack_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"enjobridge/sandbox/slack"
)

// nameless is a message without any id.
const nameless = `[
	{"type":"section","text":{"type":"mrkdwn","text":"one <b> & c"},"accessory":{"type":"button","value":"1","text":{"type":"plain_text","text":"OK"}}},
	{"type":"context","elements":[{"type":"mrkdwn","text":"two"}]},
	{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"three"}]}]}]`

// ids are the ids of blocks and of their elements.
type ids []struct {
	BlockID  string `json:"block_id"`
	Elements []struct {
		ActionID *string `json:"action_id"`
	}
	Accessory struct {
		ActionID string `json:"action_id"`
	}
}

func parseIDs(t *testing.T, blocks json.RawMessage) ids {
	t.Helper()
	var parsed ids
	if err := json.Unmarshal(blocks, &parsed); err != nil {
		t.Fatalf("%v in %s", err, blocks)
	}
	return parsed
}

// Ensure that blocks and elements without an id get one that stays the same,
// and that non-interactive elements get no action_id.
func TestMadeUpIDs(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		l := f.listen(nil)
		a := f.call("chat.postMessage", "channel", f.general, "text", "x", "blocks", nameless, "attachments", `[{"blocks":`+nameless+`}]`)
		m, _ := f.Message(f.general, a.TS)
		var attachments []struct {
			ID       int
			Fallback string
			Blocks   json.RawMessage
		}
		if err := json.Unmarshal(m.Attachments, &attachments); err != nil || attachments[0].ID != 1 || attachments[0].Fallback == "" {
			t.Errorf("attachments are %s: %v", m.Attachments, err)
		}
		var seen []string
		for _, blocks := range []json.RawMessage{m.Blocks, attachments[0].Blocks} {
			found := parseIDs(t, blocks)
			seen = append(seen, found[0].Accessory.ActionID)
			for _, block := range found {
				seen = append(seen, block.BlockID)
				for _, e := range block.Elements {
					if e.ActionID != nil {
						t.Errorf("an action_id for a non-interactive element: %s", blocks)
					}
				}
			}
		}
		slices.Sort(seen)
		if seen[0] == "" || len(slices.Compact(seen)) != 8 {
			t.Errorf("the ids are %q", seen)
		}

		first := parseIDs(t, m.Blocks)[0]
		_, err := f.Click(f.ada, f.general, a.TS, first.Accessory.ActionID)
		must(t, err)
		p := l.payload(f)
		if p.Actions[0]["block_id"] != first.BlockID || parseIDs(t, p.Message.Blocks)[0].BlockID != first.BlockID {
			t.Errorf("the app got %s, want block %s", pretty(p), first.BlockID)
		}
	})
}

// Ensure that blocks that have all ids are not changed.
func TestOwnIDsStay(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		m, _ := f.Message(f.general, f.panel())
		var sent bytes.Buffer
		if err := json.Compact(&sent, []byte(panel)); err != nil {
			t.Fatal(err)
		}
		if string(m.Blocks) != sent.String() {
			t.Errorf("blocks are %s", m.Blocks)
		}
	})
}

// Ensure that a view also gets its missing ids, and that they are used in
// submissions.
func TestMadeUpIDsOfView(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		l := f.listen(nil)
		v := f.modal(l)
		bare := strings.NewReplacer(`"block_id":"why",`, "", `,"action_id":"reason"`, "").Replace(form)
		if a := f.call("views.update", "view_id", v.ID, "view", bare); !a.OK {
			t.Fatal(pretty(a))
		}
		v, _ = f.Modal(f.ada)
		var shown struct {
			Blocks []struct {
				BlockID string `json:"block_id"`
				Element struct {
					ActionID string `json:"action_id"`
				}
			}
		}
		if err := json.Unmarshal(v.JSON, &shown); err != nil {
			t.Fatal(err)
		}
		first := shown.Blocks[0]
		_, err := f.SubmitView(f.ada, v.ID, map[string]string{first.Element.ActionID: "because"})
		must(t, err)
		p := l.payload(f)
		if report, _ := p.View.State.Values[first.BlockID][first.Element.ActionID].(map[string]any); report["value"] != "because" {
			t.Errorf("the app got %s", pretty(p))
		}
	})
}

// Ensure that blocks in attachments are checked like those of messages.
func TestAttachmentBlocks(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		post := func(attachments string) answer {
			t.Helper()
			return f.call("chat.postMessage", "channel", f.general, "text", "x", "attachments", attachments)
		}
		a := post(`[{"text":"fine"},{"color":"good","blocks":[{"type":"divider"},{"type":"section"}]}]`)
		want := "[ERROR] must define either `text` or `fields` [json-pointer:/attachments/1/blocks/1]"
		if a.Error != "invalid_attachments" || !slices.Equal(a.Metadata.Messages, []string{want}) {
			t.Errorf("a section without a text: %s", pretty(a))
		}
		if a := post(`[{"blocks":"none"}]`); a.Error != "invalid_attachments" {
			t.Errorf("invalid blocks: %s", pretty(a))
		}
		if a := post(`[{"text":"fine","blocks":null},{"text":"fine","blocks":[]}]`); !a.OK {
			t.Errorf("no blocks: %s", pretty(a))
		}
		if n := len(f.Messages(f.general)); n != 1 {
			t.Errorf("%d messages, want 1", n)
		}
		ts := f.Messages(f.general)[0].TS
		if a := f.call("chat.update", "channel", f.general, "ts", ts, "text", "y", "attachments", `[{"blocks":[{"type":"section"}]}]`); slack.Error(a.Error) != "invalid_attachments" {
			t.Errorf("an update: %s", pretty(a))
		}
	})
}
