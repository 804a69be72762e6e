package slackapi

import (
	"maps"
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
	if diff := cmp.Diff(manifest.OAuth.Scopes.Bot, allScopes()); diff != "" {
		t.Errorf("the scopes are not what manifest.yml asks for:\n%s", diff)
	}
}

// allScopes returns the scopes of the manifest in alphabetical order.
func allScopes() []string {
	all, degraded := Missing(nil, true)
	maps.Copy(all, degraded)
	return slices.Sorted(maps.Keys(all))
}

// Ensure that the scope of the Agents feature is not needed without it, and that the bot
// can do without some scopes.
func TestMissing(t *testing.T) {
	granted := slices.DeleteFunc(allScopes(), func(scope string) bool {
		return slices.Contains([]string{"assistant:write", "im:history", "mpim:read"}, scope)
	})
	for agentView, want := range map[bool][]string{true: {"assistant:write", "im:history"}, false: {"im:history"}} {
		needed, degraded := Missing(granted, agentView)
		if diff := cmp.Diff(want, slices.Sorted(maps.Keys(needed))); diff != "" {
			t.Errorf("agent view %v:\n%s", agentView, diff)
		}
		if len(degraded) != 1 || degraded["mpim:read"] == "" {
			t.Errorf("agent view %v: degraded are %v", agentView, degraded)
		}
	}
	if needed, degraded := Missing(allScopes(), true); len(needed)+len(degraded) > 0 {
		t.Errorf("with all scopes, needed are %v, degraded %v", needed, degraded)
	}
}
