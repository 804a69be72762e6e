package slack

import (
	"encoding/base64"
	"slices"
	"strings"
)

// conversationsInfo is https://docs.slack.dev/reference/methods/conversations.info.
func (w *Workspace) conversationsInfo(req request) (object, error) {
	c, err := w.scopedChannel(req, "channel", "read")
	if err != nil {
		return nil, err
	}
	o := w.apiChannel(c)
	if req.flag("include_num_members") {
		o["num_members"] = len(c.Members)
	}
	return object{"channel": o}, nil
}

// apiChannel returns a conversation in the Web API's format. See
// https://docs.slack.dev/reference/objects/conversation-object.
func (w *Workspace) apiChannel(c *channel) object {
	teams := c.Teams
	if len(teams) == 0 {
		teams = []string{w.app.teamID}
	}
	o := object{
		"id": c.ID, "created": c.created.Unix(), "is_archived": c.Archived,
		"is_channel": c.Kind == Public, "is_group": c.Kind == Private, "is_im": c.Kind == Direct, "is_mpim": c.Kind == Group,
		"is_private": c.Kind != Public, "is_org_shared": len(teams) > 1, "context_team_id": w.home(c),
		"shared_team_ids": teams, "internal_team_ids": teams, "is_shared": c.Shared || len(teams) > 1, "is_ext_shared": c.Shared, "is_pending_ext_shared": false,
		"updated": c.created.UnixMilli(),
	}
	if c.Kind == Direct {
		for _, user := range c.Members {
			if user != w.app.userID {
				o["user"], o["is_user_deleted"] = user, w.usersByID[user] != nil && w.usersByID[user].Deleted
			}
		}
		return o
	}
	o["name"], o["name_normalized"], o["is_member"] = c.Name, c.Name, c.has(w.app.userID)
	c.apiPosting(o)
	o["is_general"], o["unlinked"], o["creator"] = false, 0, slackbot
	o["topic"] = object{"value": c.Topic, "creator": "", "last_set": 0}
	o["purpose"] = object{"value": "", "creator": "", "last_set": 0}
	return o
}

// conversationsHistory is https://docs.slack.dev/reference/methods/conversations.history.
func (w *Workspace) conversationsHistory(req request) (object, error) {
	c, err := w.readable(req)
	if err != nil {
		return nil, err
	}
	var found []*Message
	for _, m := range slices.Backward(c.messages) {
		if !m.isReply() || m.Subtype == "thread_broadcast" {
			found = append(found, m)
		}
	}
	page, err := w.page(req, found, 100, 999)
	if err != nil {
		return nil, err
	}
	page["pin_count"], page["channel_actions_ts"], page["channel_actions_count"] = 0, nil, 0
	return page, nil
}

// conversationsReplies is
// https://docs.slack.dev/reference/methods/conversations.replies: the root and its
// replies, oldest first. Each page starts with the root. With the ts of a reply
// only that is returned, unlike documented: see
// https://github.com/slackapi/bolt-python/issues/783.
func (w *Workspace) conversationsReplies(req request) (object, error) {
	c, err := w.readable(req)
	if err != nil {
		return nil, err
	}
	m := c.byTS[req.text("ts")]
	if m == nil || m.Deleted || m.EphemeralTo != "" {
		return nil, ErrThreadNotFound
	}
	page, err := w.page(req, c.replies[m.TS], 1000, 1000)
	if err != nil {
		return nil, err
	}
	first := w.apiMessage(m, req.flag("include_all_metadata"))
	page["messages"] = append([]object{first}, page["messages"].([]object)...)
	return page, nil
}

// readable returns the conversation whose messages the app may read.
func (w *Workspace) readable(req request) (*channel, error) {
	c, err := w.scopedChannel(req, "channel", "history")
	if err != nil {
		return nil, err
	}
	if !c.has(w.app.userID) {
		return nil, ErrNotInChannel
	}
	return c, nil
}

// page returns the messages selected by the arguments oldest, latest,
// inclusive, limit and cursor, in the given order.
func (w *Workspace) page(req request, messages []*Message, standard, most int) (object, error) {
	n, err := req.limit(standard, most)
	if err != nil {
		return nil, err
	}
	after, err := cursorKey(req.text("cursor"), "next_ts")
	if err != nil {
		return nil, err
	}
	metadata := req.flag("include_all_metadata")
	shown, skipping, next := []object{}, after != "", ""
	for _, m := range messages {
		if skipping {
			skipping = m.TS != after
			if skipping {
				continue
			}
		}
		if m.Deleted || m.EphemeralTo != "" || !within(req, m.TS) {
			continue
		}
		if len(shown) == n {
			next = m.TS
			break
		}
		shown = append(shown, w.apiMessage(m, metadata))
	}
	if skipping {
		return nil, Error("invalid_cursor")
	}
	return object{
		"messages": shown, "has_more": next != "", "response_metadata": object{"next_cursor": cursor("next_ts", next)},
	}, nil
}

// within reports whether the ts is between the arguments oldest and latest.
func within(req request, ts string) bool {
	oldest, latest, inclusive := req.text("oldest"), req.text("latest"), req.flag("inclusive")
	switch {
	case oldest != "" && oldest != "0" && (compareTS(ts, oldest) < 0 || !inclusive && compareTS(ts, oldest) == 0):
		return false
	case latest != "" && latest != "now" && (compareTS(ts, latest) > 0 || !inclusive && compareTS(ts, latest) == 0):
		return false
	}
	return true
}

// compareTS compares two timestamps; the second may have no fraction.
func compareTS(a, b string) int {
	aSec, aFraction, _ := strings.Cut(a, ".")
	bSec, bFraction, _ := strings.Cut(b, ".")
	if len(aSec) != len(bSec) {
		return len(aSec) - len(bSec)
	}
	pad := func(s string) string { return (s + "000000")[:6] }
	return strings.Compare(aSec+pad(aFraction), bSec+pad(bFraction))
}

// cursor returns an opaque text for the start of the next page; empty if there
// is none.
func cursor(kind, key string) string {
	if key == "" {
		return ""
	}
	return base64.StdEncoding.EncodeToString([]byte(kind + ":" + key))
}

// cursorKey is the inverse of cursor.
func cursorKey(cursor, kind string) (string, error) {
	if cursor == "" {
		return "", nil
	}
	plain, err := base64.StdEncoding.DecodeString(cursor)
	key, found := strings.CutPrefix(string(plain), kind+":")
	if err != nil || !found || key == "" {
		return "", Error("invalid_cursor")
	}
	return key, nil
}

// repeatPage makes the cursor of a page lead to the same page again. The last item of
// the first page, which needs no cursor, is returned again and again.
func repeatPage(req request, body object) {
	again := req.text("cursor")
	if again == "" {
		again = cursorOfLast(req, body)
	}
	if again != "" {
		body["response_metadata"] = object{"next_cursor": again}
	}
}

// cursorOfLast returns the cursor of a page that begins with the last item of this one;
// empty if there is none.
func cursorOfLast(req request, body object) string {
	for field, key := range map[string]struct{ kind, name string }{"messages": {"next_ts", "ts"}, "channels": {"id", "id"}} {
		items, _ := body[field].([]object)
		if len(items) == 0 {
			continue
		}
		last, _ := items[len(items)-1][key.name].(string)
		if last == req.text("ts") { // the root of a thread without replies, which begins each page
			return ""
		}
		return cursor(key.kind, last)
	}
	return ""
}

// pageOf returns the part of all selected by limit and cursor, and the next
// cursor.
func pageOf[T any](req request, all []T, id func(T) string, standard int) ([]T, object, error) {
	n, err := req.limit(standard, 1000)
	if err != nil {
		return nil, nil, err
	}
	from, err := cursorKey(req.text("cursor"), "id")
	if err != nil {
		return nil, nil, err
	}
	start := 0
	if from != "" {
		if start = slices.IndexFunc(all, func(v T) bool { return id(v) == from }); start < 0 {
			return nil, nil, Error("invalid_cursor")
		}
	}
	end, next := min(len(all), start+n), ""
	if end < len(all) {
		next = cursor("id", id(all[end]))
	}
	return all[start:end], object{"next_cursor": next}, nil
}

// conversationsList is https://docs.slack.dev/reference/methods/conversations.list.
func (w *Workspace) conversationsList(req request) (object, error) {
	team, err := w.teamArg(req)
	if err != nil {
		return nil, err
	}
	return w.listChannels(req, func(c *channel) bool { return w.sees(c) && w.in(c, team) })
}

// usersConversations is https://docs.slack.dev/reference/methods/users.conversations.
func (w *Workspace) usersConversations(req request) (object, error) {
	team, err := w.teamArg(req)
	if err != nil {
		return nil, err
	}
	user := req.text("user")
	if user != "" && w.usersByID[user] == nil {
		return nil, ErrUserNotFound
	}
	return w.listChannels(req, func(c *channel) bool {
		return w.sees(c) && w.in(c, team) && (user == "" && c.has(w.app.userID) || c.has(user))
	})
}

// listChannels lists the conversations of the requested types for which match
// returns true.
func (w *Workspace) listChannels(req request, match func(*channel) bool) (object, error) {
	kinds := map[ChannelKind]bool{}
	types := req.list("types")
	if len(types) == 0 {
		types = []string{"public_channel"}
	}
	for _, t := range types {
		kind, known := map[string]ChannelKind{"public_channel": Public, "private_channel": Private, "im": Direct, "mpim": Group}[t]
		switch {
		case !known:
			return nil, Error("invalid_types")
		case !w.uses(conversationScope(kind, "read")):
			return nil, w.missingScope(conversationScope(kind, "read"))
		}
		kinds[kind] = true
	}
	var all []*channel
	for _, c := range w.channels {
		if kinds[c.Kind] && match(c) && !(c.Archived && req.flag("exclude_archived")) {
			all = append(all, c)
		}
	}
	part, next, err := pageOf(req, all, func(c *channel) string { return c.ID }, 100)
	if err != nil {
		return nil, err
	}
	shown := make([]object, 0, len(part))
	for _, c := range part {
		shown = append(shown, w.apiChannel(c))
	}
	return object{"channels": shown, "response_metadata": next}, nil
}

// conversationsMembers is https://docs.slack.dev/reference/methods/conversations.members.
func (w *Workspace) conversationsMembers(req request) (object, error) {
	c, err := w.scopedChannel(req, "channel", "read")
	if err != nil {
		return nil, err
	}
	part, next, err := pageOf(req, c.Members, func(id string) string { return id }, 100)
	if err != nil {
		return nil, err
	}
	return object{"members": append([]string{}, part...), "response_metadata": next}, nil
}

// conversationsOpen is https://docs.slack.dev/reference/methods/conversations.open.
func (w *Workspace) conversationsOpen(req request) (object, error) {
	users := req.list("users")
	for _, id := range users {
		if w.usersByID[id] == nil {
			return nil, ErrUserNotFound
		}
	}
	var c *channel
	already := len(w.channels)
	switch {
	case req.text("channel") != "":
		if c = w.channelsBy[req.text("channel")]; c == nil || !w.sees(c) {
			return nil, ErrChannelNotFound
		}
	case len(users) == 0:
		return nil, Error("users_list_not_supplied")
	case len(users) == 1 && users[0] == w.app.userID:
		return nil, Error("cannot_dm_bot")
	case len(users) == 1 && !w.uses("im:write"):
		return nil, w.missingScope("im:write")
	case len(users) == 1:
		c = w.direct(users[0])
	case !w.uses("mpim:write"):
		return nil, w.missingScope("mpim:write")
	default:
		c = w.group(append(users, w.app.userID))
	}
	if req.flag("return_im") {
		return object{"channel": w.apiChannel(c)}, nil
	}
	known := already == len(w.channels)
	return object{"channel": object{"id": c.ID}, "no_op": known, "already_open": known}, nil
}

// group returns the group message of exactly these users.
func (w *Workspace) group(users []string) *channel {
	slices.Sort(users)
	users = slices.Compact(users)
	for _, c := range w.channels {
		if c.Kind == Group && slices.Equal(slices.Sorted(slices.Values(c.Members)), users) {
			return c
		}
	}
	return w.addChannel(Channel{Kind: Group, Name: "mpdm-" + strings.ToLower(strings.Join(users, "--")), Members: users})
}

// conversationsJoin is https://docs.slack.dev/reference/methods/conversations.join.
func (w *Workspace) conversationsJoin(req request) (object, error) {
	c, err := w.channelArg(req, "channel")
	switch {
	case err != nil:
		return nil, err
	case c.Kind != Public:
		return nil, Error("method_not_supported_for_channel_type")
	case c.Archived:
		return nil, ErrIsArchived
	}
	w.join(c, w.app.userID, "")
	return object{"channel": w.apiChannel(c)}, nil
}
