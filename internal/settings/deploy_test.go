package settings

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// deployed lists the files that set settings, with expressions for their names there.
var deployed = map[string]*regexp.Regexp{
	"Dockerfile":                      regexp.MustCompile(`(?m)^ENV (\w+)=`),
	"compose.yml":                     regexp.MustCompile(`(?m)^      ([A-Z]\w*): `),
	"kubernetes/statefulset.yaml":     regexp.MustCompile(`(?m)^            - name: ([A-Z]\w*)`),
	"kubernetes/settings.env.example": regexp.MustCompile(`(?m)^(\w+)=`),
	"kubernetes/secrets.env.example":  regexp.MustCompile(`(?m)^(\w+)=`),
	"enjobridge.service":              regexp.MustCompile(`(?m)^Environment=(\w+)=`),
	"enjobridge-backup.service":       regexp.MustCompile(`(?m)^Environment=(\w+)=`),
}

// Ensure that the files for systemd, Docker and Kubernetes set only settings that exist:
// enjobridge ignores other variables.
func TestDeployedSettingsExist(t *testing.T) {
	exists := make(map[string]bool)
	for field := range reflect.TypeFor[environment]().Fields() {
		name := field.Tag.Get("envconfig")
		exists[name] = true
		exists[name+fileSuffix] = field.Type == reflect.TypeFor[secret]()
	}
	for file, names := range deployed {
		found := names.FindAllStringSubmatch(readDeployed(t, file), -1)
		if len(found) == 0 {
			t.Errorf("%s sets no setting", file)
		}
		for _, match := range found {
			if !exists[match[1]] {
				t.Errorf("%s sets %s, which is no setting", file, match[1])
			}
		}
	}
}

// Ensure that every start has all required settings: from the files themselves, or from
// files that they name to the operator.
func TestDeployedSettingsAreComplete(t *testing.T) {
	for _, files := range [][]string{{"compose.yml"}, {"enjobridge.service"}, {"kubernetes/settings.env.example", "kubernetes/secrets.env.example"}} {
		var texts strings.Builder
		for _, file := range files {
			texts.WriteString(readDeployed(t, file))
		}
		for _, name := range []string{"SLACK_APP_TOKEN", "SLACK_BOT_TOKEN", "ENJO_TOKEN", "ENJO_BOT_ID"} {
			if !strings.Contains(texts.String(), name) {
				t.Errorf("%s do not name %s", files, name)
			}
		}
	}
}

// readDeployed returns the text of a file in the directory deploy.
func readDeployed(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "deploy", filepath.FromSlash(file)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
