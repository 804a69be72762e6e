package setup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/term"
)

// maxAnswer bounds an answer, in bytes.
const maxAnswer = 64 << 10

// dialogue is the conversation with a person at a terminal, or with a script.
type dialogue struct {
	in  io.Reader
	out io.Writer
	err error // the first error of out
}

// say prints a text, in which the first of each pair of words is replaced with the second.
func (d *dialogue) say(text string, pairs ...string) {
	d.print(wrap(strings.NewReplacer(pairs...).Replace(text)))
}

// print prints a text as it is.
func (d *dialogue) print(text string) {
	if _, err := io.WriteString(d.out, text); err != nil && d.err == nil {
		d.err = fmt.Errorf("printing: %w", err)
	}
}

// width is how many characters a line has at most, if its words allow that.
const width = 88

// indentation matches the spaces before a line, and a letter that counts it.
var indentation = regexp.MustCompile(`^ *(?:[a-z]\. )?`)

// wrap wraps the lines of a text at their spaces, and indents what follows like them.
func wrap(text string) string {
	var wrapped strings.Builder
	for line := range strings.Lines(text) {
		indent := len(indentation.FindString(line))
		wrapped.WriteString(line[:indent])
		column := indent
		for i, word := range strings.Split(line[indent:], " ") {
			length := utf8.RuneCountInString(strings.TrimSuffix(word, "\n"))
			switch {
			case i == 0:
			case length > 0 && column+1+length > width:
				wrapped.WriteString("\n" + strings.Repeat(" ", indent))
				column = indent
			default:
				wrapped.WriteString(" ")
				column++
			}
			wrapped.WriteString(word)
			column += length
		}
	}
	return wrapped.String()
}

// ask prints a prompt, and returns the answer without the spaces around it. If there is
// none, it returns [io.EOF]. It returns when ctx ends, and leaves the terminal as it was.
func (d *dialogue) ask(ctx context.Context, prompt string, hidden bool) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	if d.say(prompt); d.err != nil {
		return "", d.err
	}
	file, isFile := d.in.(*os.File)
	terminal := isFile && term.IsTerminal(int(file.Fd()))
	read := func() (string, error) { return readLine(d.in) }
	if terminal && hidden {
		fd := int(file.Fd())
		before, err := term.GetState(fd)
		if err != nil {
			return "", fmt.Errorf("preparing the terminal: %w", err)
		}
		defer term.Restore(fd, before) //nolint:errcheck // it shows what is typed again, if it can
		read = func() (string, error) {
			text, err := term.ReadPassword(fd)
			return string(text), err
		}
	}
	type line struct {
		text string
		err  error
	}
	answered := make(chan line, 1)
	go func() { // a read cannot be interrupted; after Ctrl-C it ends with the process
		text, err := read()
		answered <- line{text, err}
	}()
	select {
	case l := <-answered:
		if !terminal || hidden {
			d.say("\n") // nobody saw the end of the line
		}
		return strings.TrimSpace(l.text), l.err
	case <-ctx.Done():
		d.say("\n")
		return "", ctx.Err()
	}
}

// readLine reads to the end of a line, and no further, so that the next read has the rest.
func readLine(in io.Reader) (string, error) {
	var line []byte
	one := make([]byte, 1)
	for len(line) <= maxAnswer {
		n, err := in.Read(one)
		if n > 0 && one[0] == '\n' {
			return string(line), nil
		}
		line = append(line, one[:n]...)
		if errors.Is(err, io.EOF) && len(line) > 0 {
			return string(line), nil
		} else if err != nil {
			return "", err
		}
	}
	return "", errors.New("the answer is too long")
}

// maxShown is how many characters of a foreign text are shown.
const maxShown = 200

// shown returns a text from elsewhere for the terminal: on one line, without control
// characters, which could change what the terminal shows.
func shown(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	text = strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return -1
		}
		return c
	}, text)
	if runes := []rune(text); len(runes) > maxShown {
		return string(runes[:maxShown]) + "…"
	}
	return text
}
