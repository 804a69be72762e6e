package deploy_test

import (
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
)

// composeFiles are the Compose files, with their other services.
var composeFiles = map[string][]string{"compose.yml": nil, "compose-replicated.yml": {"database"}}

// eachCompose runs a test with each Compose file.
func eachCompose(t *testing.T, test func(*testing.T, *types.Project, types.ServiceConfig)) {
	for name := range composeFiles {
		t.Run(name, func(t *testing.T) {
			project, service := composed(t, name)
			test(t, project, service)
		})
	}
}

// composed returns the service in a file, which must follow the Compose specification.
func composed(t *testing.T, name string) (*types.Project, types.ServiceConfig) {
	t.Helper()
	// Settings of the operator, without which the file cannot be loaded.
	dir := t.TempDir()
	file, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "enjobridge.env"), []byte("ENJO_BOT_ID=bot\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	project, err := loader.LoadWithContext(t.Context(), types.ConfigDetails{
		WorkingDir:  dir,
		ConfigFiles: []types.ConfigFile{{Filename: filepath.Join(dir, name), Content: file}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := append([]string{"enjobridge"}, composeFiles[name]...); !slices.Equal(slices.Sorted(maps.Keys(project.Services)), slices.Sorted(slices.Values(want))) {
		t.Fatalf("%s has the services %q", name, project.ServiceNames())
	}
	return project, project.Services["enjobridge"]
}

// Ensure that the container can write to its volume only, has no capabilities, and gets
// the time that enjobridge needs to stop.
func TestComposeConfinesTheContainer(t *testing.T) {
	eachCompose(t, func(t *testing.T, _ *types.Project, service types.ServiceConfig) {
		if !service.ReadOnly || service.Privileged {
			t.Error("its root can be written to")
		}
		if !slices.Equal(service.CapDrop, []string{"ALL"}) || len(service.CapAdd) > 0 {
			t.Errorf("it drops %q and adds %q", service.CapDrop, service.CapAdd)
		}
		if !slices.Contains(service.SecurityOpt, "no-new-privileges:true") {
			t.Errorf("its security options are %q", service.SecurityOpt)
		}
		if service.StopGracePeriod == nil || time.Duration(*service.StopGracePeriod) < 40*time.Second {
			t.Errorf("it is killed after %v", service.StopGracePeriod)
		}
		if service.Restart != types.RestartPolicyUnlessStopped {
			t.Errorf("it restarts %s", service.Restart)
		}
	})
}

// Ensure that one process uses the store, which is in the volume.
func TestComposeStore(t *testing.T) {
	_, service := composed(t, "compose.yml")
	if service.GetScale() != 1 {
		t.Errorf("%d processes use the store", service.GetScale())
	}
	storage := imageEnv(t, "STORAGE")
	if len(service.Volumes) != 1 || service.Volumes[0].Target != path.Dir(storage) || service.Volumes[0].Type != types.VolumeTypeVolume {
		t.Errorf("the store is %s, the volumes are %+v", storage, service.Volumes)
	}
}

// Ensure that each setting that names a file of a secret names one that is there.
func TestComposeSecretsAreFiles(t *testing.T) {
	eachCompose(t, func(t *testing.T, project *types.Project, service types.ServiceConfig) {
		for name, secret := range project.Secrets {
			if secret.File == "" {
				t.Errorf("%s is not a file", name)
			}
		}
		files := 0
		for name, value := range service.Environment {
			base, ok := strings.CutSuffix(name, "_FILE")
			if !ok {
				continue
			}
			files++
			secret := strings.ToLower(base)
			if *value != "/run/secrets/"+secret || !slices.ContainsFunc(service.Secrets, func(s types.ServiceSecretConfig) bool { return s.Source == secret }) {
				t.Errorf("%s is %s, the secrets are %+v", name, *value, service.Secrets)
			}
		}
		if files != len(service.Secrets) {
			t.Errorf("%d settings name files, of %d secrets", files, len(service.Secrets))
		}
	})
}

// Ensure that this machine alone can reach the port that enjobridge listens at.
func TestComposePublishesThePortLocally(t *testing.T) {
	_, service := composed(t, "compose.yml")
	for _, port := range service.Ports {
		if port.HostIP != "127.0.0.1" || int(port.Target) != portOf(t, *service.Environment["HTTP_ADDR"]) {
			t.Errorf("it publishes %+v", port)
		}
	}
	if len(service.Ports) != 1 {
		t.Errorf("it publishes %d ports", len(service.Ports))
	}
}
