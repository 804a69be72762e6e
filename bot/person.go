package bot

import (
	"encoding/json"
	"net/http"
	"regexp"
	"time"

	"enjobridge/storage"
)

// userID is the format of the ID of a person.
var userID = regexp.MustCompile(`^[UW][A-Z0-9]{1,63}$`)

// forgetWithin bounds the deletion of a person's data, which reads the whole store.
const forgetWithin = 10 * time.Minute

// forgetPerson deletes everything that is stored about the person in the parameter user, and
// answers with a [storage.Forgotten]. The log does not name the person.
func (b *Bot) forgetPerson(w http.ResponseWriter, r *http.Request) {
	user := r.FormValue("user")
	if !userID.MatchString(user) {
		http.Error(w, "the user is not an ID such as U0123ABCD: copy the member ID from the person's profile in Slack", http.StatusBadRequest)
		return
	}
	if err := http.NewResponseController(w).SetWriteDeadline(time.Now().Add(forgetWithin)); err != nil {
		b.log.Debug().Err(err).Msg("storage: setting the deadline of the answer about a person failed, it can be cut off")
	}
	if explainer := b.explainer.Load(); explainer != nil {
		explainer.Flush(r.Context()) // what was decided in the last second is stored now, and deleted
	}
	forgotten, err := b.store.ForgetPerson(r.Context(), user)
	if err != nil {
		b.log.Error().Err(err).Str("hint", storage.Hint(err)).Msg("storage: forgetting a person failed")
		http.Error(w, "not everything could be deleted: "+err.Error()+"; run the command again", http.StatusInternalServerError)
		return
	}
	b.log.Info().Int("questions", forgotten.Questions).Int("threads", forgotten.Threads).Int("tickets", forgotten.Tickets).Int("feedback", forgotten.Feedback).
		Int("others", forgotten.Others).Int("unfinished", forgotten.Unfinished).Msg("storage: a person was forgotten")
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(forgotten) // the client has gone
}
