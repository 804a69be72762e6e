package settings

import (
	"reflect"
	"strings"
	"testing"
)

// minimal sets the required settings only.
func minimal(t *testing.T) {
	t.Helper()
	for name, value := range map[string]string{"SLACK_APP_TOKEN": "xapp-1", "SLACK_BOT_TOKEN": "xoxb-1", "ENJO_TOKEN": "token", "ENJO_BOT_ID": "bot"} {
		t.Setenv(name, value)
	}
}

// Ensure that an empty value means the default for each setting, also with spaces.
func TestEmptyMeansDefault(t *testing.T) {
	minimal(t)
	want, err := Read()
	if err != nil {
		t.Fatal(err)
	}
	for _, empty := range []string{"", " "} {
		for _, s := range all() {
			if s.from != "" { // it is required
				continue
			}
			t.Setenv(s.name, empty)
			if got, err := Read(); err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("with %s=%q it reads %+v, %v", s.name, empty, got, err)
			}
		}
	}
	t.Setenv("STORAGE", "")
	if store, err := ReadStorage(); err != nil || store.File != "enjobridge.db" {
		t.Errorf("the store's file is %q, %v", store.File, err)
	}
}

// Ensure that values in quotes are one problem each, which says to remove them.
func TestQuotedValues(t *testing.T) {
	minimal(t)
	t.Setenv("LOG_LEVEL", `"debug"`)
	t.Setenv("MAX_WAITING", `'10'`)
	t.Setenv("SUGGESTED_PROMPTS", `"VPN" broken?|What is "Enjo"`) // the quotes belong to it
	_, err := Read()
	if err == nil || strings.Count(err.Error(), "\n") != 2 ||
		!strings.Contains(err.Error(), "LOG_LEVEL has quotes around its value: remove them") || !strings.Contains(err.Error(), "MAX_WAITING has quotes") {
		t.Errorf("the error is %v", err)
	}
}
