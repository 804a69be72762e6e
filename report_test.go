package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"enjobridge/internal/settings"
)

// Ensure that a report of a running process is printed in each format, and can be limited.
func TestReport(t *testing.T) {
	o := operate(t, func(*settings.Config) {})
	alice, support, ts := o.answered()
	t.Setenv("STORAGE", o.store)

	report := func(args ...string) string {
		t.Helper()
		var out bytes.Buffer
		if err := run(t.Context(), append([]string{"report"}, args...), strings.NewReader(""), &out, &out); err != nil {
			t.Fatalf("%v: %v", args, err)
		}
		return out.String()
	}
	for _, want := range []string{"Asked                     1\n", "  answered                1  100%\n", "#support " + support, "Wait for an answer: median "} {
		if text := report(); !strings.Contains(text, want) {
			t.Errorf("the text lacks %q:\n%s", want, text)
		}
	}
	if table := report("-format", "csv", "-since", "1h"); !strings.Contains(table, "group,channel,"+support+",support,default,answered,1,") {
		t.Errorf("CSV:\n%s", table)
	}
	for channel, want := range map[string]int{support: 1, "C0OTHER": 0} {
		var decoded struct {
			Total struct{ Asked int }
			Days  []struct{ Asked int }
		}
		err := json.Unmarshal([]byte(report("-format", "json", "-since", time.Now().UTC().AddDate(0, 0, -1).Format(time.DateOnly), "-channel", channel)), &decoded)
		if err != nil || decoded.Total.Asked != want || len(decoded.Days) < 2 {
			t.Errorf("JSON of channel %s: %+v, %v", channel, decoded, err)
		}
	}
	for _, format := range []string{"text", "csv", "json"} {
		if text := report("-format", format); strings.Contains(text, alice) || strings.Contains(text, ts[:10]) {
			t.Errorf("%s names the person, or a question that needs no look: %s", format, text)
		}
	}
}
