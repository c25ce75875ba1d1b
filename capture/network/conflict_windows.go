package network

import "context"

// clashes are the addresses that the system found in use elsewhere.
func clashes(context.Context) (list []clash, err error) {
	all, err := adapters()
	if err != nil {
		return nil, err
	}
	for _, a := range all {
		for _, ip := range a.taken {
			list = append(list, clash{link: a.name, address: ip})
		}
	}
	return list, nil
}
