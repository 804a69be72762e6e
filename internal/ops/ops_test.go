package ops

import (
	"net"
	"strings"
	"testing"

	"github.com/rs/zerolog"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Ensure that a taken port is an error that names the setting.
func TestPortIsTaken(t *testing.T) {
	other, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	_, err = Open(Config{Addr: other.Addr().String()}, zerolog.Nop())
	if err == nil || !strings.Contains(err.Error(), "HTTP_ADDR") || !strings.Contains(err.Error(), "off") {
		t.Errorf("error %v, want one that names HTTP_ADDR and off", err)
	}
}
