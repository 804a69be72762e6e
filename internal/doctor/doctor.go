// Package doctor checks the settings and everything that they lead to: the files, the
// network, Slack, Enjo and a running enjobridge. It changes nothing, and says what to fix.
package doctor

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"enjobridge/internal/settings"
)

// The times that checks take at most.
const (
	wholeTimeout = 30 * time.Second
	callTimeout  = 10 * time.Second // of one call
)

// Options say what to check.
type Options struct {
	Config   settings.Config
	Problems []string // of the settings, each beginning with the name of its setting
	Warnings []string // about how the settings are stored, each with its fix after a colon
	// Manifest is what the app's manifest should be, in YAML. It is compared with the app's
	// if there is a ConfigToken, an app configuration token of Slack.
	Manifest    []byte
	ConfigToken string
	// Ask asks each agent one question, which counts against Enjo's limits.
	Ask bool
}

// Question is what [Options.Ask] asks each agent.
const Question = "What can you help me with?"

// Run makes all checks, in at most 30 seconds and ENJO_TIMEOUT for the agents' answers. A
// check that needs the result of another one that failed is left out.
func Run(ctx context.Context, o Options) []Finding {
	d := &doctor{Options: o}
	checked, cancel := context.WithTimeout(ctx, wholeTimeout)
	defer cancel()

	d.checkSettings()
	d.checkProxies()
	d.checkRunning(checked)
	d.checkStore(checked)
	d.checkAddresses(checked)

	slack, agents := &doctor{Options: o, running: d.running, inUse: d.inUse, replicas: d.replicas}, &doctor{Options: o}
	var checking sync.WaitGroup
	checking.Go(func() { slack.checkSlack(checked) })
	checking.Go(func() {
		agents.checkEnjo(checked)
		agents.askAgents(ctx)
	})
	checking.Wait()
	return slices.Concat(d.findings, slack.findings, agents.findings)
}

// doctor makes checks one after the other, and collects their findings.
type doctor struct {
	Options
	findings []Finding
	running  bool // enjobridge answers at ADMIN_SOCKET
	replicas bool // replicas use the database, perhaps on other machines
	inUse    bool // a process uses the store: enjobridge runs, even if it does not answer
}

func (d *doctor) ok(check, message string) { d.add(Finding{check, OK, message, ""}) }

func (d *doctor) warn(check, message, fix string) { d.add(Finding{check, Warning, message, fix}) }

func (d *doctor) fail(check, message, fix string) { d.add(Finding{check, Error, message, fix}) }

func (d *doctor) add(f Finding) { d.findings = append(d.findings, f) }

// valid reports whether settings have no problems.
func (d *doctor) valid(names ...string) bool {
	return !slices.ContainsFunc(d.Problems, func(problem string) bool {
		name, _, _ := strings.Cut(problem, " ")
		return slices.Contains(names, strings.TrimSuffix(name, "_FILE"))
	})
}

// checkSettings reports the problems of the settings, and secrets that others can read.
func (d *doctor) checkSettings() {
	for _, problem := range d.Problems {
		message, fix, _ := strings.Cut(problem, ": ")
		switch name, _, _ := strings.Cut(message, " "); {
		case strings.HasSuffix(message, " is missing"):
			fix = "set it to " + fix
		case fix == "" && strings.HasSuffix(name, "_FILE"):
			fix = "correct the path in " + name + ", or that file"
		case fix == "":
			fix = "correct " + name
		}
		d.fail("settings", message, fix)
	}
	if len(d.Problems) == 0 {
		d.ok("settings", "all settings are valid")
	}
	for _, warning := range d.Warnings {
		message, fix, _ := strings.Cut(warning, ": ")
		d.warn("secrets", message, fix)
	}
}
