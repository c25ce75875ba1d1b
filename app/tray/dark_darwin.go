package tray

// dark: macOS colours a template icon itself.
func dark() bool { return false }
