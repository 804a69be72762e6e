package settings

import (
	"fmt"
	"iter"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/kelseyhightower/envconfig"
)

// load returns the settings as text, from the environment and from the files of secrets.
// An empty one has its default. If names are given, it prepares only these settings and
// reports only their problems.
func (r *reader) load(names ...string) (environment, error) {
	var env environment
	if err := envconfig.Process("", &env); err != nil {
		return environment{}, fmt.Errorf("reading the environment: %w", err)
	}
	for s, value := range env.all() {
		if len(names) > 0 && !slices.Contains(names, s.name) {
			continue
		}
		switch v := value.(type) {
		case *secret:
			r.readSecretOrPreset(s, v)
		case *string:
			*v = r.text(s, *v)
		}
	}
	return env, nil
}

// readSecretOrPreset prepares a secret, which can have a default.
func (r *reader) readSecretOrPreset(s setting, v *secret) {
	if s.preset == "" {
		r.readSecret(s.name, v)
		return
	}
	v.value = os.Getenv(s.name) // envconfig has set the default, also beside NAME_FILE
	r.readSecret(s.name, v)
	v.value = r.text(s, v.value)
}

// all yields the settings and pointers to their values: a *string or a *secret.
func (env *environment) all() iter.Seq2[setting, any] {
	return func(yield func(setting, any) bool) {
		for field, value := range reflect.ValueOf(env).Elem().Fields() {
			if !yield(settingOf(field), value.Addr().Interface()) {
				return
			}
		}
	}
}

// text returns the value of a setting without quotes, or its default.
func (r *reader) text(s setting, value string) string {
	value = strings.TrimSpace(value)
	if isQuoted(value) {
		r.problem(s.name, "has quotes around its value: "+unquoteHint)
		value = strings.TrimSpace(value[1 : len(value)-1])
	}
	if value == "" {
		return s.preset
	}
	return value
}

// unquoteHint says where quotes around a value come from: docker run -env-file does not
// remove them. https://docs.docker.com/reference/cli/docker/container/run/#env
const unquoteHint = "remove them (docker run --env-file takes quotes literally)"

// isQuoted reports whether a value is in quotes as a whole.
func isQuoted(value string) bool {
	if len(value) < 2 || (value[0] != '"' && value[0] != '\'') || value[len(value)-1] != value[0] {
		return false
	}
	return strings.IndexByte(value[1:], value[0]) == len(value)-2
}
