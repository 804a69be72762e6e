package interact

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// Ensure that the default suggestions are those of the manifest, at most four, and short
// enough to be their own titles.
func TestDefaultPrompts(t *testing.T) {
	text, err := os.ReadFile("../../manifest.yml")
	if err != nil {
		t.Fatal(err)
	}
	var manifest struct {
		Features struct {
			AgentView struct {
				Prompts []struct{ Title, Message string } `yaml:"suggested_prompts"`
			} `yaml:"agent_view"`
		}
	}
	if err := yaml.Unmarshal(text, &manifest); err != nil {
		t.Fatal(err)
	}
	var titles, messages []string
	for _, p := range manifest.Features.AgentView.Prompts {
		titles, messages = append(titles, p.Title), append(messages, p.Message)
	}
	if diff := cmp.Diff(DefaultPrompts, messages) + cmp.Diff(DefaultPrompts, titles); diff != "" || len(titles) > 4 {
		t.Errorf("the suggestions of manifest.yml differ:\n%s", diff)
	}
}
