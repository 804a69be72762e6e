package blocks

import (
	"strings"
	"unicode"
)

// cjk are the characters of the scripts of East Asia and their punctuation:
// those with East Asian Width W, F or H that are not emoji, and all of Hangul.
// See https://www.unicode.org/reports/tr11/.
var cjk = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x1100, Hi: 0x11FF, Stride: 1},
		{Lo: 0x2E80, Hi: 0x303E, Stride: 1},
		{Lo: 0x3041, Hi: 0x4DBF, Stride: 1},
		{Lo: 0x4E00, Hi: 0xA4CF, Stride: 1},
		{Lo: 0xA960, Hi: 0xA97C, Stride: 1},
		{Lo: 0xAC00, Hi: 0xD7FB, Stride: 1},
		{Lo: 0xF900, Hi: 0xFAFF, Stride: 1},
		{Lo: 0xFE10, Hi: 0xFE19, Stride: 1},
		{Lo: 0xFE30, Hi: 0xFE6B, Stride: 1},
		{Lo: 0xFF01, Hi: 0xFFEE, Stride: 1},
	},
	R32: []unicode.Range32{
		{Lo: 0x16FE0, Hi: 0x18CFF, Stride: 1},
		{Lo: 0x1AFF0, Hi: 0x1B2FF, Stride: 1},
		{Lo: 0x20000, Hi: 0x3FFFD, Stride: 1},
	},
}

func isCJK(r rune) bool { return r >= 0x1100 && unicode.Is(cjk, r) }

// besideLabel joins a link's label and the rest of its word. Text of East Asia
// is written without spaces, so it does not belong to an address in ASCII.
func besideLabel(before, label, after string) string {
	if isASCII(label) {
		if i := strings.LastIndexFunc(before, isCJK); i >= 0 {
			before = strings.TrimLeftFunc(before[i:], isCJK)
		}
		if i := strings.IndexFunc(after, isCJK); i >= 0 {
			after = after[:i]
		}
	}
	return before + label + after
}
