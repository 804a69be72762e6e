package main

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/urfave/cli/v3"
)

// versionCommand prints the version.
func versionCommand() *cli.Command {
	return &cli.Command{Name: "version", Usage: "print the version", Action: printVersion}
}

func printVersion(_ context.Context, c *cli.Command) error {
	_, err := fmt.Fprintf(c.Root().Writer, "enjobridge %s (%s)\n", version(), build())
	return err
}

// version returns the version of the binary.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "devel"
	}
	return info.Main.Version
}

// build describes what the binary was built from, with and for.
func build() string {
	parts := []string{runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH}
	if commit := commit(); commit != "" {
		parts = append([]string{"commit " + commit}, parts...)
	}
	return strings.Join(parts, ", ")
}

// commit returns the commit that the binary was built from; empty if it does not know it.
func commit() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	return commitOf(info.Settings)
}

// shortHash is the length of a commit's short hash.
const shortHash = 7

// commitOf returns the short hash of the commit in a build's settings, with +dirty if files
// had changed since; empty if there is none.
func commitOf(settings []debug.BuildSetting) string {
	var commit, dirty string
	for _, s := range settings {
		switch {
		case s.Key == "vcs.revision":
			commit = s.Value[:min(len(s.Value), shortHash)]
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = "+dirty"
		}
	}
	if commit == "" {
		return ""
	}
	return commit + dirty
}
