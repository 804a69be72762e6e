package blocks

// titleLimit limits a title, in characters.
const titleLimit = 60

// Title returns a plain text as a title: on one line, and shortened.
func Title(text string) string { return shorten(oneLine(text), titleLimit, plainCost) }
