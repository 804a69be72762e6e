// Package terminal is a line-based Slack client for a terminal, for a local
// workspace.
package terminal

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"

	"enjobridge/sandbox/slack"
)

const help = `  TEXT           say it here; @name mentions someone
  > TEXT         reply in the thread that was spoken in last
  /COMMAND TEXT  enter one of the app's slash commands
  /thread N      reply in thread N from now on; /top goes back to the channel
  /to PLACE      go to a channel, such as /to #general, or to the bot: /to dm
  /as NAME       be another person
  /where         who and where you are, and what there is
  /help, /quit
`

// Terminal is a chat as one person in one place at a time.
type Terminal struct {
	workspace *slack.Workspace
	printer   *printer

	mu      sync.Mutex
	user    slack.User
	channel slack.Channel
	thread  string   // root of the thread for replies; empty for the channel itself
	last    string   // root of the thread with the last message
	threads []string // roots, by number minus one
}

// New returns a chat in a workspace, as the user and in the channel with these
// IDs.
func New(w *slack.Workspace, user, channel string) *Terminal {
	t := &Terminal{workspace: w, printer: newPrinter(w.View)}
	t.user, _ = find(w.Users(), func(u slack.User) bool { return u.ID == user })
	t.channel, _ = find(w.Channels(), func(c slack.Channel) bool { return c.ID == channel })
	return t
}

// Run reads lines and prints what happens, until /quit or the end of ctx. It
// returns io.EOF at the end of the input.
func (t *Terminal) Run(ctx context.Context, in io.Reader, out io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	screen := &screen{out: out}
	var following sync.WaitGroup
	defer following.Wait()
	defer cancel()
	changes := t.workspace.Watch(ctx)
	following.Go(func() {
		for change := range changes {
			t.show(screen, change)
		}
	})
	screen.print(help + t.where())
	lines := readLines(ctx, in)
	for {
		screen.prompt(t.promptText())
		select {
		case line, ok := <-lines:
			if !ok {
				return io.EOF
			}
			said, err := t.obey(strings.TrimSpace(line))
			if errors.Is(err, errQuit) {
				return nil
			}
			if err != nil {
				said = "  " + err.Error() + "\n"
			}
			screen.print(said)
		case <-ctx.Done():
			screen.print("\n")
			return nil
		}
	}
}

// readLines sends each line of in. Its goroutine ends with the input, because
// reading from a terminal cannot be interrupted.
func readLines(ctx context.Context, in io.Reader) <-chan string {
	lines := make(chan string)
	go func() {
		defer close(lines)
		scanner := bufio.NewScanner(in)
		for scanner.Scan() {
			select {
			case lines <- scanner.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	return lines
}

var errQuit = errors.New("quit")

// obey executes a line, and returns the text to print.
func (t *Terminal) obey(line string) (string, error) {
	command, rest, _ := strings.Cut(line, " ")
	rest = strings.TrimSpace(rest)
	switch command {
	case "":
		return "", nil
	case "/quit", "/exit":
		return "", errQuit
	case "/help":
		return help, nil
	case "/where":
		return t.where(), nil
	case "/as":
		return "", t.become(rest)
	case "/to":
		return "", t.goTo(rest)
	case "/thread":
		return "", t.enterThread(rest)
	case "/top":
		t.set(func() { t.thread = "" })
		return "", nil
	case ">":
		return "", t.say(rest, t.last)
	}
	if strings.HasPrefix(command, "/") {
		return "", t.enter(command, rest)
	}
	return "", t.say(line, t.thread)
}

// enter enters one of the app's slash commands. Slack has none in threads.
func (t *Terminal) enter(command, text string) error {
	_, err := t.workspace.Command(t.user.ID, t.channel.ID, command, t.withMentions(text))
	if errors.Is(err, slack.ErrUnknownCommand) {
		return fmt.Errorf("there is no %s; /help lists what there is", command)
	}
	return err
}

func (t *Terminal) set(change func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	change()
}

// say posts a text, into a thread unless root is empty.
func (t *Terminal) say(text, root string) error {
	if text == "" {
		return errors.New("there is nothing to say")
	}
	var options []slack.PostOption
	if root != "" {
		options = append(options, slack.InThread(root))
	}
	ts, err := t.workspace.Post(t.channel.ID, t.user.ID, t.withMentions(text), options...)
	if err != nil {
		return err
	}
	if root == "" {
		root = ts
	}
	t.set(func() { t.last = root })
	t.number(root)
	return nil
}

// withMentions turns @name into a mention, as a client does when a name is
// selected.
func (t *Terminal) withMentions(text string) string {
	for _, u := range t.workspace.Users() {
		text = strings.ReplaceAll(text, "@"+u.Name, slack.Mention(u.ID))
	}
	return text
}

// become makes the terminal act as another person.
func (t *Terminal) become(name string) error {
	user, ok := find(t.workspace.Users(), func(u slack.User) bool { return !u.Bot && strings.EqualFold(u.Name, strings.TrimPrefix(name, "@")) })
	if !ok {
		return fmt.Errorf("there is nobody called %q; /where lists everyone", name)
	}
	t.set(func() { t.user, t.thread = user, "" })
	if t.channel.Kind == slack.Direct {
		return t.goTo("dm")
	}
	return nil
}

// goTo goes to the channel with this name, or to the direct messages with the
// bot.
func (t *Terminal) goTo(place string) error {
	name := strings.TrimPrefix(place, "#")
	if name == "dm" {
		id := t.workspace.DM(t.user.ID)
		channel, _ := find(t.workspace.Channels(), func(c slack.Channel) bool { return c.ID == id })
		t.set(func() { t.channel, t.thread = channel, "" })
		return nil
	}
	channel, ok := find(t.workspace.Channels(), func(c slack.Channel) bool { return c.Name == name && c.Kind != slack.Direct })
	if !ok {
		return fmt.Errorf("there is no channel %q; /where lists all", place)
	}
	t.set(func() { t.channel, t.thread = channel, "" })
	return nil
}

// enterThread makes later messages replies in the thread with this number.
func (t *Terminal) enterThread(number string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || n > len(t.threads) {
		return fmt.Errorf("there is no thread %q; their numbers stand before the messages", number)
	}
	t.thread = t.threads[n-1]
	return nil
}

// number returns the number of a thread, a new one for a new thread.
func (t *Terminal) number(root string) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i, known := range t.threads {
		if known == root {
			return i + 1
		}
	}
	t.threads = append(t.threads, root)
	return len(t.threads)
}

// where lists the current person and place, and the available ones.
func (t *Terminal) where() string {
	var people, places []string
	for _, u := range t.workspace.Users() {
		name := u.Name
		if u.Team != "" && u.Team != t.workspace.TeamID() {
			name += " (of another organisation)"
		}
		if !u.Bot && u.ID != "USLACKBOT" {
			people = append(people, name)
		}
	}
	for _, c := range t.workspace.Channels() {
		if c.Kind != slack.Direct {
			places = append(places, "#"+c.Name)
		}
	}
	return fmt.Sprintf("  You are %s in %s. People: %s. Places: %s, dm.\n",
		t.user.Name, t.place(t.channel.ID), strings.Join(people, ", "), strings.Join(places, ", "))
}

// place is the displayed name of a channel.
func (t *Terminal) place(id string) string {
	channel, _ := find(t.workspace.Channels(), func(c slack.Channel) bool { return c.ID == id })
	if channel.Kind == slack.Direct {
		return "dm"
	}
	return "#" + channel.Name
}

func (t *Terminal) promptText() string {
	text := t.user.Name + " " + t.place(t.channel.ID)
	if t.thread != "" {
		text += " thread " + strconv.Itoa(t.number(t.thread))
	}
	return text + "> "
}

// find returns the first match in the list.
func find[T any](list []T, fits func(T) bool) (T, bool) {
	for _, one := range list {
		if fits(one) {
			return one, true
		}
	}
	var none T
	return none, false
}
