//go:build linux

package e2e

import (
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/prop"
)

// tray is a panel that shows icons: this test's own.
type tray struct {
	l          *lab
	conn       *dbus.Conn
	registered chan string // the bus name of each icon that came
	item       string
}

// startTray makes the bus a desktop with a place for icons.
func (l *lab) startTray() *tray {
	l.t.Helper()
	conn, err := dbus.Connect(l.bus)
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() { conn.Close() })
	t := &tray{l: l, conn: conn, registered: make(chan string, 8)}
	const name, path = "org.kde.StatusNotifierWatcher", "/StatusNotifierWatcher"
	if err := conn.Export(t, path, name); err != nil {
		l.t.Fatal(err)
	}
	if _, err := prop.Export(conn, path, prop.Map{name: {"IsStatusNotifierHostRegistered": {Value: true, Emit: prop.EmitFalse}}}); err != nil {
		l.t.Fatal(err)
	}
	if _, err := conn.RequestName(name, 0); err != nil {
		l.t.Fatal(err)
	}
	l.tray = t
	return t
}

// RegisterStatusNotifierItem is called by icons.
func (t *tray) RegisterStatusNotifierItem(service string, from dbus.Sender) *dbus.Error {
	t.registered <- string(from)
	return nil
}

// RegisterStatusNotifierHost is called by panels.
func (t *tray) RegisterStatusNotifierHost(string) *dbus.Error { return nil }

// icon waits until the app's icon has come.
func (t *tray) icon() {
	t.l.t.Helper()
	select {
	case t.item = <-t.registered:
	case <-time.After(patience):
		t.l.t.Fatal("no icon came")
	}
}

func (t *tray) property(name string) any {
	v, err := t.conn.Object(t.item, "/StatusNotifierItem").GetProperty("org.kde.StatusNotifierItem." + name)
	if err != nil {
		t.l.t.Fatalf("ask the icon for its %s: %v", name, err)
	}
	return v.Value()
}

// tooltip is what the icon says when pointed at.
func (t *tray) tooltip() string {
	tip, ok := t.property("ToolTip").([]any)
	if !ok || len(tip) < 3 {
		return ""
	}
	s, _ := tip[2].(string)
	return s
}

// pixels are the icon's.
func (t *tray) pixels() []byte {
	var icons []struct {
		W, H int32
		Data []byte
	}
	v, err := t.conn.Object(t.item, "/StatusNotifierItem").GetProperty("org.kde.StatusNotifierItem.IconPixmap")
	if err != nil || v.Store(&icons) != nil || len(icons) == 0 {
		t.l.t.Fatalf("the icon has no picture: %v", err)
	}
	return icons[0].Data
}

// line is one line of a menu.
type line struct {
	ID    int32
	Props map[string]dbus.Variant
	Kids  []dbus.Variant
}

func (m line) label() string {
	s, _ := m.Props["label"].Value().(string)
	return s
}

func (t *tray) menu() dbus.BusObject {
	path, _ := t.property("Menu").(dbus.ObjectPath)
	return t.conn.Object(t.item, path)
}

// lines are the menu's, those of its submenus after them.
func (t *tray) lines(under int32) (all []line) {
	var revision uint32
	var top line
	if err := t.menu().Call("com.canonical.dbusmenu.GetLayout", 0, under, int32(-1), []string{}).Store(&revision, &top); err != nil {
		t.l.t.Fatalf("read the menu: %v", err)
	}
	var walk func(line)
	walk = func(m line) {
		for _, kid := range m.Kids {
			var k line
			if dbus.Store([]any{kid.Value()}, &k) == nil {
				all = append(all, k)
				if len(k.Kids) == 0 && k.Props["children-display"].Value() == "submenu" {
					all = append(all, t.lines(k.ID)...) // some layouts answer one level only
				}
				walk(k)
			}
		}
	}
	walk(top)
	return all
}

// click chooses the line with this label.
func (t *tray) click(label string) {
	t.l.t.Helper()
	t.l.until("a line “"+label+"” in the menu", func() bool {
		for _, m := range t.lines(0) {
			if m.label() == label {
				err := t.menu().Call("com.canonical.dbusmenu.Event", 0, m.ID, "clicked", dbus.MakeVariant(int32(0)), uint32(0)).Err
				return err == nil
			}
		}
		return false
	})
}

// labels are all lines as a person reads them.
func (t *tray) labels() (list []string) {
	for _, m := range t.lines(0) {
		if s := m.label(); s != "" {
			list = append(list, s)
		}
	}
	return list
}

var _ testing.TB = (*testing.T)(nil)
