package tray

import "golang.org/x/sys/windows/registry"

// dark says whether the taskbar is dark, as Windows 10 and 11 are by default.
func dark() bool {
	k, err := registry.OpenKey(registry.CURRENT_USER, `Software\Microsoft\Windows\CurrentVersion\Themes\Personalize`, registry.QUERY_VALUE)
	if err != nil {
		return true
	}
	defer k.Close()
	light, _, err := k.GetIntegerValue("SystemUsesLightTheme")
	return err != nil || light == 0
}
