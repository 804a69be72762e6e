package blockkit

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
)

// The limits of a whole payload.
const (
	maxPayload       = 1 << 20 // bytes that are examined; Slack's own limit is unknown, and lower
	maxView          = 250_000 // bytes, https://docs.slack.dev/reference/methods/views.open
	maxMessageBlocks = 50
	maxViewBlocks    = 100
)

// Check returns why Slack would refuse these blocks on this surface, or nil if
// Slack would accept them. For [Message] the problems read as in the response
// to chat.postMessage, for [Modal] and [Home] as in that to views.open, where
// the blocks are under "/view/blocks".
//
// See https://docs.slack.dev/reference/block-kit/blocks.
func Check(blocks json.RawMessage, s Surface) []Problem {
	c, at := newChecker(s, CodeInvalidBlocks), "/blocks"
	if s != Message {
		c, at = newChecker(s, CodeInvalidArguments), "/view/blocks"
	}
	if len(blocks) > maxPayload {
		c.failAs(c.tooLarge(), at, "must be less than %d bytes", maxPayload+1)
		return c.problems
	}
	v, err := decode(blocks)
	if err != nil {
		c.failAs(c.malformed(), at, "must be a JSON array of blocks")
		return c.problems
	}
	c.blocks(at, v)
	return c.problems
}

// blocks checks the array of blocks of a payload, and the rules for all of them
// together.
func (c *checker) blocks(at string, v any) {
	items, ok := v.([]any)
	if !ok {
		c.failAs(c.malformed(), at, "must provide an array")
		return
	}
	most := maxViewBlocks
	if c.surface == Message {
		most = maxMessageBlocks
	}
	if expanded := expandedCount(items); c.surface == Message && len(items) <= most && expanded > most {
		c.fail(at, "no more than %d items allowed", most)
	}
	c.array(at, v, 0, most, func(at string, v any) { c.object(at, v, c.block) })
	c.checkBudget(at)
}

func (c *checker) malformed() string {
	if c.code == CodeInvalidBlocks {
		return CodeInvalidFormat
	}
	return c.code
}

func (c *checker) tooLarge() string {
	if c.surface == Message {
		return CodeTooLong
	}
	return CodeViewTooLarge
}

// decode decodes JSON into maps, slices, strings and json.Number. It refuses
// anything after the first value, as Slack does.
func decode(raw json.RawMessage) (any, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one JSON value")
	}
	return v, nil
}

// anyLength is the upper limit of a string for which Slack documents none.
const anyLength = math.MaxInt
