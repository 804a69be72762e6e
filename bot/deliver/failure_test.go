package deliver

import (
	"testing"

	"enjobridge/storage"
)

// Ensure that the notice of a failure offers a retry only where one is possible.
func TestExplanation_Notice(t *testing.T) {
	id := storage.MessageID{Team: "T1", Channel: "C1", TS: "1.2"}
	for name, test := range map[string]struct {
		q    storage.Question
		code storage.Failure
		want bool
	}{
		"a message":          {storage.Question{Origin: storage.Mention}, "outcome_unknown", true},
		"a ticket":           {storage.Question{Origin: storage.Button, MakesTicket: true}, "outcome_unknown", true},
		"a retry":            {storage.Question{Origin: storage.Button, Again: []storage.MessageID{id}}, "outcome_unknown", true},
		"a comment":          {storage.Question{Origin: storage.Button}, "outcome_unknown", false},
		"what does not help": {storage.Question{Origin: storage.Mention}, "no_agent", false},
	} {
		t.Run(name, func(t *testing.T) {
			test.q.Outcome = &storage.Outcome{Failure: test.code}
			if got := len(Explain(test.code).Notice(test.q).Buttons) > 0; got != test.want {
				t.Errorf("offered: %v", got)
			}
		})
	}
}
