package slack

import (
	"encoding/json"
	"strconv"
	"strings"
)

func (req request) text(key string) string { return req.args[key] }

// flag returns a boolean argument: true or 1.
func (req request) flag(key string) bool {
	on, err := strconv.ParseBool(req.args[key])
	return err == nil && on
}

// limit returns the requested page size; standard by default, at most most.
func (req request) limit(standard, most int) (int, error) {
	s := req.args["limit"]
	if s == "" || s == "0" {
		return standard, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return 0, Error("invalid_limit")
	}
	return min(n, most), nil
}

// list returns an argument in the form "a,b" or a JSON array of strings.
func (req request) list(key string) []string {
	s := strings.TrimSpace(req.args[key])
	if s == "" {
		return nil
	}
	var values []string
	if json.Unmarshal([]byte(s), &values) == nil {
		return values
	}
	values = strings.Split(s, ",")
	for i, v := range values {
		values[i] = strings.TrimSpace(v)
	}
	return values
}

// json returns an optional JSON argument in compact form; nil if it is missing
// or null.
func (req request) json(key string, wrong Error) (json.RawMessage, error) {
	s := strings.TrimSpace(req.args[key])
	if s == "" || s == "null" {
		return nil, nil
	}
	if !json.Valid([]byte(s)) {
		return nil, wrong
	}
	return mustJSON(json.RawMessage(s)), nil
}

// channelArg returns the conversation with the ID in the argument.
func (w *Workspace) channelArg(req request, key string) (*channel, error) {
	c := w.channelsBy[req.text(key)]
	if c == nil || !w.sees(c) {
		return nil, ErrChannelNotFound
	}
	return c, nil
}

// sees reports whether the app can know about the conversation.
func (w *Workspace) sees(c *channel) bool {
	return c.Kind == Public || c.has(w.app.userID)
}

// scopedChannel returns the conversation, if the app has the scope to read or
// write conversations of its kind.
func (w *Workspace) scopedChannel(req request, key, access string) (*channel, error) {
	c, err := w.channelArg(req, key)
	if err != nil {
		return nil, err
	}
	if scope := conversationScope(c.Kind, access); !w.uses(scope) {
		return nil, w.missingScope(scope)
	}
	return c, nil
}
