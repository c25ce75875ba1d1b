package window

import (
	"image/color"

	"raisehand/assets/fonts"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// Colours by what they mean. Colour is never alone: every verdict and every
// priority has a shape too.
const (
	surface fyne.ThemeColorName = "raisehand.surface" // a card on the background
	edge    fyne.ThemeColorName = "raisehand.edge"    // its border
	ink     fyne.ThemeColorName = theme.ColorNameForeground
	soft    fyne.ThemeColorName = "raisehand.soft" // less important words
	brand   fyne.ThemeColorName = theme.ColorNamePrimary
	onBrand fyne.ThemeColorName = theme.ColorNameForegroundOnPrimary
	fine    fyne.ThemeColorName = theme.ColorNameSuccess
	careful fyne.ThemeColorName = theme.ColorNameWarning
	stop    fyne.ThemeColorName = theme.ColorNameError
	info    fyne.ThemeColorName = "raisehand.info"
	paper   fyne.ThemeColorName = "raisehand.paper" // white, whatever the theme
	none    fyne.ThemeColorName = ""
)

// Text sizes.
const (
	normal    fyne.ThemeSizeName = theme.SizeNameText           // 14
	small     fyne.ThemeSizeName = theme.SizeNameCaptionText    // 12
	lead      fyne.ThemeSizeName = theme.SizeNameSubHeadingText // 16
	heading   fyne.ThemeSizeName = theme.SizeNameHeadingText    // 20
	countdown fyne.ThemeSizeName = "raisehand.countdown"        // 40
)

const radius = 8 // of corners

// Theme is how Raisehand looks. Contrast makes every text at least 7:1 on its
// ground and every border visible.
type Theme struct{ Contrast bool }

type pair struct{ light, dark uint32 }

// Contrast on the surface is at least 5:1 for every text colour; theme_test
// measures it.
var palette = map[fyne.ThemeColorName]pair{
	theme.ColorNameBackground:          {0xF6F7F9, 0x12171D},
	surface:                            {0xFFFFFF, 0x1B222B},
	paper:                              {0xFFFFFF, 0xFFFFFF},
	edge:                               {0xD5DAE0, 0x323C48},
	ink:                                {0x18212B, 0xEEF2F6},
	soft:                               {0x556270, 0xA3B0BF},
	brand:                              {0x0B6E69, 0x4CC3BC},
	onBrand:                            {0xFFFFFF, 0x12171D},
	fine:                               {0x1B7A3D, 0x5BCB80},
	careful:                            {0x9A5B00, 0xF0B24A},
	stop:                               {0xBF2430, 0xFF7B7F},
	info:                               {0x1E5BB8, 0x7FB2FF},
	theme.ColorNameInputBackground:     {0xFFFFFF, 0x1B222B},
	theme.ColorNameInputBorder:         {0x8A95A1, 0x5C6977},
	theme.ColorNamePlaceHolder:         {0x556270, 0xA3B0BF},
	theme.ColorNameDisabled:            {0x556270, 0xA3B0BF},
	theme.ColorNameMenuBackground:      {0xFFFFFF, 0x1B222B},
	theme.ColorNameOverlayBackground:   {0xFFFFFF, 0x1B222B},
	theme.ColorNameHover:               {0xE6EAEE, 0x2A333E},
	theme.ColorNamePressed:             {0xD5DAE0, 0x36414D},
	theme.ColorNameSelection:           {0xBFE3E1, 0x1F5B58},
	theme.ColorNameFocus:               {0x0B6E69, 0x4CC3BC},
	theme.ColorNameSeparator:           {0xD5DAE0, 0x323C48},
	theme.ColorNameScrollBar:           {0x8A95A1, 0x5C6977},
	theme.ColorNameScrollBarBackground: {0xF6F7F9, 0x12171D},
}

// What differs when high contrast is asked for.
var contrast = map[fyne.ThemeColorName]pair{
	theme.ColorNameBackground:        {0xFFFFFF, 0x000000},
	surface:                          {0xFFFFFF, 0x000000},
	edge:                             {0x000000, 0xFFFFFF},
	ink:                              {0x000000, 0xFFFFFF},
	soft:                             {0x202020, 0xE6E6E6},
	brand:                            {0x00504C, 0x7FF0E8},
	onBrand:                          {0xFFFFFF, 0x000000},
	fine:                             {0x005A20, 0x8CFFB0},
	careful:                          {0x6A3C00, 0xFFD27A},
	stop:                             {0x960012, 0xFFB3B5},
	info:                             {0x003C90, 0xB4D4FF},
	theme.ColorNameInputBackground:   {0xFFFFFF, 0x000000},
	theme.ColorNameInputBorder:       {0x000000, 0xFFFFFF},
	theme.ColorNamePlaceHolder:       {0x202020, 0xE6E6E6},
	theme.ColorNameDisabled:          {0x202020, 0xE6E6E6},
	theme.ColorNameFocus:             {0x00504C, 0x7FF0E8},
	theme.ColorNameSeparator:         {0x000000, 0xFFFFFF},
	theme.ColorNameMenuBackground:    {0xFFFFFF, 0x000000},
	theme.ColorNameOverlayBackground: {0xFFFFFF, 0x000000},
}

// Color answers for our own names and for those that Fyne's widgets ask for.
func (t Theme) Color(name fyne.ThemeColorName, variant fyne.ThemeVariant) color.Color {
	if name == none {
		return color.Transparent
	}
	p, ok := pair{}, false
	if t.Contrast {
		p, ok = contrast[name]
	}
	if !ok {
		p, ok = palette[name]
	}
	switch {
	case !ok:
		return theme.DefaultTheme().Color(name, variant)
	case variant == theme.VariantDark:
		return rgb(p.dark)
	}
	return rgb(p.light)
}

func rgb(v uint32) color.Color {
	return color.NRGBA{R: uint8(v >> 16), G: uint8(v >> 8), B: uint8(v), A: 255}
}

var (
	regular = &fyne.StaticResource{StaticName: "RaisehandSans-Regular.otf", StaticContent: fonts.Regular}
	bold    = &fyne.StaticResource{StaticName: "RaisehandSans-Bold.otf", StaticContent: fonts.Bold}
)

// Font is our own for every style; Chinese has no italics.
func (Theme) Font(style fyne.TextStyle) fyne.Resource {
	switch {
	case style.Symbol:
		return theme.DefaultTheme().Font(style)
	case style.Bold:
		return bold
	}
	return regular
}

// Icon is Fyne's own.
func (Theme) Icon(name fyne.ThemeIconName) fyne.Resource { return theme.DefaultTheme().Icon(name) }

// Size keeps to steps of four.
func (Theme) Size(name fyne.ThemeSizeName) float32 {
	switch name {
	case normal:
		return 14
	case small:
		return 12
	case lead:
		return 16
	case heading:
		return 20
	case countdown:
		return 40
	case theme.SizeNamePadding:
		return 4
	case theme.SizeNameInnerPadding:
		return 8
	case theme.SizeNameInputRadius, theme.SizeNameButtonRadius, theme.SizeNameMenuRadius, theme.SizeNamePopupRadius:
		return radius
	}
	return theme.DefaultTheme().Size(name)
}

// paint is a colour of the theme that is set now.
func paint(name fyne.ThemeColorName) color.Color {
	s := fyne.CurrentApp().Settings()
	return s.Theme().Color(name, s.ThemeVariant())
}

func textSize(name fyne.ThemeSizeName) float32 {
	return fyne.CurrentApp().Settings().Theme().Size(name)
}
