package settings

import (
	"fmt"
	"io"
	"reflect"
	"strings"
	"sync"
	"text/tabwriter"
)

// PrintHelp prints a table of all settings with their descriptions and defaults.
func PrintHelp(out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, s := range all() {
		fmt.Fprintf(table, "  %s\t%s\n", s.name, s.describe())
	}
	fmt.Fprintf(table, "\n  NAME%s\tthe path of a file with the secret NAME, for: %s\n", fileSuffix, strings.Join(secrets(), ", "))
	return table.Flush()
}

// setting describes one field of environment.
type setting struct {
	name, preset, desc, from string
	secret                   bool // it can be in a file that NAME_FILE names
	live                     bool // a running bot can use another value
}

// describe returns the setting's description with its default.
func (s setting) describe() string {
	switch {
	case s.from != "":
		return s.desc + " (required)"
	case s.preset != "":
		return s.desc + " (" + s.preset + ")"
	}
	return s.desc
}

// all returns the settings in the order of their documentation.
var all = sync.OnceValue(func() []setting {
	var settings []setting
	for field := range reflect.TypeFor[environment]().Fields() {
		settings = append(settings, settingOf(field))
	}
	return settings
})

func settingOf(field reflect.StructField) setting {
	return setting{
		name:   field.Tag.Get("envconfig"),
		preset: field.Tag.Get("default"),
		desc:   field.Tag.Get("desc"),
		from:   field.Tag.Get("from"),
		secret: field.Type == reflect.TypeFor[secret](),
		live:   field.Tag.Get("live") == "true",
	}
}

// find returns a setting by name; the zero value if there is none.
func find(name string) setting {
	for _, s := range all() {
		if s.name == name {
			return s
		}
	}
	return setting{}
}

// secrets returns the names of the settings that are secret.
func secrets() []string {
	var names []string
	for _, s := range all() {
		if s.secret {
			names = append(names, s.name)
		}
	}
	return names
}
