package blockkit

import (
	"encoding/json"
	"testing"

	"github.com/slack-go/slack"
)

// Ensure that blocks from a well-known client library are accepted.
func TestBlocksOfSlackGo(t *testing.T) {
	text := slack.NewTextBlockObject(slack.MarkdownType, "*hi*", false, false)
	label := slack.NewTextBlockObject(slack.PlainTextType, "Label", true, false)
	button := slack.NewButtonBlockElement("go", "1", label).WithStyle(slack.StyleDanger).
		WithConfirm(slack.NewConfirmationBlockObject(label, text, label, label))
	option := slack.NewOptionBlockObject("v", label, nil)
	feedback := slack.NewFeedbackButtonsBlockElement("fb",
		slack.NewFeedbackButton(label, "up"), slack.NewFeedbackButton(label, "down"))
	blocks := []slack.Block{
		slack.NewHeaderBlock(label),
		slack.NewDividerBlock(),
		slack.NewSectionBlock(text, []*slack.TextBlockObject{text, label}, slack.NewAccessory(button)),
		slack.NewSectionBlock(text, nil, slack.NewAccessory(slack.NewOverflowBlockElement("more", option))),
		slack.NewContextBlock("", text, slack.NewImageBlockElement("https://example.com/i.png", "i")),
		slack.NewActionBlock("", slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, label, "pick", option), slack.NewDatePickerBlockElement("day")),
		slack.NewContextActionsBlock("", feedback, slack.NewIconButtonBlockElement("trash", label, "del")),
		slack.NewMarkdownBlock("", "# hi"),
		slack.NewRichTextBlock("", slack.NewRichTextSection(slack.NewRichTextSectionTextElement("x", &slack.RichTextSectionTextStyle{Bold: true}))),
		slack.NewHeaderBlock(label, slack.HeaderBlockOptionLevel(4)),
		slack.NewRichTextBlock("", slack.NewRichTextSection(
			slack.NewRichTextSectionCitationElement("https://example.com", "1", 1, slack.NewRichTextCitationWebDetails("Example")),
			slack.NewRichTextSectionCitationElement("https://example.com", "2", 2, slack.NewRichTextCitationFileDetails("F1")),
			slack.NewRichTextSectionCitationElement("https://example.com", "3", 3, slack.NewRichTextCitationExternalDetails("Wiki", "https://example.com/i.png")),
			slack.NewRichTextSectionCitationElement("https://example.com", "4", 4, slack.NewRichTextCitationMessageDetails("C1", "1.000001")),
			slack.NewRichTextSectionCitationElement("https://example.com", "5", 5, slack.NewRichTextCitationMemoryDetails("M1")))),
		slack.NewCardBlock().WithTitle(label).WithSubtitle(text).WithBody(text).WithSubtext(label).WithSlackIcon(slack.NewSlackIconObject("tag")).WithActions(button),
		slack.NewContainerBlock(slack.NewDividerBlock(), slack.NewSectionBlock(text, nil, nil)).WithTitle(label).WithSubtitle(text).WithCollapsible(true, true),
		slack.NewInputBlock("in", label, nil, slack.NewPlainTextInputBlockElement(label, "a")),
	}
	raw, err := json.Marshal(blocks)
	if err != nil {
		t.Fatal(err)
	}
	if problems := Check(raw, Message); problems != nil {
		t.Errorf("%v\nin %s", problems, raw)
	}
}

func TestViewsOfSlackGo(t *testing.T) {
	label := slack.NewTextBlockObject(slack.PlainTextType, "Label", false, false)
	modal := slack.ModalViewRequest{
		Type: slack.VTModal, Title: label, Submit: label, Close: label, PrivateMetadata: "m", CallbackID: "c",
		Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewInputBlock("in", label, label, slack.NewPlainTextInputBlockElement(nil, "a"))}},
	}
	home := slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewDividerBlock()}}}
	for _, view := range []any{modal, home} {
		raw, err := json.Marshal(view)
		if err != nil {
			t.Fatal(err)
		}
		if problems := CheckView(raw); problems != nil {
			t.Errorf("%v\nin %s", problems, raw)
		}
	}
}
