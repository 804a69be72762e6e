package slackevent

import (
	"regexp"
	"strings"
)

// noPreview is the fallback of an attachment that Slack made for blocks.
const noPreview = "[no preview available]"

// person matches the ID of a person.
var person = regexp.MustCompile(`^[UW][A-Z0-9]{1,63}$`)

// forwardLine matches the line above a forwarded message.
var forwardLine = regexp.MustCompile(`^Forwarded message(?: from .+)?:$`)

// attachments returns attachments as text: forwarded messages, pasted tables, and what
// other apps attach.
// https://docs.slack.dev/messaging/formatting-message-text/#attachments
func (r *reader) attachments(list []node) string {
	var texts []string
	for _, a := range list {
		switch {
		case isForward(a):
			texts = append(texts, r.forward(a))
		case !isPreview(a):
			texts = append(texts, r.attachment(a))
		}
	}
	return paragraphs(texts...)
}

// isForward reports whether an attachment is a message that the sender forwarded, or to
// which the sender linked.
func isForward(a node) bool {
	_, hasBlocks := a["message_blocks"].([]any)
	return a["is_share"] == true || a["is_msg_unfurl"] == true || hasBlocks
}

// isPreview reports whether an attachment is the preview of a link.
func isPreview(a node) bool {
	return a["is_app_unfurl"] == true || a.first("from_url", "original_url") != ""
}

// forward returns a forwarded message: its author, and quoted its text, files and
// attachments.
func (r *reader) forward(a node) string {
	if r.forwards == maxForwards {
		r.cut = true
		return ""
	}
	r.forwards++
	defer func() { r.forwards-- }()
	var blocks []node
	for _, b := range r.objects(a["message_blocks"]) {
		blocks = append(blocks, r.objects(b.object("message")["blocks"])...)
	}
	blocks = append(blocks, r.objects(a["blocks"])...)
	said := a.text("text")
	if strings.TrimSpace(said) == "" {
		said = r.blocks(blocks)
	} else {
		said = paragraphs(said, r.tables(blocks))
	}
	said = paragraphs(said, r.attachments(r.objects(a["attachments"])), r.files(r.objects(a["files"])))
	if strings.TrimSpace(said) == "" {
		said = fallback(a)
	}
	return lines("Forwarded message"+author(a)+":", quote(said))
}

// author returns who wrote a forwarded message.
func author(a node) string {
	if id := a.text("author_id"); person.MatchString(id) {
		return " from <@" + id + ">"
	}
	if name := label(a.first("author_name", "author_subname")); name != "" {
		return " from " + escape(name)
	}
	return ""
}

// attachment returns what an app attached, for example an alert. Its footer says nothing
// about it.
func (r *reader) attachment(a node) string {
	texts := []string{a.text("pretext"), escape(label(a.text("author_name"))), titled(a.text("title"), a.text("title_link")), a.text("text")}
	for _, f := range r.objects(a["fields"]) {
		texts = append(texts, joined(": ", []string{f.text("title"), f.text("value")}))
	}
	texts = append(texts, r.blocks(r.objects(a["blocks"])))
	if text := paragraphs(lines(texts...), r.files(r.objects(a["files"]))); text != "" {
		return text
	}
	return fallback(a)
}

// titled returns a title with the address to which it links.
func titled(title, address string) string {
	if address = escape(oneLine(address)); address == "" || strings.TrimSpace(title) == "" {
		return joined("", []string{title, address})
	}
	return title + " (" + address + ")"
}

// fallback returns the text of an attachment for apps that cannot show it.
func fallback(a node) string {
	if text := a.text("fallback"); text != noPreview {
		return text
	}
	return ""
}
