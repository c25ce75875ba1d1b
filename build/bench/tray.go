//go:build linux

package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/prop"

	"raisehand/assets/words"
	"raisehand/build/lab"
)

// tray is a panel that shows icons.
type tray struct {
	conn *dbus.Conn
	came chan string
	item string
}

func startTray(bus string) (*tray, error) {
	conn, err := dbus.Connect(bus)
	if err != nil {
		return nil, err
	}
	t := &tray{conn: conn, came: make(chan string, 8)}
	const name, path = "org.kde.StatusNotifierWatcher", "/StatusNotifierWatcher"
	if err := conn.Export(t, path, name); err != nil {
		return nil, err
	}
	if _, err := prop.Export(conn, path, prop.Map{name: {"IsStatusNotifierHostRegistered": {Value: true, Emit: prop.EmitFalse}}}); err != nil {
		return nil, err
	}
	_, err = conn.RequestName(name, 0)
	return t, err
}

// RegisterStatusNotifierItem is called by icons.
func (t *tray) RegisterStatusNotifierItem(_ string, from dbus.Sender) *dbus.Error {
	t.came <- string(from)
	return nil
}

// RegisterStatusNotifierHost is called by panels.
func (t *tray) RegisterStatusNotifierHost(string) *dbus.Error { return nil }

func (t *tray) awaitIcon() error {
	select {
	case t.item = <-t.came:
		return nil
	case <-time.After(lab.Patience):
		return errors.New("no icon came")
	}
}

// line is one line of the menu.
type line struct {
	ID    int32
	Props map[string]dbus.Variant
	Kids  []dbus.Variant
}

// getHelp finds the line and returns how to click it: what is measured begins
// with the click, not with reading the menu.
func (t *tray) getHelp() (click func() error, err error) {
	v, err := t.conn.Object(t.item, "/StatusNotifierItem").GetProperty("org.kde.StatusNotifierItem.Menu")
	if err != nil {
		return nil, fmt.Errorf("ask the icon for its menu: %w", err)
	}
	path, _ := v.Value().(dbus.ObjectPath)
	menu := t.conn.Object(t.item, path)
	var revision uint32
	var top line
	if err := menu.Call("com.canonical.dbusmenu.GetLayout", 0, int32(0), int32(-1), []string{}).Store(&revision, &top); err != nil {
		return nil, fmt.Errorf("read the menu: %w", err)
	}
	for _, kid := range top.Kids {
		var l line
		if dbus.Store([]any{kid.Value()}, &l) == nil && l.Props["label"].Value() == words.In("zh").T("menu.get_help") {
			return func() error {
				return menu.Call("com.canonical.dbusmenu.Event", 0, l.ID, "clicked", dbus.MakeVariant(int32(0)), uint32(0)).Err
			}, nil
		}
	}
	return nil, errors.New("the menu has no line to get help")
}
