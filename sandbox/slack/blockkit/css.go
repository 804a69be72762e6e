package blockkit

import _ "embed"

// CSS styles what [HTML] writes, in light and dark: it follows the reader's
// system, and a data-theme attribute ("light" or "dark") on an element around
// overrides that. All its classes begin with "bk-".
//
//go:embed blockkit.css
var CSS []byte
