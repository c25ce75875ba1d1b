package session

import (
	"context"
	"regexp"
	"time"

	"raisehand/app/snapshot"
	"raisehand/capture"
	"raisehand/capture/report"
	"raisehand/uploader"
)

// Bounds on what a request may carry of logs, whatever the probe says.
const (
	maxLogFiles = 40
	maxLogBytes = 2 << 20
)

// logName is what the probe may call a file; it goes to the desk as it is.
var logName = regexp.MustCompile(`^logs-[a-z0-9_]+(-[0-9]+)?\.txt$`)

// gathered are the logs of one request: in memory from the tick until it is
// taken back or the request is sent.
type gathered struct {
	files  []capture.Picture
	bytes  int
	result *report.Result
	stop   context.CancelFunc
	forget *time.Timer
}

// tickLogs gathers the logs, or forgets them.
func (s *Session) tickLogs(h *help, on bool) {
	switch {
	case on && s.Logs != nil && h.logs == nil:
		s.gatherLogs(h)
	case !on:
		s.forgetLogs(h)
	}
}

func (s *Session) gatherLogs(h *help) {
	ctx, cancel := context.WithCancel(s.ctx)
	g := &gathered{stop: cancel}
	g.forget = time.AfterFunc(pictureAge, func() {
		s.post(func() {
			if h.logs == g && !h.sent {
				s.forgetLogs(h)
				s.publish()
			}
		})
	})
	h.logs, h.WithLogs = g, true
	h.Logs = &snapshot.Logs{Running: true}
	situation := h.situation
	go func() {
		defer cancel()
		s.Logs(ctx, situation, func(l capture.Line) {
			if l.Picture != nil { // nothing unredacted goes any further; here, because it takes its time
				p := *l.Picture
				p.Data = []byte(capture.RedactText(string(p.Data)))
				p.Bytes = len(p.Data)
				l.Picture = &p
			}
			s.post(func() { s.logsSaid(h, g, l) })
		})
	}()
}

// logsSaid takes in what the probe has found.
func (s *Session) logsSaid(h *help, g *gathered, l capture.Line) {
	if h.logs != g || s.help != h && !h.sent {
		return // taken back meanwhile
	}
	switch {
	case l.Picture != nil:
		s.addLog(h, g, *l.Picture)
	case l.Result != nil:
		g.result = l.Result
		h.Logs = &snapshot.Logs{Files: len(g.files), Bytes: g.bytes}
		if h.sent {
			s.addReport(h.ID, h.whole())
			s.forgetLogs(h)
		}
		s.maybeSend(h)
	}
	s.publish()
}

func (s *Session) addLog(h *help, g *gathered, p capture.Picture) {
	if p.Type != "text/plain" || !logName.MatchString(p.Name) || len(g.files) >= maxLogFiles || g.bytes+len(p.Data) > maxLogBytes {
		return
	}
	g.files = append(g.files, p)
	g.bytes += len(p.Data)
	h.Logs = &snapshot.Logs{Running: true, Files: len(g.files), Bytes: g.bytes}
	if h.sent { // it went without waiting for its logs; they follow it
		s.Box.AddFile(h.ID, logFile(p))
		s.Post.Kick()
		s.reload()
		return
	}
	s.text(snapshot.Text{Name: p.Name, Text: string(p.Data)})
}

func logFile(p capture.Picture) uploader.File {
	return uploader.File{Name: p.Name, Type: p.Type, Data: p.Data}
}

// forgetLogs drops what was gathered, and what may still come.
func (s *Session) forgetLogs(h *help) {
	if g := h.logs; g != nil {
		g.stop()
		g.forget.Stop()
	}
	h.logs, h.Logs, h.WithLogs = nil, nil, false
	if s.help == nil || s.help == h {
		s.noTexts()
	}
}

// logsDone says whether nothing of what was ticked is still on its way.
func (h *help) logsDone() bool { return h.logs == nil || h.logs.result != nil }

// whole is the report with what there is to say about the logs.
func (h *help) whole() report.Report {
	r := h.report
	if h.logs != nil && h.logs.result != nil {
		r.Results = append(r.Results[:len(r.Results):len(r.Results)], *h.logs.result)
	}
	return r
}
