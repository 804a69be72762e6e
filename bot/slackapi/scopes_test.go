package slackapi

import (
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// Ensure that the needed scopes are those of the manifest.
func TestNeededScopes(t *testing.T) {
	text, err := os.ReadFile("../../manifest.yml")
	if err != nil {
		t.Fatal(err)
	}
	var manifest struct {
		OAuth struct {
			Scopes struct{ Bot []string }
		} `yaml:"oauth_config"`
	}
	if err := yaml.Unmarshal(text, &manifest); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(manifest.OAuth.Scopes.Bot, neededScopes); diff != "" {
		t.Errorf("neededScopes is not what manifest.yml asks for:\n%s", diff)
	}
}

// Ensure that the scope of the Agents feature is not needed without it, and that the bot
// can do without some scopes.
func TestMissingScopes(t *testing.T) {
	var granted []string
	for _, scope := range neededScopes {
		if scope != "assistant:write" && scope != "im:history" && scope != "mpim:read" {
			granted = append(granted, scope)
		}
	}
	for agentView, want := range map[bool][]string{true: {"assistant:write", "im:history"}, false: {"im:history"}} {
		missing, degraded := missingScopes(granted, agentView)
		if diff := cmp.Diff(want, missing); diff != "" {
			t.Errorf("agent view %v:\n%s", agentView, diff)
		}
		if len(degraded) != 1 || degraded["mpim:read"] == "" {
			t.Errorf("agent view %v: degraded are %v", agentView, degraded)
		}
	}
	for scope := range degradedWithout {
		if !slices.Contains(neededScopes, scope) {
			t.Errorf("%s is not requested", scope)
		}
	}
}
