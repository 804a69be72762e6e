package main

import (
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"

	"enjobridge/bot"
)

// Ensure that operators see why the bot does not start while the database is down, and that a
// stop ends that.
func TestStart_WithoutTheDatabase(t *testing.T) {
	address, log := freeAddress(t), newLines()
	cmd, _ := command(t.Context(), t, serving("STORAGE=postgres://bot:hunter2@127.0.0.1:1/bot", "HTTP_ADDR="+address, "ADMIN_SOCKET=off"))
	cmd.Stderr = log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	log.await(t, "no connection to the database, trying again", 2)
	for path, want := range map[string]int{
		"/healthz": http.StatusOK, "/readyz": http.StatusServiceUnavailable, "/metrics": http.StatusServiceUnavailable,
		"/tickets/1": http.StatusServiceUnavailable,
	} {
		resp, err := http.Get("http://" + address + path)
		if err != nil {
			t.Fatal(err)
		}
		var report bot.Health
		if path == "/readyz" {
			if err := json.NewDecoder(resp.Body).Decode(&report); err != nil || report.Ready || report.Sockets == nil ||
				len(report.Reasons) != 1 || !strings.Contains(report.Reasons[0], "check that the server runs") || strings.Contains(report.Reasons[0], "hunter2") {
				t.Errorf("readiness is %+v (%v)", report, err)
			}
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("%s: status %d, want %d", path, resp.StatusCode, want)
		}
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("a stop ends the start with %v", err)
	}
}
