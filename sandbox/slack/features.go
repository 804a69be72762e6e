package slack

import "slices"

// Features is what people see of the app in their client, from its manifest.
// See https://docs.slack.dev/reference/app-manifest#features.
type Features struct {
	// Name is the app's name, Description the one in its listing.
	Name, Description string
	Commands          []Command
	Shortcuts         []Shortcut
	// HomeTab and MessagesTab say which tabs the app's page has.
	HomeTab, MessagesTab bool
	// Agent says that the app has the Agents feature: each message to it starts a
	// thread.
	Agent bool
}

// Command is a slash command.
type Command struct {
	Name        string `yaml:"command"` // with its slash
	Description string `yaml:"description"`
	UsageHint   string `yaml:"usage_hint"`
}

// Shortcut is an entry of the shortcuts menu, or of a message's menu.
type Shortcut struct {
	Name        string `yaml:"name"`
	Type        string `yaml:"type"` // global or message
	CallbackID  string `yaml:"callback_id"`
	Description string `yaml:"description"`
}

// Features returns what people see of the app. Without a manifest, no commands
// are known.
func (w *Workspace) Features() Features {
	w.mu.Lock()
	defer w.mu.Unlock()
	m := &w.manifest
	return Features{
		Name: m.appName(), Description: m.Display.Description,
		Commands: slices.Clone(m.Features.Commands), Shortcuts: slices.Clone(m.Features.Shortcuts),
		HomeTab: m.homeTab(), MessagesTab: m.directMessages(), Agent: m.agent(),
	}
}
