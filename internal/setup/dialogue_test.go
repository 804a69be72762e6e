package setup

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// Ensure that long lines are wrapped with their indentation, and that nothing else changes.
func TestWrap(t *testing.T) {
	long := strings.Repeat("word ", 17) + "end"
	for text, want := range map[string]string{
		"":                             "",
		"\nshort\n\n":                  "\nshort\n\n",
		"   Bot token (xoxb-…): ":      "   Bot token (xoxb-…): ",
		"two  spaces\n":                "two  spaces\n",
		long + "\n":                    long + "\n",
		long + " more\n":               long + "\nmore\n",
		"   " + long + "\n":            "   " + strings.TrimSuffix(long, " end") + "\n   end\n",
		"   a. " + long + "\n":         "   a. " + strings.TrimSuffix(long, " word end") + "\n      word end\n",
		strings.Repeat("x", 200):       strings.Repeat("x", 200),
		"a " + strings.Repeat("…", 87): "a\n" + strings.Repeat("…", 87),
	} {
		if diff := cmp.Diff(want, wrap(text)); diff != "" {
			t.Errorf("%q is wrapped wrongly:\n%s", text, diff)
		}
	}
}

// Ensure that a text from elsewhere cannot control the terminal.
func TestShown(t *testing.T) {
	for text, want := range map[string]string{
		"Hello,\n\n\tworld ":           "Hello, world",
		"\x1b[2J\x1b]0;title\a\u202ex": "[2J]0;titlex",
		strings.Repeat("ä", 201):       strings.Repeat("ä", 200) + "…",
	} {
		if got := shown(text); got != want {
			t.Errorf("%q is shown as %q, want %q", text, got, want)
		}
	}
}

// Ensure that each line is one answer, also the last one without an end, and that the rest
// of the input is left for the next question.
func TestAsk(t *testing.T) {
	in := strings.NewReader(" one \r\n\ntwo")
	d := dialogue{in: in, out: io.Discard}
	for _, want := range []string{"one", "", "two"} {
		if got, err := d.ask(t.Context(), "?", true); got != want || err != nil {
			t.Errorf("the answer is %q, error %v, want %q", got, err, want)
		}
	}
	if got, err := d.ask(t.Context(), "?", true); !errors.Is(err, io.EOF) {
		t.Errorf("the answer is %q, error %v", got, err)
	}
}

// Ensure that an input that fails, or never ends its line, is an error.
func TestAsk_Broken(t *testing.T) {
	broken := errors.New("broken")
	for _, in := range []io.Reader{iotest.ErrReader(broken), strings.NewReader(strings.Repeat("x", maxAnswer+2))} {
		d := dialogue{in: in, out: io.Discard}
		if got, err := d.ask(t.Context(), "?", false); err == nil || errors.Is(err, io.EOF) {
			t.Errorf("the answer is %.20q, error %v", got, err)
		}
	}
}

// Ensure that Ctrl-C ends the dialogue while it waits for an answer, and saves nothing.
func TestRun_Stopped(t *testing.T) {
	w := newWorld(t)
	o := w.options()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	in, answers := io.Pipe()
	defer answers.Close() // ends the read that cannot be interrupted
	go func() {
		_, _ = io.WriteString(answers, w.slack.GenerateConfigToken()+"\n") // the pipe stays open
	}()
	var out bytes.Buffer
	err := Run(ctx, o, in, writerFunc(func(text []byte) (int, error) {
		if bytes.Contains(text, []byte("Bot token")) {
			cancel()
		}
		return out.Write(text)
	}))
	want := "setup was stopped, and nothing was saved\nhint: the app " + w.slack.AppID() + " exists now: " +
		"run setup again without SLACK_CONFIG_TOKEN, and press Enter at step 1"
	if err == nil || err.Error() != want {
		t.Errorf("the error is %v, want %s\n%s", err, want, &out)
	}
	w.wantNoFile()
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(text []byte) (int, error) { return f(text) }
