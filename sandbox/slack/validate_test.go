package slack_test

import (
	"strings"
	"testing"
)

// Ensure that blocks.validate accepts what Slack accepts, and reports pointers to the rest.
func TestBlocksValidate(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := open(t)
		const divider, wrong = `{"type":"divider"}`, `{"type":"section","text":{"type":"invalid","text":"x"}}`
		for _, test := range []struct{ key, value, code, says string }{
			{"blocks", `[` + divider + `]`, "", ""},
			{"message", `{"text":"x","blocks":[` + divider + `]}`, "", ""},
			{"message", `{"text":"x"}`, "", ""},
			{"view", `{"type":"home","blocks":[` + divider + `]}`, "", ""},
			{"blocks", `[` + divider + `,` + wrong + `]`, "invalid_blocks", `"Pointer": "/1/text/type"`},
			{"message", `{"blocks":[` + wrong + `]}`, "invalid_message", `"Pointer": "/blocks/0/text/type"`},
			{"view", `{"type":"home","blocks":[` + wrong + `]}`, "invalid_view", `"Pointer": "/blocks/0/text/type"`},
			{"message", `{}`, "invalid_message", "missing required field: blocks"},
			{"message", `[`, "invalid_message", "must be a message in JSON"},
			{"text", "x", "invalid_arguments", ""},
		} {
			a := f.call("blocks.validate", test.key, test.value)
			if a.OK != (test.code == "") || a.Error != test.code || !strings.Contains(pretty(a), test.says) {
				t.Errorf("%s of %s: %s", test.key, test.value, pretty(a))
			}
		}
		if a := f.call("blocks.validate", "blocks", "[]", "view", "{}"); a.Error != "invalid_arguments" {
			t.Errorf("two arguments: %s", pretty(a))
		}
	})
}
