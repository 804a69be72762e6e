package blockkit

// inlineOrCitation checks a part of a line where citations are allowed: in
// sections, lists and quotes.
func (c *checker) inlineOrCitation(o object) {
	if o.kind() == "citation" {
		c.citation(o)
		return
	}
	c.inline(o)
}

// citation checks a reference to a source.
// See https://docs.slack.dev/reference/block-kit/block-elements/citation-element.
func (c *checker) citation(o object) {
	o.only("type", "url", "text", "index", "details", "from_llm", "is_slack_url")
	o.need("url", "text", "index", "details")
	o.url("url", 3000)
	c.budget.text(o.string("text", 1, anyLength))
	o.numeric("index")
	o.child("details", c.citationDetails)
	o.bools("from_llm", "is_slack_url")
}

// citationDetails checks what kind of source is cited.
func (c *checker) citationDetails(o object) {
	needed := map[string][]string{
		"file": {"file_id"}, "external": {"app_name", "app_icon_url"}, "web": {"display_name"},
		"message": {"channel", "message_ts"}, "memory": {"memory_id"},
	}
	optional := map[string][]string{"file": {"descriptor"}, "web": {"title", "snippet"}}
	kind, _ := o.fields["citation_type"].(string)
	o.need("citation_type")
	o.enum("citation_type", "file", "external", "web", "message", "memory")
	names := append([]string{"citation_type"}, needed[kind]...)
	o.only(append(names, optional[kind]...)...)
	o.need(needed[kind]...)
	for _, name := range append(needed[kind], optional[kind]...) {
		o.string(name, 1, anyLength)
	}
}
