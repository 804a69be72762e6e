package main

import (
	"bytes"
	"net"
	"runtime"
	"strings"
	"testing"
)

// Ensure that the demo asks the agent of the settings, if they have one.
func TestDemoWithOwnAgent(t *testing.T) {
	agents := ownAgents(t)
	var out bytes.Buffer
	if err := run(t.Context(), []string{"demo", "-ask", "How do I reset my VPN password?"}, strings.NewReader(""), &out, &out); err != nil {
		t.Fatal(err)
	}
	if requests := agents.Requests(); len(requests) != 1 || !strings.Contains(requests[0].Text, "VPN password") {
		t.Errorf("the agent got %+v", requests)
	}
	if !strings.Contains(out.String(), "https://help.example.com/it/vpn-password") {
		t.Errorf("it prints %s", &out)
	}
}

// Ensure that the demo says which agent answers, and where questions go.
func TestDemoNamesOwnAgent(t *testing.T) {
	agents := ownAgents(t)
	var out bytes.Buffer
	if err := run(t.Context(), []string{"demo"}, strings.NewReader("/quit\n"), &out, &out); err != nil {
		t.Fatal(err)
	}
	head, _, _ := strings.Cut(out.String(), "\n\n")
	want := "enjobridge runs with a local Slack and your agent help-desk.\nQuestions go to " + agents.URL() + ", and count against Enjo's limits."
	if head != want {
		t.Errorf("it begins with %q", head)
	}
}

// Ensure that the page of the demo's local Slack can have a fixed address, and that one
// which is taken is an error with a fix.
func TestDemoAddress(t *testing.T) {
	addr := freeAddress(t)
	taken, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	err = run(t.Context(), []string{"demo", "-addr", addr}, strings.NewReader("/quit\n"), &out, &out)
	if err == nil || !strings.Contains(err.Error(), "choose another address with -addr") {
		t.Errorf("with a taken address it ends with %v", err)
	}
	if err := taken.Close(); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), []string{"demo", "-addr", addr}, strings.NewReader("/quit\n"), &out, &out); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "http://"+addr+"/") {
		t.Errorf("it prints %s", &out)
	}
}

// freeAddress returns an address that nobody listens at. It is not one of 127.0.0.1 where
// there are others, so that nothing else takes it meanwhile.
func freeAddress(t *testing.T) string {
	t.Helper()
	host := "127.0.0.1"
	if runtime.GOOS == "linux" {
		host = "127.0.0.2"
	}
	listener, err := net.Listen("tcp", host+":0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}
