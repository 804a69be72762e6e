package setup

import (
	"errors"
	"fmt"
	"strings"

	"enjobridge/bot/slackapi"
	"enjobridge/enjo"
)

// tokenProblem returns the error of a call with a token as a *[refusal] or a *[delay]. The
// page is where the right token is.
func tokenProblem(err error, page string) error {
	switch slackapi.ErrorCode(err) {
	case "invalid_auth", "not_authed":
		return &refusal{"Slack does not know that token. Copy it again, from " + page + "."}
	case "account_inactive", "token_revoked":
		return &refusal{"That token is no longer valid. If the app was uninstalled, install it again. Then copy the token from " + page + "."}
	case "token_expired":
		return &refusal{"That token has expired. Copy the current one from " + page + "."}
	case "missing_scope":
		return &refusal{"That token lacks the scope connections:write. Generate another one with it."}
	case "not_allowed_token_type":
		return &refusal{"That is another kind of token. Copy the right one, from " + page + "."}
	}
	return slackProblem(err)
}

// creationProblem returns the error of creating an app as a *[refusal] or a *[delay].
func creationProblem(err error) error {
	if refused, ok := errors.AsType[*slackapi.ManifestError](err); ok {
		return &refusal{"Slack does not accept the app's manifest: " + shown(strings.Join(refused.Reasons, "; ")) +
			" Update enjobridge, or press Enter and create the app in your browser."}
	}
	const instead = " Or press Enter to create the app in your browser."
	switch code := slackapi.ErrorCode(err); code {
	case "invalid_auth", "not_authed", "token_expired", "token_revoked":
		return &refusal{"That configuration token is wrong or has expired: it is valid for 12 hours. Generate another one." + instead}
	case "not_allowed_token_type", "missing_scope":
		return &refusal{"That is another kind of token. Copy the Access Token of a configuration token." + instead}
	case "access_denied", "no_permission", "account_inactive", "failed_creating_app", "failed_adding_collaborator", "invalid_app":
		return &refusal{"Slack does not let you create the app (" + code + "). Ask an admin of the workspace whether you may create apps." + instead}
	}
	if slackapi.Classify(err).Class == slackapi.Unknown {
		return &delay{unreachable(err) + " Before you try again, see whether the app exists already."}
	}
	return slackProblem(err)
}

// slackProblem returns the error of a call that does not say that the token is wrong.
func slackProblem(err error) error {
	switch failure := slackapi.Classify(err); failure.Class {
	case slackapi.RateLimited:
		return &delay{fmt.Sprintf("Slack asks to wait for %.0f seconds.", failure.RetryAfter.Seconds())}
	case slackapi.Unknown:
		return &delay{unreachable(err)}
	case slackapi.Setup:
		return &delay{fmt.Sprintf("Slack refuses the call: %v. To fix it: %s.", err, failure.Hint)}
	}
	return &delay{fmt.Sprintf("Slack refuses the call: %v.", err)}
}

// unreachable describes a call without a usable response.
func unreachable(err error) string {
	return fmt.Sprintf("Slack can't be reached: %v. Check the network, and a proxy on the way to Slack (HTTPS_PROXY, SLACK_API_URL).", err)
}

// agentProblem returns the error of asking the agent with what to do. The setting is the
// one that is wrong; empty if none is.
func agentProblem(err error) (setting, text string) {
	failed, ok := errors.AsType[*enjo.Error](err)
	if !ok {
		return "", fmt.Sprintf("The agent can't be asked: %v.", err)
	}
	switch failed.Code {
	case enjo.BadToken:
		return "ENJO_TOKEN", "Enjo does not accept that token. Copy it again, or create another one."
	case enjo.InvalidBotID:
		return "ENJO_BOT_ID", "Enjo has no agent with that bot ID. Copy it again, from your AI agent in the Enjo dashboard."
	case enjo.WrongAddress:
		return "", "The Enjo API is not at that address. Check ENJO_API_URL, and a proxy on the way to it: " + shown(failed.Message) + "."
	case enjo.RateLimited:
		return "", "Enjo allows no more calls right now. Wait for a minute."
	case enjo.NotProcessed, enjo.OutcomeUnknown:
		return "", "The agent can't be reached right now: " + shown(failed.Message) + ". Check the network, and a proxy on the way to Enjo (HTTPS_PROXY, ENJO_API_URL)."
	}
	return "", "The agent does not answer the question: " + shown(failed.Message) + "."
}
