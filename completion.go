package main

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v3"
)

// showCompletion describes the command that prints a script for a shell, and has it accept
// nothing but the name of a shell.
func showCompletion(c *cli.Command) {
	c.Hidden = false
	c.HideHelpCommand = true
	c.Usage = "print a script that completes commands and flags in bash, zsh, fish or pwsh"
	c.UsageText = "enjobridge completion SHELL"
	c.Description = "bash: install the package bash-completion, and add to ~/.bashrc:\n" +
		"   source <(enjobridge completion bash)\n" +
		"zsh: add to ~/.zshrc, below compinit:\n" +
		"   source <(enjobridge completion zsh)\n" +
		"fish: run once:\n" +
		"   enjobridge completion fish > ~/.config/fish/completions/enjobridge.fish\n" +
		"pwsh: save the script as enjobridge.ps1, and run that file in your profile."
	c.Action = func(_ context.Context, c *cli.Command) error {
		if shell := c.Args().First(); shell != "" {
			return newUsageError(c, fmt.Sprintf("unknown shell %q: use bash, zsh, fish or pwsh", shell))
		}
		return newUsageError(c, "name a shell: bash, zsh, fish or pwsh")
	}
	c.OnUsageError = onUsageError
	for _, shell := range c.Commands {
		shell.Usage = "print the script for " + shell.Name
		shell.HideHelpCommand = true
		shell.ArgValidator = acceptArgs(0, 0)
		shell.OnUsageError = onUsageError
	}
}
