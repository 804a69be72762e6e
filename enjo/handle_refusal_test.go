package enjo

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestRefusals(t *testing.T) {
	const limited = `{"code":"rate_limit_error","message":"Rate limit exceeded","status":429}`
	tests := []struct {
		name       string
		status     int
		retryAfter string
		body       string
		want       Error
	}{
		// As published.
		{"rate limit", 429, "", limited, Error{Code: RateLimited, Message: "rate_limit_error: Rate limit exceeded"}},
		{"rate limit with a wait", 429, "7", limited, Error{
			Code: RateLimited, Message: "rate_limit_error: Rate limit exceeded", RetryAfter: 7 * time.Second,
		}},
		{"success false", 200, "", `{"success":false}`, Error{Code: Rejected, Message: "no reason was given"}},
		{"success false with a reason", 400, "", `{"success":false,"message":"Text is too long"}`, Error{Code: Rejected, Message: "Text is too long"}},

		// The same with another status, or without one.
		{"rate limit, status 200", 200, "7", limited, Error{
			Code: RateLimited, Message: "rate_limit_error: Rate limit exceeded", RetryAfter: 7 * time.Second,
		}},
		{"rate limit, status 400", 400, "", limited, Error{Code: RateLimited, Message: "rate_limit_error: Rate limit exceeded"}},
		{"rate limit by its code", 200, "", `{"code":"RATE_LIMIT_ERROR"}`, Error{Code: RateLimited, Message: "RATE_LIMIT_ERROR"}},
		{"rate limit by its status", 200, "", `{"status":"429"}`, Error{Code: RateLimited, Message: "no reason was given"}},
		{"rate limit of a gateway", 429, "", "<html>", Error{Code: RateLimited, Message: errPage.Error()}},
		{"rate limit without a body", 429, "", "", Error{Code: RateLimited, Message: "no reason was given"}},

		{"invalid bot ID", 404, "", `{"success":false,"message":"Invalid botId"}`, Error{Code: InvalidBotID, Message: "Invalid botId"}},
		{"invalid bot ID, status 200", 200, "", `{"success":false,"error":"invalid bot ID: b"}`, Error{Code: InvalidBotID, Message: "invalid bot ID: b"}},
		{"invalid bot ID, status 500", 500, "", `{"code":"INVALID_BOT_ID","status":500}`, Error{Code: InvalidBotID, Message: "INVALID_BOT_ID"}},
		{"invalid bot ID, status 401", 401, "", `{"code":"x","message":"Invalid botId","status":401}`, Error{Code: InvalidBotID, Message: "x: Invalid botId"}},
		{"invalid bot ID in data", 200, "", `{"success":false,"data":"Invalid botId"}`, Error{Code: InvalidBotID, Message: "Invalid botId"}},
		{"invalid bot ID in a list", 400, "", `{"errors":[{"title":"Invalid botId"}]}`, Error{Code: InvalidBotID, Message: "title: Invalid botId"}},
		{"invalid bot ID as text", 400, "", `Invalid botId`, Error{Code: InvalidBotID, Message: "Invalid botId"}},

		{"bad token", 401, "", `{"code":"auth","message":"Unauthorized","status":401}`, Error{Code: BadToken, Message: "auth: Unauthorized"}},
		{"forbidden", 403, "", ``, Error{Code: BadToken, Message: "no reason was given"}},
		{"bad token, status 200", 200, "", `{"code":"auth","status":401}`, Error{Code: BadToken, Message: "auth"}},
		{"bad token, status 500", 500, "", `{"code":"auth","status":401}`, Error{Code: BadToken, Message: "auth"}},

		{"not available", 503, "", ``, Error{Code: NotProcessed, Message: "no reason was given"}},
		{"not available with a wait", 503, "120", `<p>`, Error{Code: NotProcessed, Message: errPage.Error(), RetryAfter: 2 * time.Minute}},
		{"not available, status 200", 200, "", `{"code":"busy","status":503}`, Error{Code: NotProcessed, Message: "busy"}},
		{"failed and says not available", 500, "", `{"code":"busy","status":503}`, Error{Code: OutcomeUnknown, Message: "busy"}},

		{"internal error", 500, "9", `{"success":false,"message":"oops"}`, Error{Code: OutcomeUnknown, Message: "oops"}},
		{"bad gateway", 502, "", `<html>`, Error{Code: OutcomeUnknown, Message: errPage.Error()}},
		{"gateway time-out", 504, "", ``, Error{Code: OutcomeUnknown, Message: "no reason was given"}},
		{"time-out as 408", 408, "", ``, Error{Code: OutcomeUnknown, Message: "no reason was given"}},
		{"internal error, status 200", 200, "", `{"code":"oops","status":500}`, Error{Code: OutcomeUnknown, Message: "oops"}},

		{"bad request", 400, "", `{"message":["text is long","text is odd"],"error":"Bad Request"}`, Error{
			Code: Rejected, Message: "text is long text is odd: Bad Request",
		}},
		{"not found", 404, "", `not here`, Error{Code: WrongAddress, Message: "not here"}},
		{"not found, status 200", 200, "", `{"code":"x","status":404}`, Error{Code: WrongAddress, Message: "x"}},
		{"a page that takes no POST", 405, "", `<html>`, Error{Code: WrongAddress, Message: errPage.Error()}},
		{"no JSON", 415, "", ``, Error{Code: WrongAddress, Message: "no reason was given"}},
		{"success and yet an error", 400, "", `{"success":true,"data":{"answers":"yes"}}`, Error{Code: Rejected, Message: "answers: yes"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := askOnce(t, func(w http.ResponseWriter, r *http.Request) {
				if tt.retryAfter != "" {
					w.Header().Set("Retry-After", tt.retryAfter)
				}
				answer(tt.status, tt.body)(w, r)
			})
			tt.want.Status = tt.status
			if diff := cmp.Diff(&tt.want, asError(t, err), cmpopts.IgnoreFields(Error{}, "Err")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestErrorSaysWhatItIs(t *testing.T) {
	_, err := askOnce(t, answer(404, `{"success":false,"message":"Invalid botId"}`))
	if got, want := err.Error(), "enjo: invalid_bot_id: Invalid botId (HTTP 404)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	without := &Error{Code: NotProcessed, Message: "connecting: refused"}
	if got, want := without.Error(), "enjo: not_processed: connecting: refused"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestCodeOf(t *testing.T) {
	if got := CodeOf(nil); got != "" {
		t.Errorf("of no error: %q", got)
	}
	if got := CodeOf(http.ErrServerClosed); got != "" {
		t.Errorf("of another error: %q", got)
	}
	_, err := askOnce(t, answer(503, strings.Repeat("busy ", 3)))
	if got := CodeOf(err); got != NotProcessed {
		t.Errorf("of an Error: %q", got)
	}
}
