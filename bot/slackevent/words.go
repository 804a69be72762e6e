package slackevent

import "strings"

// Words returns the words of a text in mrkdwn, for a title: without mentions, without the
// addresses of links that have a label, and without marks for bold text and code.
func Words(text string) string {
	text = entity.ReplaceAllStringFunc(text, func(found string) string {
		target, label, _ := strings.Cut(strings.Trim(found, "<>"), "|")
		switch {
		case strings.HasPrefix(target, "@"), strings.HasPrefix(target, "#"), strings.HasPrefix(target, "!"):
			return ""
		case label != "":
			return label
		}
		return target
	})
	text = strings.NewReplacer("*", "", "~", "", "`", "").Replace(unescaper.Replace(text))
	text = strings.ReplaceAll(strings.Join(strings.Fields(text), " "), " ,", ",")
	return strings.Trim(text, " ,:;")
}
