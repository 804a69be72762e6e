// Package page is a web client for a local Slack workspace.
//
// It looks like Slack: conversations on the left, messages in the middle, a
// thread on the right, and Home tabs, modals, shortcuts and slash commands. The
// viewer can act as any of the workspace's people. Two drawers show what Slack
// does not: the inspector, with every envelope and every call of the Web API
// and why it was refused, and the faults, which simulate failures and show how
// the app reacts.
//
//	w, err := slack.Open(slack.Config{
//		Manifest: manifest,
//		Page: func(w *slack.Workspace) http.Handler { return page.New(w, page.Options{}) },
//	})
//	fmt.Println(w.URL())
//
// # How it works
//
// The server renders everything with html/template. The browser loads a page
// once. After that, a stream of server-sent events carries patches, each
// rendered by the same templates: an element with an id, which replaces the one
// with that id, is inserted into a list, or is removed. The script knows
// nothing about messages or channels. A patch is always the current state of
// what it shows, so that changes that are faster than the stream are combined.
//
// # Security
//
// The page is served on this machine, and any website that its user visits can
// send requests to it. It answers only requests to a loopback host, so that no
// foreign name can be bound to it, and it acts only on requests from its own
// pages. Its Content-Security-Policy allows only its own files to run or load,
// whatever an app puts into a message.
package page
