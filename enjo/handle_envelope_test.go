package enjo

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestWhatIsNotAReply(t *testing.T) {
	tests := []struct {
		name, contentType, body string
		want                    Code
		says                    string
	}{
		{"nothing", "application/json", "", BadResponse, "an empty body"},
		{"spaces", "application/json", " \n", BadResponse, "an empty body"},
		{"a page", "text/html; charset=utf-8", "\n<!doctype html><p>Sign in", WrongAddress, `HTML or XML page instead of JSON (Content-Type "text/html; charset=utf-8")`},
		{"text", "text/plain", "OK", BadResponse, `not JSON: invalid character 'O' looking for beginning of value (Content-Type "text/plain")`},
		{"an array", "application/json", `[{"success":true}]`, BadResponse, "a JSON array instead of an object"},
		{"a string", "application/json", `"yes"`, BadResponse, "a JSON string instead of an object"},
		{"null", "application/json", `null`, BadResponse, "no data"},
		{"two objects", "application/json", shortReply + shortReply, BadResponse, "more follows"},
		{"something behind it", "application/json", shortReply + "\nok", BadResponse, "more follows"},
		{"JSON that ends too early", "application/json", shortReply[:25], OutcomeUnknown, "ends too early"},
		{"JSON that ends in a word", "application/json", `{"success":tr`, OutcomeUnknown, "ends too early"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := askOnce(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", tt.contentType)
				_, _ = io.WriteString(w, tt.body)
			})
			got := asError(t, err)
			if got.Code != tt.want || got.Status != 200 || !strings.Contains(got.Message, tt.says) {
				t.Errorf("got %v, want %s: … %s …", got, tt.want, tt.says)
			}
		})
	}
}

// Ensure that JSON is decoded whatever its Content-Type and the whitespace
// around it.
func TestReplyIsKnownByItsContent(t *testing.T) {
	for _, body := range []string{shortReply, "\ufeff" + shortReply, "\n  " + shortReply + "\n"} {
		reply, err := askOnce(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, body)
		})
		if err != nil || reply.Text != "yes" {
			t.Errorf("%q: got %v, %v", body, reply, err)
		}
	}
}

func TestTheAPISaysWhetherItSucceeded(t *testing.T) {
	tests := []struct {
		body string
		want Code // empty if a reply is expected
	}{
		{`{"success":true,"data":{"answers":"yes"}}`, ""},
		{`{"success":"true","data":{"answers":"yes"}}`, ""},
		{`{"success":1,"data":{"answers":"yes"}}`, ""},
		{`{"data":{"answers":"yes"}}`, ""},
		{`{"success":null,"data":{"answers":"yes"}}`, ""},
		{`{"Success":true,"DATA":{"Answers":"yes"}}`, ""},
		{`{"success":true,"message":"OK","status":200,"data":{"answers":"yes"}}`, ""},
		{`{"status":20000,"data":{"answers":"yes"}}`, ""},
		{`{"data":null,"Data":{"answers":"yes"},"DATA":{"answers":"no"}}`, ""},
		{`{"message":"OK","status":200,"data":{"answers":"yes"}}`, ""},

		{`{"success":false,"data":{"answers":"yes"}}`, Rejected},
		{`{"success":"false","data":{"answers":"yes"}}`, Rejected},
		{`{"success":0}`, Rejected},
		{`{"code":"x","data":null}`, Rejected},
		{`{"error":{"message":"no"}}`, Rejected},
		{`{"status":500,"data":{"answers":"yes"}}`, OutcomeUnknown},

		{`{"success":true}`, BadResponse},
		{`{"success":true,"message":"done"}`, BadResponse},
		{`{"success":true,"data":null}`, BadResponse},
		{`{"success":true,"data":{}}`, BadResponse},
		{`{"success":true,"data":{"answers":"","sources":[]}}`, BadResponse},
		{`{}`, BadResponse},
	}
	for _, tt := range tests {
		t.Run(tt.body, func(t *testing.T) {
			reply, err := askOnce(t, answer(200, tt.body))
			switch {
			case tt.want == "" && (err != nil || reply.Text != "yes"):
				t.Errorf("got %v, %v", reply, err)
			case CodeOf(err) != tt.want:
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}
