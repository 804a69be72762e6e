package bot_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"sync"
	"testing"

	"go.uber.org/goleak"
	"go.yaml.in/yaml/v3"

	slacksandbox "enjobridge/sandbox/slack"
)

// scopesUsed are the scopes that the app has needed in all houses.
var scopesUsed struct {
	mu  sync.Mutex
	all map[string]bool
}

// noteScopes adds the scopes that the app has needed in a house.
func (h *house) noteScopes() {
	scopesUsed.mu.Lock()
	defer scopesUsed.mu.Unlock()
	if scopesUsed.all == nil {
		scopesUsed.all = make(map[string]bool)
	}
	for _, scope := range h.slack.ScopesUsed() {
		scopesUsed.all[scope] = true
	}
}

// manifestScopes are the scopes that the manifest requests.
type manifestScopes struct {
	Bot      []string `yaml:"bot"`
	Optional []string `yaml:"bot_optional"`
}

func readManifestScopes() (manifestScopes, error) {
	text, err := os.ReadFile("../manifest.yml")
	if err != nil {
		return manifestScopes{}, err
	}
	var manifest struct {
		OAuth struct {
			Scopes manifestScopes `yaml:"scopes"`
		} `yaml:"oauth_config"`
	}
	err = yaml.Unmarshal(text, &manifest)
	return manifest.OAuth.Scopes, err
}

func (h *house) manifestScopes() manifestScopes {
	h.t.Helper()
	scopes, err := readManifestScopes()
	if err != nil {
		h.t.Fatal(err)
	}
	return scopes
}

// checkScopes returns an error unless the scopes that the tests needed are those that the
// manifest requests. Optional ones can be unused.
func checkScopes() error {
	requested, err := readManifestScopes()
	if err != nil {
		return err
	}
	scopesUsed.mu.Lock()
	defer scopesUsed.mu.Unlock()
	for _, scope := range requested.Bot {
		if !scopesUsed.all[scope] {
			return fmt.Errorf("manifest.yml requests %s, which no test needs", scope)
		}
	}
	for _, scope := range slices.Sorted(maps.Keys(scopesUsed.all)) {
		if !slices.Contains(requested.Bot, scope) && !slices.Contains(requested.Optional, scope) {
			return fmt.Errorf("tests need %s, which manifest.yml does not request", scope)
		}
	}
	return nil
}

// Ensure that the manifest requests exactly the scopes that the app needs, when all tests
// have run: see [checkScopes].
func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	whole := flag.Lookup("test.run").Value.String() == "" && flag.Lookup("test.skip").Value.String() == "" &&
		flag.Lookup("test.list").Value.String() == ""
	if code == 0 && whole {
		if err := checkScopes(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	if code == 0 {
		if err := goleak.Find(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// Ensure that the bot answers in private channels and group direct messages, and finds
// what it has missed there.
func TestPrivateConversations(t *testing.T) {
	for name, kind := range map[string]slacksandbox.ChannelKind{"private channel": slacksandbox.Private, "group direct message": slacksandbox.Group} {
		bubbles(t, name, func(t *testing.T) {
			h := foundation(t, plan{})
			channel := h.slack.AddChannel(slacksandbox.Channel{Name: "private", Kind: kind, Members: []string{h.alice, h.bob, h.slack.BotUserID()}})
			h.start()
			mention := slacksandbox.Mention(h.slack.BotUserID()) + " "
			root := h.say(channel, h.alice, mention+"How do I print?")
			h.awaitAnswers(channel, root, 1)
			h.say(channel, h.alice, "And in colour?", slacksandbox.InThread(root))
			h.awaitAnswers(channel, root, 2)
			h.slack.Faults().OnEvent(slacksandbox.Events{}, slacksandbox.Lose())
			missed := h.say(channel, h.bob, mention+"How do I scan?")
			h.gap()
			h.awaitAnswers(channel, missed, 1)
		})
	}
}
