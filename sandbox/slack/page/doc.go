// Package page is a browser's client for a local Slack workspace.
//
// It shows the workspace as Slack shows its own: conversations at the left,
// messages in the middle, a thread at the right; Home tabs, modals, shortcuts
// and slash commands; and whoever looks at it can be any of the workspace's
// people. Two drawers show what Slack never does: the inspector, with every
// envelope and every call of the Web API and why it was refused, and the
// faults, which break things and show what the app does about it.
//
//	w, err := slack.Open(slack.Config{
//		Manifest: manifest,
//		Page: func(w *slack.Workspace) http.Handler { return page.New(w, page.Options{}) },
//	})
//	fmt.Println(w.URL())
//
// # How it works
//
// Everything that is seen is rendered here, by html/template. The browser loads
// a page once; after that a stream of server-sent events carries patches, each
// a piece of the same templates: an element with an id, to be put in place of
// the one with that id or into a list, or to be taken away. The script knows
// nothing of messages or channels. Because a patch is always the present state
// of what it shows, changes that come faster than the stream melt into one.
//
// # What it is safe against
//
// The page is served on this machine, and any website that its user visits can
// send requests there. It answers only if it is addressed as a loopback host
// (so that no foreign name can be bound to it), and it acts only on requests
// that its own pages make. Its Content-Security-Policy lets nothing run or load
// but its own files, whatever an app puts into a message.
package page
