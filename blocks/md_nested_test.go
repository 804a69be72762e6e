package blocks

import "testing"

// Ensure that lists are nested as agents indent them.
func TestNestedLists(t *testing.T) {
	for markdown, want := range map[string]string{
		"1. a\n  - b\n  - c\n2. d":                   "1. a\n    ◦ b\n    ◦ c\n2. d",
		"1. a\n - b\n2. c":                           "1. a\n    ◦ b\n2. c",
		"1. a\n\n  - b\n\n  - c\n\n2. d":             "1. a\n    ◦ b\n    ◦ c\n2. d",
		"1. a\n  - b\n    - c\n  - d\n2. e":          "1. a\n    ◦ b\n        ▪ c\n    ◦ d\n2. e",
		"1. a\n  - b\n    more\n\n    text\n2. c":    "1. a\n    ◦ b\n        more\n        text\n2. c",
		"1. a\n  - b\n    ```\n    x\n    ```\n2. c": "1. a\n    ◦ b\nx\n2. c",
		"1. a\n  1. b\n  2. c\n2. d":                 "1. a\n    1. b\n    2. c\n2. d",
		"1. a\n  * b\n  * c":                         "1. a\n    ◦ b\n    ◦ c",
		"1) a\n  - b\n2) c":                          "1. a\n    ◦ b\n2. c",
		"10. a\n  - b\n11. c":                        "10. a\n    ◦ b\n11. c",
		"10. a\n   - b\n11. c":                       "10. a\n    ◦ b\n11. c",
		"100. a\n\t- b\n101. c":                      "100. a\n    ◦ b\n101. c",
		"1. a\n\t- b\n\t\t- c\n2. d":                 "1. a\n    ◦ b\n        ▪ c\n2. d",
		"- a\n\t- b":                                 "• a\n    ◦ b",
		"-   a\n  - b\n-   c":                        "• a\n    ◦ b\n• c",
		"- a\n  1. b\n- c":                           "• a\n    1. b\n• c",
		"  1. a\n    - b\n  2. c":                    "1. a\n    ◦ b\n2. c",
		"> 1. a\n>   - b\n> 2. c":                    "> 1. a\n>     ◦ b\n> 2. c",
		"- x\n  1. a\n    - b\n  2. c":               "• x\n    1. a\n        ▪ b\n    2. c",
		"1. a\n  - [ ] b\n  - [x] c":                 "1. a\n    ◦ ☐ b\n    ◦ ☑ c",
		// Siblings, and other lists.
		"1. a\n  2. b\n   3. c": "1. a\n2. b\n3. c",
		"- a\n - b\n  - c":      "• a\n• b\n• c",
		" 9. a\n10. b":          "9. a\n10. b",
		"1. a\n- b\n2. c":       "1. a\n\n• b\n\n2. c",
		"1. a\n  -\n2. b":       "1. a\n\n2. b",
		"1. a\n  -5 degrees":    "1. a\n    -5 degrees",
		"1. a\n  **b**":         "1. a\n    b",
	} {
		if got := shownAsPlain(parse(markdown)); got != want {
			t.Errorf("%q\n got %q\nwant %q", markdown, got, want)
		}
	}
}
