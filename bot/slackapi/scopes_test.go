package slackapi

import (
	"os"
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

// Ensure that the scope of the Agents feature is not needed without it.
func TestMissingScopes(t *testing.T) {
	var granted []string
	for _, scope := range neededScopes {
		if scope != "assistant:write" && scope != "im:history" {
			granted = append(granted, scope)
		}
	}
	for agentView, want := range map[bool][]string{true: {"assistant:write", "im:history"}, false: {"im:history"}} {
		if diff := cmp.Diff(want, missingScopes(granted, agentView)); diff != "" {
			t.Errorf("agent view %v:\n%s", agentView, diff)
		}
	}
}
