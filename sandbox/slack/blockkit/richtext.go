package blockkit

import "encoding/json"

// parseRichText parses the elements of a rich_text block.
//
// See https://docs.slack.dev/reference/block-kit/blocks/rich-text-block.
func parseRichText(block fields) []node {
	var nodes []node
	for _, part := range block.objects("elements") {
		nodes = append(nodes, richTextPart(part))
	}
	return nodes
}

func richTextPart(f fields) node {
	switch f.kind() {
	case "rich_text_section":
		return node{kind: nodeParagraph, kids: richTextInline(f)}
	case "rich_text_quote":
		return node{kind: nodeQuote, kids: richTextInline(f)}
	case "rich_text_preformatted":
		return node{kind: nodePre, kids: richTextInline(f)}
	case "rich_text_list":
		return richTextList(f)
	}
	return unknown(f)
}

func richTextList(f fields) node {
	list := node{
		kind: nodeList, flag: f.string("style") == "ordered", number: f.int("offset") + 1,
		indent: min(max(f.int("indent"), 0), 8),
	}
	if f.int("border") == 1 {
		list.id = "border"
	}
	for _, item := range f.objects("elements") {
		if item.kind() == "rich_text_section" {
			list.kids = append(list.kids, node{kind: nodeItem, kids: richTextInline(item)})
		} else {
			list.kids = append(list.kids, node{kind: nodeItem, kids: []node{unknown(item)}})
		}
	}
	return list
}

func richTextInline(f fields) []node {
	var nodes []node
	for _, piece := range f.objects("elements") {
		nodes = append(nodes, styled(richTextPiece(piece), piece.object("style")))
	}
	return nodes
}

func richTextPiece(f fields) node {
	switch f.kind() {
	case "text":
		return textNode(f.string("text"))
	case "link":
		label := f.string("text")
		if label == "" {
			label = f.string("url")
		}
		return node{kind: nodeLink, url: f.string("url"), kids: []node{textNode(label)}}
	case "citation":
		return citationNode(f)
	case "emoji":
		return richTextEmoji(f)
	case "user":
		return node{kind: nodeUser, id: f.string("user_id")}
	case "channel":
		return node{kind: nodeChannel, id: f.string("channel_id")}
	case "usergroup":
		return node{kind: nodeUsergroup, id: f.string("usergroup_id")}
	case "team":
		return node{kind: nodeTeam, id: f.string("team_id")}
	case "broadcast":
		return node{kind: nodeBroadcast, id: f.string("range")}
	case "color":
		return node{kind: nodeColor, text: f.string("value")}
	case "date":
		number, _ := f["timestamp"].(json.Number)
		return node{
			kind: nodeDate, id: number.String(), text: f.string("format"), url: f.string("url"),
			kids: []node{textNode(f.string("fallback"))},
		}
	}
	n := unknown(f)
	n.flag = true // within a line
	return n
}

func citationNode(f fields) node {
	details := f.object("details")
	title := details.string("title")
	for _, name := range []string{"display_name", "app_name", "descriptor"} {
		title = named(title, details.string(name))
	}
	return node{kind: nodeCitation, url: f.string("url"), text: named(f.string("text"), f.string("url")), id: title}
}

func richTextEmoji(f fields) node {
	name := f.string("name")
	if tone := f.int("skin_tone"); tone >= 2 && tone <= 6 {
		name += "::skin-tone-" + string(rune('0'+tone))
	}
	return node{kind: nodeEmoji, text: name}
}

// styled wraps a node in its styles, code innermost.
func styled(n node, style fields) node {
	for _, s := range []struct {
		name string
		kind nodeKind
	}{
		{"code", nodeCode},
		{"strike", nodeStrike},
		{"underline", nodeUnderline},
		{"highlight", nodeHighlight},
		{"client_highlight", nodeHighlight},
		{"italic", nodeItalic},
		{"bold", nodeBold},
	} {
		if style.bool(s.name) {
			n = node{kind: s.kind, kids: []node{n}}
		}
	}
	return n
}
