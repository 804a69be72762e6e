package main

import (
	"bytes"
	"strings"
	"testing"

	"enjobridge/internal/settings"
)

// Ensure that forget deletes what is stored about a person, prints how much that was, and
// does not write the person into the log.
func TestForget(t *testing.T) {
	o := operate(t, func(*settings.Config) {})
	alice, _, _ := o.answered()
	t.Setenv("STORAGE", o.store)

	forget := func(args ...string) (string, error) {
		var out bytes.Buffer
		err := run(t.Context(), append([]string{"forget"}, args...), strings.NewReader(""), &out, &out)
		return out.String(), err
	}
	if out, err := forget(alice); err != nil || out != "deleted about "+alice+": 1 question, 1 thread, 0 tickets, 0 ratings, 0 other records\n" {
		t.Errorf("%q, %v", out, err)
	}
	if out, err := forget(alice); err != nil || !strings.Contains(out, ": 0 questions, 0 threads") {
		t.Errorf("the second time: %q, %v", out, err)
	}
	if line := o.log.await(t, "storage: a person was forgotten", 1); strings.Contains(line, alice) {
		t.Errorf("the log names the person: %s", line)
	}
	for _, wrong := range []string{"alice", "@alice", "U1/../x", "<@U1>"} {
		if _, err := forget(wrong); err == nil || !strings.Contains(err.Error(), "copy the member ID") {
			t.Errorf("%s: %v", wrong, err)
		}
	}
}
