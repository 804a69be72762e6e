package main

import (
	"archive/tar"
	"compress/gzip"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// imageUser is the user of the image, and its group: not root, and no user of Debian's.
const imageUser = 65532

// testImage builds the image of a release with Debian's buildah, and checks its
// settings, its files, and that its binary runs with nothing but them.
func testImage(t *testing.T, context, commit string) {
	config, layers := buildImage(t, context)
	checkImageConfig(t, config, commit)

	root := t.TempDir()
	files := make(map[string]*tar.Header)
	for _, layer := range layers {
		maps.Copy(files, unpack(t, layer, root))
	}
	want := []string{"data/", "enjobridge", "etc/", "etc/ssl/", "etc/ssl/certs/", "etc/ssl/certs/ca-certificates.crt", "licences.txt"}
	if got := slices.Sorted(maps.Keys(files)); !slices.Equal(got, want) {
		t.Fatalf("the image contains %q", got)
	}
	for name, header := range files {
		if owner := map[bool]int{true: imageUser}[name == "data/"]; header.Uid != owner || header.Gid != owner {
			t.Errorf("%s belongs to %d:%d", name, header.Uid, header.Gid)
		}
		if header.Mode&0o022 != 0 || header.Mode&0o004 == 0 {
			t.Errorf("%s has the mode %o", name, header.Mode)
		}
	}
	checkRoots(t, filepath.Join(root, "etc/ssl/certs/ca-certificates.crt"))
	checkRuns(t, root, filepath.Join(context, runtime.GOARCH, "enjobridge"))
}

// imageConfig is what the image sets.
// https://github.com/opencontainers/image-spec/blob/main/config.md
type imageConfig struct {
	User            string
	Env, Entrypoint []string
	Cmd             []string
	Volumes         map[string]struct{}
	Labels          map[string]string
}

func checkImageConfig(t *testing.T, config imageConfig, commit string) {
	t.Helper()
	if config.User != "65532:65532" || !slices.Equal(config.Entrypoint, []string{"/enjobridge"}) || len(config.Cmd) > 0 {
		t.Errorf("it runs %q %q as %s", config.Entrypoint, config.Cmd, config.User)
	}
	for _, want := range []string{"STORAGE=/data/enjobridge.db", "LOG_FORMAT=json"} {
		if !slices.Contains(config.Env, want) {
			t.Errorf("its environment is %q", config.Env)
		}
	}
	if _, ok := config.Volumes["/data"]; !ok || len(config.Volumes) != 1 {
		t.Errorf("its volumes are %v", config.Volumes)
	}
	if label := config.Labels["org.opencontainers.image.revision"]; label != commit || config.Labels["org.opencontainers.image.version"] == "" {
		t.Errorf("its labels are %v", config.Labels)
	}
}

// buildImage builds an image, and returns its settings and the files of its layers. It
// skips the test if buildah works nowhere here, not even for one file.
func buildImage(t *testing.T, context string) (imageConfig, []string) {
	t.Helper()
	if _, err := exec.LookPath("buildah"); err != nil {
		t.Fatal("buildah is missing: apt-get install buildah")
	}
	dir := t.TempDir()
	buildah := func(args ...string) *exec.Cmd {
		store := []string{"--storage-driver=vfs", "--root=" + filepath.Join(dir, "root"), "--runroot=" + filepath.Join(dir, "run")}
		return exec.Command("buildah", append(store, args...)...)
	}
	probe := filepath.Join(dir, "probe")
	if err := errors.Join(os.Mkdir(probe, 0o755), os.WriteFile(filepath.Join(probe, "Dockerfile"), []byte("FROM scratch\nCOPY Dockerfile /\n"), 0o600)); err != nil {
		t.Fatal(err)
	}
	if out, err := buildah("build", "--isolation=chroot", probe).CombinedOutput(); err != nil {
		t.Skipf("buildah does not work here: %v\n%s", err, out)
	}
	image := filepath.Join(dir, "image")
	output(t, buildah("build", "--isolation=chroot", "--tag=enjobridge", context))
	output(t, buildah("push", "enjobridge", "dir:"+image))

	type blob struct{ Digest string }
	var manifest struct {
		Config blob
		Layers []blob
	}
	var settings struct {
		OS, Architecture string
		Config           imageConfig
	}
	decodeFile(t, filepath.Join(image, "manifest.json"), &manifest)
	decodeFile(t, filepath.Join(image, strings.TrimPrefix(manifest.Config.Digest, "sha256:")), &settings)
	if settings.OS != "linux" || settings.Architecture != runtime.GOARCH {
		t.Errorf("it is for %s/%s", settings.OS, settings.Architecture)
	}
	var layers []string
	for _, layer := range manifest.Layers {
		layers = append(layers, filepath.Join(image, strings.TrimPrefix(layer.Digest, "sha256:")))
	}
	return settings.Config, layers
}

func decodeFile(t *testing.T, file string, into any) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// unpack writes the regular files of a layer below root, and returns all entries.
func unpack(t *testing.T, layer, root string) map[string]*tar.Header {
	t.Helper()
	file, err := os.Open(layer)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	plain, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	entries := make(map[string]*tar.Header)
	for archive := tar.NewReader(plain); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return entries
		}
		if err != nil {
			t.Fatal(err)
		}
		entries[header.Name] = header
		path := filepath.Join(root, header.Name)
		if header.Typeflag == tar.TypeDir {
			err = os.MkdirAll(path, 0o755)
		} else {
			err = place(path, header.FileInfo().Mode(), archive)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// place writes a file.
func place(path string, mode os.FileMode, content io.Reader) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, content)
	return errors.Join(err, file.Chmod(mode), file.Close())
}

// checkRoots checks that Go can read the root certificates.
func checkRoots(t *testing.T, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	count := strings.Count(string(text), "BEGIN CERTIFICATE")
	if pool := x509.NewCertPool(); !pool.AppendCertsFromPEM(text) || count < 100 {
		t.Errorf("%d certificates, of which Go can read none or too few", count)
	}
}

// checkRuns runs the binary as the image's user, with the image's files as the only ones.
func checkRuns(t *testing.T, root, binary string) {
	t.Helper()
	cmd := exec.Command("/enjobridge", "version")
	cmd.Dir, cmd.Env = "/", []string{}
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: imageUser, Gid: imageUser}}
	got, err := cmd.CombinedOutput()
	if errors.Is(err, syscall.EPERM) {
		t.Skip("running the image's binary needs root")
	}
	if want := output(t, exec.Command(binary, "version")); err != nil || strings.TrimSpace(string(got)) != want {
		t.Errorf("it prints %q, %v", got, err)
	}
}
