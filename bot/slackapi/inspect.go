package slackapi

import (
	"context"
	"net/url"

	"enjobridge/bot/slackevent"
)

// Place is a channel as the bot sees it.
type Place struct {
	Name             string // empty for direct messages
	Archived, Member bool
	Direct           bool // a direct message, which has no members to invite
}

// Place looks up a channel for an operator. Slack does not tell private channels without
// the bot from channels that do not exist.
// https://docs.slack.dev/reference/methods/conversations.info
func (c *Client) Place(ctx context.Context, id string) (Place, error) {
	found, err := c.call(ctx, "conversations.info", url.Values{"channel": {id}})
	if err != nil {
		return Place{}, err
	}
	channel := found.Object("channel")
	p := Place{Name: slackevent.Truncate(channel.Text("name"), maxCode)}
	p.Archived, _ = slackevent.Field[bool](channel, "is_archived")
	p.Member, _ = slackevent.Field[bool](channel, "is_member")
	p.Direct, _ = slackevent.Field[bool](channel, "is_im")
	return p, nil
}

// Account is the account of a person or a bot.
type Account struct {
	Name    string
	Deleted bool // it is deactivated
}

// Account looks up an account for an operator, by the ID of the user or of the bot.
// https://docs.slack.dev/reference/methods/users.info
// https://docs.slack.dev/reference/methods/bots.info
func (c *Client) Account(ctx context.Context, id string) (Account, error) {
	method, field := "users.info", "user"
	if id != "" && id[0] == 'B' {
		method, field = "bots.info", "bot"
	}
	found, err := c.call(ctx, method, url.Values{field: {id}})
	if err != nil {
		return Account{}, err
	}
	account := found.Object(field)
	a := Account{Name: slackevent.Truncate(account.Text("name"), maxCode)}
	a.Deleted, _ = slackevent.Field[bool](account, "deleted")
	return a, nil
}

// UserGroups returns the handles of the user groups that are not disabled, by their IDs. It
// needs the scope usergroups:read, which the bot does without.
// https://docs.slack.dev/reference/methods/usergroups.list
func (c *Client) UserGroups(ctx context.Context) (map[string]string, error) {
	found, err := c.call(ctx, "usergroups.list", nil)
	if err != nil {
		return nil, err
	}
	groups := make(map[string]string)
	listed, _ := slackevent.Field[[]slackevent.Object](found, "usergroups")
	for _, g := range listed {
		groups[g.Text("id")] = slackevent.Truncate(g.Text("handle"), maxCode)
	}
	return groups, nil
}

// LimitsHistory reports whether Slack reads the history of a channel only about once a
// minute, as for apps that are distributed commercially outside its Marketplace. It reads
// one message twice, and keeps nothing of it.
// https://docs.slack.dev/apis/web-api/rate-limits/
func (c *Client) LimitsHistory(ctx context.Context, channel string) (bool, error) {
	for range 2 {
		_, err := c.call(ctx, "conversations.history", url.Values{"channel": {channel}, "limit": {"1"}})
		if Classify(err).Class == RateLimited {
			return true, nil
		} else if err != nil {
			return false, err
		}
	}
	return false, nil
}
