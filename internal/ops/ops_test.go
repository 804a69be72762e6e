package ops

import (
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/rs/zerolog"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Ensure that a taken port is an error that names the setting, and that nothing is
// served then.
func TestPortIsTaken(t *testing.T) {
	other, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	taken, nothing := other.Addr().String(), http.NotFoundHandler()
	for setting, c := range map[string]Config{
		"HTTP_ADDR":    {Addr: taken, Operators: nothing, Webhook: nothing},
		"WEBHOOK_ADDR": {Addr: "127.0.0.1:0", WebhookAddr: taken, Operators: nothing, Webhook: nothing},
	} {
		if _, err = Open(c, zerolog.Nop()); err == nil || !strings.Contains(err.Error(), "set "+setting+" to another address") {
			t.Errorf("error %v, want one that names %s", err, setting)
		}
	}
}
