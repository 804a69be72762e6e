package blockkit

import "fmt"

// Surface is where blocks are shown. It decides which blocks are allowed.
type Surface int

// The surfaces of Slack (https://docs.slack.dev/surfaces).
const (
	Message Surface = iota
	Modal
	Home
)

// Slack's error codes for blocks and views.
const (
	// CodeInvalidBlocks: a block of a message breaks a rule.
	CodeInvalidBlocks = "invalid_blocks"
	// CodeInvalidFormat: the value is not a JSON array of objects.
	CodeInvalidFormat = "invalid_blocks_format"
	// CodeTooLong: the blocks of a message are too long in total.
	CodeTooLong = "msg_blocks_too_long"
	// CodeInvalidAttachments: more than one table in a message.
	CodeInvalidAttachments = "invalid_attachments"
	// CodeInvalidArguments: a view, or a block of it, breaks a rule.
	CodeInvalidArguments = "invalid_arguments"
	// CodeViewTooLarge: a view is larger than 250 kB.
	CodeViewTooLarge = "view_too_large"
)

// Problem is one reason why Slack refuses blocks or a view.
type Problem struct {
	// Code is the error of Slack's response. With several problems, the response has the first one's.
	Code string
	// Pointer is a JSON pointer to the invalid part: "/blocks/3/text" in a
	// message, "/view/blocks/3/text" in a view.
	Pointer string
	// Message is one of Slack's response_metadata.messages, which end with the
	// pointer: "[ERROR] must be less than 3001 characters
	// [json-pointer:/blocks/0/text/text]".
	Message string
}

// maxProblems limits the problems of one payload, because a payload can have a
// hundred thousand mistakes.
const maxProblems = 100

// checker collects the problems of one payload.
type checker struct {
	surface  Surface
	code     string // of rules without a specific code
	problems []Problem
	seen     ids
	budget   budget
}

// ids are the identifiers that must be unique.
type ids struct {
	blocks  map[string]bool // in the payload
	actions map[string]bool // in the current block
	focused bool            // an element with focus_on_load was found
}

func newChecker(s Surface, code string) *checker {
	return &checker{surface: s, code: code, seen: ids{blocks: map[string]bool{}}}
}

// fail reports a broken rule with the payload's usual code.
func (c *checker) fail(at, format string, args ...any) {
	c.failAs(c.code, at, format, args...)
}

func (c *checker) failAs(code, at, format string, args ...any) {
	if len(c.problems) >= maxProblems {
		return
	}
	message := fmt.Sprintf("[ERROR] "+format+" [json-pointer:%s]", append(args, at)...)
	c.problems = append(c.problems, Problem{Code: code, Pointer: at, Message: message})
}

// union runs a check of a value for which Slack has several schemas. If the
// check fails, Slack first says that none of them matched.
func (c *checker) union(at string, check func()) {
	before := len(c.problems)
	check()
	if len(c.problems) == before {
		return
	}
	none := Problem{Code: c.code, Pointer: at, Message: "[ERROR] failed to match all allowed schemas [json-pointer:" + at + "]"}
	c.problems = append(c.problems[:before], append([]Problem{none}, c.problems[before:]...)...)
}
