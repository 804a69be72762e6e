package settings

import (
	"fmt"
	"io"
	"reflect"
	"text/tabwriter"
)

// PrintHelp prints a table of all settings with their descriptions and defaults.
func PrintHelp(out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, s := range all() {
		fmt.Fprintf(table, "  %s\t%s\n", s.name, s.describe())
	}
	return table.Flush()
}

// setting holds the tags of one field of environment.
type setting struct{ name, preset, desc, from string }

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
func all() []setting {
	var settings []setting
	for field := range reflect.TypeFor[environment]().Fields() {
		settings = append(settings, setting{
			name:   field.Tag.Get("envconfig"),
			preset: field.Tag.Get("default"),
			desc:   field.Tag.Get("desc"),
			from:   field.Tag.Get("from"),
		})
	}
	return settings
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
