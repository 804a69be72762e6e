package settings

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
)

// used is the env file in use. It is global because the environment that it changes is.
var used struct {
	sync.Mutex
	file envFile
}

// envFile is an env file that was read; the zero value is none.
type envFile struct {
	path      string
	mode      os.FileMode
	variables []variable
	set       map[string]string // the variables of the environment that come from it
}

// UseEnvFile makes the settings in a file count as environment variables. A variable that
// is set in the environment takes precedence. The file takes the place of one that was
// used before; an empty path means no file. If the file is invalid, UseEnvFile returns
// an *[Error] and changes nothing.
func UseEnvFile(path string) error {
	used.Lock()
	defer used.Unlock()
	return use(path)
}

// use is UseEnvFile for callers that hold the lock.
func use(path string) error {
	var file envFile
	if path != "" {
		var problems []string
		if file, problems = readEnvFile(path); len(problems) > 0 {
			return &Error{problems}
		}
	}
	replace(file)
	return nil
}

// replace puts an env file in the place of the one in use.
func replace(file envFile) {
	for name, value := range used.file.set {
		if os.Getenv(name) == value {
			_ = os.Unsetenv(name) // the name is valid
		}
	}
	file.apply()
	used.file = file
}

// maxEnvFile is the maximum size of an env file, in bytes.
const maxEnvFile = 1 << 20

// readEnvFile reads an env file, or returns its problems.
func readEnvFile(path string) (envFile, []string) {
	content, err := readSmall(path, maxEnvFile)
	if err != nil {
		return envFile{}, []string{fmt.Sprintf("the env file %s %v", path, err)}
	}
	variables, problems := parseEnv(string(content))
	for i, problem := range problems {
		problems[i] = path + ":" + problem
	}
	file := envFile{path: path, variables: variables}
	if info, err := os.Stat(path); err == nil {
		file.mode = info.Mode()
	}
	return file, problems
}

// apply sets the variables of the file that are not in the environment.
func (f *envFile) apply() {
	f.set = make(map[string]string)
	for _, v := range f.variables {
		if v.value != "" && isRead(v.name) && os.Getenv(v.name) == "" && os.Getenv(twin(v.name)) == "" {
			f.set[v.name] = v.value
		}
	}
	for name, value := range f.set {
		_ = os.Setenv(name, value) // the name is valid, and the value has no zero byte
	}
}

// isRead reports whether enjobridge reads a variable: the settings, the files of secrets,
// the app configuration token, and what Go reads for connections. Other variables of a file
// change nothing, so that it can be shared with other programs.
func isRead(name string) bool {
	return isSetting(name) || slices.Contains([]string{
		configToken, configToken + fileSuffix, "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR",
	}, name)
}

// isSetting reports whether a variable is a setting, or names the file of a secret.
func isSetting(name string) bool {
	base, inFile := strings.CutSuffix(name, fileSuffix)
	return find(name).name != "" || inFile && find(base).secret
}

// twin returns the other variable that sets the same secret.
func twin(name string) string {
	if base, ok := strings.CutSuffix(name, fileSuffix); ok {
		return base
	}
	return name + fileSuffix
}

// inEnvironment returns the variable that sets a setting in the environment, without the env
// file: NAME, or NAME_FILE; empty if there is none.
func inEnvironment(name string) string {
	used.Lock()
	defer used.Unlock()
	for _, variable := range []string{name, name + fileSuffix} {
		if _, inFile := used.file.set[variable]; !inFile && strings.TrimSpace(os.Getenv(variable)) != "" {
			return variable
		}
	}
	return ""
}
