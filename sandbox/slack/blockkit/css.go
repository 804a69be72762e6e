package blockkit

import _ "embed"

// CSS is the style sheet for [HTML], in light and dark. It follows the reader's
// system, unless a surrounding element has a data-theme attribute ("light" or
// "dark"). All its classes begin with "bk-".
//
//go:embed blockkit.css
var CSS []byte
