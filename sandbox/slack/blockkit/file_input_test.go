package blockkit_test

import (
	"fmt"
	"strings"
	"testing"

	"enjobridge/sandbox/slack/blockkit"
)

// Ensure that an input for one file allows only one, and that others allow
// several.
func TestFileInput(t *testing.T) {
	for maxFiles, several := range map[int]bool{1: false, 2: true, 10: true} {
		html := string(blockkit.HTML([]byte(fmt.Sprintf(`[{"type": "input", "label": {"type": "plain_text", "text": "Logs"},
			"element": {"type": "file_input", "action_id": "logs", "filetypes": ["txt", "log"], "max_files": %d}}]`, maxFiles)), nil))
		if strings.Contains(html, " multiple") != several || !strings.Contains(html, `accept=".txt,.log"`) {
			t.Errorf("for %d: %s", maxFiles, html)
		}
	}
}
