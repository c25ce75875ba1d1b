// Package fonts holds the letters of the windows, Chinese and Latin, so that
// they look alike on a computer without a Chinese font.
package fonts

import _ "embed"

// Regular and Bold are OpenType fonts made by build/fonts.sh; their licence is
// OFL.txt.
var (
	//go:embed RaisehandSans-Regular.otf
	Regular []byte
	//go:embed RaisehandSans-Bold.otf
	Bold []byte
)
