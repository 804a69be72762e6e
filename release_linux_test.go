package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// Ensure that releases are reproducible and complete, and that the image works. Builds
// take a while and can need the network, so that only CI does them.
func TestRelease(t *testing.T) {
	if os.Getenv("ENJOBRIDGE_RELEASE") != "1" {
		t.Skip("this builds two releases, and an image with buildah: set ENJOBRIDGE_RELEASE=1")
	}
	commit := output(t, exec.Command("git", "rev-parse", "HEAD"))
	dist := release(t, "umask 022", "TZ=UTC", "LC_ALL=C")
	again := release(t, "umask 077", "TZ=Asia/Tokyo", "GOAMD64=v2", "GOFLAGS=-tags=other", "CGO_ENABLED=1")

	t.Run("reproducible", func(t *testing.T) { sameFiles(t, dist, again) })
	t.Run("version", func(t *testing.T) { testStamp(t, binaryIn(t, dist), commit) })
	t.Run("SBOM", func(t *testing.T) { testSBOM(t, binaryIn(t, dist)) })
	t.Run("licences", func(t *testing.T) { testLicences(t, dist) })
	t.Run("checksums", func(t *testing.T) { testChecksums(t, dist) })
	t.Run("image", func(t *testing.T) { testImage(t, filepath.Join(dist, "image"), commit) })
}

// release builds a release of HEAD for this platform in a new clone, with a umask and
// variables of the environment, and returns its directory.
func release(t *testing.T, umask string, env ...string) string {
	t.Helper()
	dir := t.TempDir()
	clone, dist, temporary := filepath.Join(dir, "clone"), filepath.Join(dir, "dist"), filepath.Join(dir, "tmp")
	output(t, exec.Command("git", "clone", "--quiet", ".", clone))
	if err := os.Mkdir(temporary, 0o700); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sh", "-c", umask+" && exec .ci/release")
	cmd.Dir = clone
	cmd.Env = append(os.Environ(), "DIST="+dist, "PLATFORMS="+runtime.GOOS+"/"+runtime.GOARCH, "TMPDIR="+temporary)
	cmd.Env = append(cmd.Env, env...)
	output(t, cmd)
	return dist
}

// output runs a command, which must succeed, and returns what it prints.
func output(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", cmd, err, out, &stderr)
	}
	return strings.TrimSpace(string(out))
}

// sameFiles compares the names, modes and contents of all files in two directories.
func sameFiles(t *testing.T, a, b string) {
	t.Helper()
	first, second := contents(t, a), contents(t, b)
	if len(first) < 8 {
		t.Errorf("there are only %q", slices.Sorted(maps.Keys(first)))
	}
	for name := range second {
		if _, ok := first[name]; !ok {
			t.Errorf("the second release has another file: %s", name)
		}
	}
	for name, content := range first {
		if second[name] != content {
			t.Errorf("%s differs", name)
		}
	}
}

// contents returns the mode and the checksum of each file in a directory, by name.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	err := filepath.WalkDir(dir, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || file == dir {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, file)
		if err != nil {
			return err
		}
		files[name] = info.Mode().String()
		if entry.Type().IsRegular() {
			files[name] += " " + checksum(t, file)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// checksum returns a file's SHA-256 in hexadecimal.
func checksum(t *testing.T, file string) string {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// binaryIn returns the path of the binary in a release.
func binaryIn(t *testing.T, dist string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dist, "enjobridge-*-"+runtime.GOOS+"-"+runtime.GOARCH))
	if err != nil || len(found) != 1 {
		t.Fatalf("the binaries are %q, %v", found, err)
	}
	return found[0]
}

// testStamp checks that a binary says which commit it is of.
func testStamp(t *testing.T, binary, commit string) {
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	stamps := make(map[string]string)
	for _, setting := range info.Settings {
		stamps[setting.Key] = setting.Value
	}
	if stamps["vcs.revision"] != commit || stamps["vcs.modified"] != "false" {
		t.Errorf("it is stamped with %v, want %s", stamps, commit)
	}
	got := output(t, exec.Command(binary, "version"))
	if !strings.HasPrefix(got, "enjobridge "+info.Main.Version+" ") || !strings.Contains(got, commit[:7]) {
		t.Errorf("it prints %q, of version %s", got, info.Main.Version)
	}
}

// testSBOM checks that the SBOM of a binary lists every module in it.
func testSBOM(t *testing.T, binary string) {
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(binary + ".cdx.json")
	if err != nil {
		t.Fatal(err)
	}
	var bom struct {
		BOMFormat, SerialNumber string
		Metadata                struct{ Timestamp string }
		Components              []struct{ Name, Version string }
	}
	if err := json.Unmarshal(text, &bom); err != nil {
		t.Fatal(err)
	}
	if bom.BOMFormat != "CycloneDX" || bom.SerialNumber != "" || bom.Metadata.Timestamp != "" {
		t.Errorf("format %q, serial number %q, time %q", bom.BOMFormat, bom.SerialNumber, bom.Metadata.Timestamp)
	}
	want := []string{"std " + info.GoVersion}
	for _, module := range info.Deps {
		want = append(want, module.Path+" "+module.Version)
	}
	var got []string
	for _, component := range bom.Components {
		got = append(got, component.Name+" "+component.Version)
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("it lists\n%s\nthe binary contains\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// testLicences checks that a release comes with the licence of each module in its binary.
func testLicences(t *testing.T, dist string) {
	info, err := buildinfo.ReadFile(binaryIn(t, dist))
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dist, "enjobridge-*-licences.txt"))
	if err != nil || len(files) != 1 {
		t.Fatalf("the licences are in %q, %v", files, err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	titles := []string{"MIT License", "\n=== Go\n"}
	for _, module := range info.Deps {
		titles = append(titles, "\n=== "+module.Path+" "+module.Version+", ")
	}
	for _, title := range titles {
		if !strings.Contains(string(text), title) {
			t.Errorf("%q is missing", title)
		}
	}
}

// testChecksums checks that SHA256SUMS has the checksum of each file of the release.
func testChecksums(t *testing.T, dist string) {
	sums, err := os.Open(filepath.Join(dist, "SHA256SUMS"))
	if err != nil {
		t.Fatal(err)
	}
	defer sums.Close()
	var listed []string
	for lines := bufio.NewScanner(sums); lines.Scan(); {
		sum, name, _ := strings.Cut(lines.Text(), "  ")
		if got := checksum(t, filepath.Join(dist, name)); got != sum {
			t.Errorf("the checksum of %s is %s, not %s", name, got, sum)
		}
		listed = append(listed, filepath.Join(dist, name))
	}
	files, err := filepath.Glob(filepath.Join(dist, "enjobridge-*"))
	if err != nil || !slices.Equal(listed, files) {
		t.Errorf("it lists %q of %q, %v", listed, files, err)
	}
}
