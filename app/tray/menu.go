// Package tray is the icon beside the clock: Snapshot → menu, icon, tooltip.
package tray

import (
	"time"

	"raisehand/app/snapshot"
	"raisehand/assets/words"
	"raisehand/uploader/deskapi"
)

// Item is one line of the menu: plain data, rebuilt whole from a Snapshot.
type Item struct {
	Label     string
	Verb      snapshot.Verb // nothing to do: the line only says something
	Checked   bool
	Separator bool
	Items     []Item
}

// Menu is what the icon offers.
func Menu(s snapshot.Snapshot) []Item {
	b := words.In(s.Lang)
	items := []Item{
		{Label: StatusLine(s)},
		{Separator: true},
		{Label: b.T("menu.get_help"), Verb: snapshot.Verb{Do: snapshot.GetHelp}},
		{Label: b.T("menu.tickets"), Verb: snapshot.Verb{Do: snapshot.OpenTickets}},
		{Separator: true},
		{Label: b.T("menu.equipment"), Verb: snapshot.Verb{Do: snapshot.OpenEquipment}},
		{Label: b.T("menu.articles"), Verb: snapshot.Verb{Do: snapshot.OpenArticle}},
		{Label: b.T("menu.language"), Items: languages(s)},
		{Label: b.T("menu.about"), Verb: snapshot.Verb{Do: snapshot.OpenAbout}},
		{Separator: true},
		{Label: b.T("menu.quit"), Verb: snapshot.Verb{Do: snapshot.Quit}},
	}
	if t := s.Active(); t != nil {
		items[0].Verb = snapshot.Verb{Do: snapshot.OpenTicket, Ticket: t.Status.ID}
	}
	return items
}

func languages(s snapshot.Snapshot) (items []Item) {
	for _, lang := range words.Langs {
		items = append(items, Item{
			Label:   words.In(lang).T("language.own_name"),
			Verb:    snapshot.Verb{Do: snapshot.SetLang, Text: lang},
			Checked: lang == s.Lang,
		})
	}
	return items
}

// StatusLine says in one line where things stand; it is the first line of the
// menu and the tooltip.
func StatusLine(s snapshot.Snapshot) string {
	b := words.In(s.Lang)
	t := s.Active()
	switch s.State {
	case snapshot.Checking:
		return b.T("tray.checking")
	case snapshot.Offline:
		return offline(b, *t)
	case snapshot.Answered:
		if t.Status.Agent == "" {
			return b.T("tray.answered", "number", t.Status.Number)
		}
		return b.T("tray.answered_by", "number", t.Status.Number, "name", t.Status.Agent)
	case snapshot.Overdue:
		if s.Contact.Phone != "" {
			return b.T("tray.overdue_phone", "number", t.Status.Number, "phone", s.Contact.Phone)
		}
		return b.T("tray.overdue", "number", t.Status.Number)
	case snapshot.Waiting:
		switch {
		case t.Status.State == deskapi.Queued:
			return b.T("tray.sending")
		case t.Left == nil:
			return b.T("tray.waiting", "number", t.Status.Number)
		}
		return b.T("tray.waiting_left", "number", t.Status.Number, "minutes", int((*t.Left+time.Minute-1)/time.Minute))
	}
	return b.T("tray.idle")
}

// offline says what a request on this computer waits for.
func offline(b *words.Book, t snapshot.Ticket) string {
	switch t.Away() {
	case snapshot.NetworkAway:
		return b.T("tray.offline.no_network")
	case snapshot.Barred:
		return b.T("tray.offline.barred", "why", b.Title(t.Code, nil))
	}
	return b.T("tray.offline")
}
