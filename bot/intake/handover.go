package intake

import (
	"html"
	"regexp"
	"strings"

	"enjobridge/bot/slackevent"
)

// A message that says nothing but that its sender wants to talk to a person gets the
// button that calls one, and costs no call to the agent. The patterns must cover the whole
// message: who mentions a person in passing has a question, and every answer has the
// button, too.

// maxRequest is the maximum length of such a request in bytes.
const maxRequest = 200

// asksForPerson reports whether a text says nothing but that its sender wants to talk to a
// person.
func asksForPerson(text string) bool {
	if len(text) > maxRequest || slackevent.MentionsAnyone(text) {
		return false
	}
	text = emojiCode.ReplaceAllString(strings.ToLower(html.UnescapeString(text)), " ")
	words := foldedWords(text)
	return personRequest.MatchString(strings.Join(words, " ")) || unspacedRequest[strings.Join(words, "")]
}

// personRequest matches the folded words of a request, in languages with spaces.
var personRequest = newPersonRequest()

// newPersonRequest returns a pattern of all languages. Each request can begin and end with
// words of courtesy.
func newPersonRequest() *regexp.Regexp {
	courtesy := `(?:` + oneOf(courtesies) + `)`
	var requests []string
	for request := range strings.SplitSeq(strings.TrimSpace(personRequests), "\n\n") {
		requests = append(requests, expand(request))
	}
	return regexp.MustCompile(`^(?:` + courtesy + ` )*(?:` + strings.Join(requests, "|") + `)(?: ` + courtesy + `)*$`)
}

// expand writes a request as a pattern. Its parts are separated by semicolons, and the
// alternatives of a part by commas; a part in square brackets can be left out.
func expand(request string) string {
	var pattern strings.Builder
	parts := strings.Split(request, ";")
	for n, part := range parts {
		part = strings.TrimSpace(part)
		inner, optional := strings.CutPrefix(part, "[")
		group := `(?:` + oneOf(strings.TrimSuffix(inner, "]")) + `)`
		switch {
		case optional && n < len(parts)-1:
			group = `(?:` + group + ` )?`
		case n < len(parts)-1:
			group += " "
		}
		pattern.WriteString(group)
	}
	return pattern.String()
}

// oneOf writes the phrases of a list as the alternatives of a pattern; see listed.
func oneOf(list string) string {
	var alternatives []string
	for _, words := range listed(list) {
		alternatives = append(alternatives, strings.Join(words, " "))
	}
	return strings.Join(alternatives, "|")
}

// unspacedRequest has the folded requests in languages without spaces.
var unspacedRequest = newUnspacedRequest()

func newUnspacedRequest() map[string]bool {
	all := make(map[string]bool)
	for _, words := range listed(unspacedRequests) {
		all[strings.Join(words, "")] = true
	}
	return all
}
