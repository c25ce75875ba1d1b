package policy

import "golang.org/x/sys/windows/registry"

// School reads what device management has put on this computer: the machine's
// policy, the user's policy, and what the installer was given.
func School() (layers []Layer, problems []Problem) {
	for _, place := range []struct {
		source Source
		hive   registry.Key
		name   string
		path   string
	}{
		{Recommended, registry.LOCAL_MACHINE, `HKLM`, `Software\Raisehand`},
		{Managed, registry.CURRENT_USER, `HKCU`, `Software\Policies\Raisehand`},
		{Managed, registry.LOCAL_MACHINE, `HKLM`, `Software\Policies\Raisehand`},
	} {
		l := Layer{Source: place.source, From: place.name + `\` + place.path, Values: map[string]any{}}
		k, err := registry.OpenKey(place.hive, place.path, registry.QUERY_VALUE|registry.WOW64_64KEY)
		if err != nil {
			continue // nothing set there
		}
		for _, key := range Keys {
			if s, _, err := k.GetStringValue(key.Name); err == nil {
				l.Values[key.Name] = s
			} else if n, _, err := k.GetIntegerValue(key.Name); err == nil {
				l.Values[key.Name] = n
			}
		}
		k.Close()
		layers = append(layers, l)
	}
	return layers, nil
}

// trusted: only administrators write to the policy keys.
func trusted(string) error { return nil }
