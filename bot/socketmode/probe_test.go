package socketmode

import (
	"strings"
	"testing"

	"github.com/rs/zerolog"
)

// Ensure that a connection of another app is an error with its fix in the log, and that no
// other connection is.
func TestCompareApp(t *testing.T) {
	for _, test := range []struct{ ofBot, ofSocket, want string }{
		{"A1", "A2", "the tokens belong to two apps"},
		{"A1", "A1", ""},
		{"", "A2", ""},
		{"A1", "", ""},
	} {
		var log strings.Builder
		s := &socket{Client: &Client{cfg: Config{App: test.ofBot}}, log: zerolog.New(&log)}
		s.compareApp(&conn{app: test.ofSocket})
		if got := log.String(); !strings.Contains(got, test.want) || (test.want == "") != (got == "") {
			t.Errorf("the app %q and the socket of %q: the log is %q", test.ofBot, test.ofSocket, got)
		}
	}
}

// Ensure that the app is read from Slack's hello.
func TestHelloHasTheApp(t *testing.T) {
	r := decodeRequest([]byte(`{"type":"hello","num_connections":3,"connection_info":{"app_id":"A1"},"debug_info":{"approximate_connection_time":18060}}`))
	if r.ConnectionInfo.AppID != "A1" || r.NumConnections != 3 {
		t.Errorf("the hello is %+v", r)
	}
}
