package slack

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// manifest is the part of an app's manifest that affects the workspace. All
// other keys are in manifestShape. See
// https://docs.slack.dev/reference/app-manifest.
type manifest struct {
	Display struct {
		Name        string `yaml:"name"`
		Description string `yaml:"description"`
	} `yaml:"display_information"`
	Features struct {
		AppHome struct {
			HomeTab          bool `yaml:"home_tab_enabled"`
			MessagesTab      bool `yaml:"messages_tab_enabled"`
			MessagesReadOnly bool `yaml:"messages_tab_read_only_enabled"`
		} `yaml:"app_home"`
		BotUser *struct {
			DisplayName string `yaml:"display_name"`
		} `yaml:"bot_user"`
		AgentView *struct {
			Prompts []Prompt `yaml:"suggested_prompts"`
		} `yaml:"agent_view"`
		AssistantView *struct{}  `yaml:"assistant_view"`
		Commands      []Command  `yaml:"slash_commands"`
		Shortcuts     []Shortcut `yaml:"shortcuts"`
	} `yaml:"features"`
	OAuth struct {
		Scopes struct {
			Bot         []string `yaml:"bot"`
			BotOptional []string `yaml:"bot_optional"`
		} `yaml:"scopes"`
	} `yaml:"oauth_config"`
	Settings struct {
		Events struct {
			Bot        []string `yaml:"bot_events"`
			RequestURL string   `yaml:"request_url"`
		} `yaml:"event_subscriptions"`
		Interactivity struct {
			Enabled    bool   `yaml:"is_enabled"`
			RequestURL string `yaml:"request_url"`
		} `yaml:"interactivity"`
		SocketMode bool `yaml:"socket_mode_enabled"`
		OrgDeploy  bool `yaml:"org_deploy_enabled"`
		RotatesBot bool `yaml:"token_rotation_enabled"`
		RotatesApp bool `yaml:"app_level_token_rotation_enabled"`
	} `yaml:"settings"`

	// open is the manifest of an app with all permissions.
	open bool
	// written is the whole manifest.
	written any
}

var commandName = regexp.MustCompile(`^/[^\s/]{1,31}$`)

// parseManifest parses a manifest in YAML or JSON; nil means an app with all
// permissions.
func parseManifest(src []byte) (manifest, error) {
	if src == nil {
		return manifest{open: true}, nil
	}
	var written any
	if err := yaml.Unmarshal(src, &written); err != nil {
		return manifest{}, fmt.Errorf("parsing the app's manifest: %w", err)
	}
	if errs := manifestShape().check("", written); len(errs) > 0 {
		return manifest{}, fmt.Errorf("checking the app's manifest: %w", errors.Join(errs...))
	}
	var m manifest
	if err := yaml.Unmarshal(src, &m); err != nil {
		return manifest{}, fmt.Errorf("parsing the app's manifest: %w", err)
	}
	if err := m.check(); err != nil {
		return manifest{}, fmt.Errorf("checking the app's manifest: %w", err)
	}
	m.written = written
	return m, nil
}

// check returns the errors that Slack would report and the shape does not
// cover.
func (m *manifest) check() error {
	var errs []error
	if m.Features.AgentView != nil && m.Features.AssistantView != nil {
		errs = append(errs, problem{"features", "has both agent_view and assistant_view"})
	}
	for i, c := range m.Features.Commands {
		if !commandName.MatchString(c.Name) {
			errs = append(errs, problem{
				fmt.Sprintf("features.slash_commands[%d].command", i),
				fmt.Sprintf("is %q, must be / and 1 to 31 characters without spaces", c.Name),
			})
		}
	}
	return errors.Join(errs...)
}

// botName is the name of the bot user.
func (m *manifest) botName() string {
	switch {
	case m.open:
		return "app"
	case m.Features.BotUser != nil && m.Features.BotUser.DisplayName != "":
		return m.Features.BotUser.DisplayName
	}
	return m.Display.Name
}

// grants returns the scopes of an installation, with or without the optional ones. See
// https://docs.slack.dev/changelog/2026/03/16/optional-scopes.
func (m *manifest) grants(optional bool) []string {
	given := slices.Clone(m.OAuth.Scopes.Bot)
	for _, scope := range m.OAuth.Scopes.BotOptional {
		switch has := slices.Contains(given, scope); {
		case optional && !has:
			given = append(given, scope)
		case !optional && has:
			given = slices.DeleteFunc(given, func(s string) bool { return s == scope })
		}
	}
	return given
}

// prompts are the suggested prompts until the app sets others.
func (m *manifest) prompts() []Prompt {
	if m.Features.AgentView == nil {
		return nil
	}
	return slices.Clone(m.Features.AgentView.Prompts)
}

// appName is the name of the app.
func (m *manifest) appName() string {
	if m.open {
		return "App"
	}
	return m.Display.Name
}

func (m *manifest) subscribed(event string) bool {
	return m.open || slices.Contains(m.Settings.Events.Bot, event)
}

func (m *manifest) agent() bool {
	return m.open || m.Features.AgentView != nil || m.Features.AssistantView != nil
}

func (m *manifest) interactive() bool { return m.open || m.Settings.Interactivity.Enabled }

func (m *manifest) socketMode() bool { return m.open || m.Settings.SocketMode }

// rotates reports whether tokens of the kind expire.
func (m *manifest) rotates(kind tokenKind) bool {
	if kind == appTokens {
		return m.Settings.RotatesApp
	}
	return m.Settings.RotatesBot
}

func (m *manifest) homeTab() bool { return m.open || m.Features.AppHome.HomeTab }

// directMessages reports whether people can write to the app.
func (m *manifest) directMessages() bool {
	return m.open || m.Features.AppHome.MessagesTab && !m.Features.AppHome.MessagesReadOnly
}

func (m *manifest) hasCommand(command string) bool {
	if m.open {
		return strings.HasPrefix(command, "/")
	}
	return slices.ContainsFunc(m.Features.Commands, func(c Command) bool { return c.Name == command })
}

// hasShortcut reports whether there is a shortcut of this type ("message" or
// "global").
func (m *manifest) hasShortcut(callbackID, kind string) bool {
	return m.open || slices.ContainsFunc(m.Features.Shortcuts, func(s Shortcut) bool {
		return s.CallbackID == callbackID && s.Type == kind
	})
}
