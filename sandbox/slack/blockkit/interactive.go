package blockkit

// IsInteractive reports whether people can use the elements of a type, such as
// "button". These have an action_id. See
// https://docs.slack.dev/reference/block-kit/block-elements.
func IsInteractive(kind string) bool {
	places, _ := elementRule(kind)
	return places != 0 && kind != "image"
}
