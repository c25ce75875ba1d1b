package tray

// dark: panels of Linux desktops are dark by default, and do not say.
func dark() bool { return true }
