// Package read takes an article apart for a face that draws by itself:
// Markdown → blocks of runs.
package read

import (
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
)

// Kind is what a block is.
type Kind int

const (
	Title   Kind = iota // the article's own
	Heading             // of a part
	Para
	Item    // of a list; Number is 0 without one
	Picture // Source, and Runs say what it shows
	Row     // of a table; Cells
)

// Block is one piece of an article, from margin to margin.
type Block struct {
	Kind   Kind
	Depth  int     // of an Item: 0 for a list, 1 for a list in a list
	Number int     // of an Item in a numbered list, from 1
	Runs   []Run   // its words
	Source string  // of a Picture: its file's name
	Cells  [][]Run // of a Row; the first Row of a table is its head
	Head   bool    // of a Row
}

// Run is words set alike.
type Run struct {
	Text string
	Bold bool
	Code bool
	Link string // an article's name, or an address; empty: no link
}

// Article takes one apart. What Markdown can say and articles do not use is
// left out.
func Article(markdown []byte) []Block {
	doc := goldmark.New(goldmark.WithExtensions(extension.Table)).Parser().Parse(text.NewReader(markdown))
	r := reader{source: markdown}
	for n := doc.FirstChild(); n != nil; n = n.NextSibling() {
		r.block(n)
	}
	return r.all
}

type reader struct {
	source []byte
	all    []Block
}

func (r *reader) block(n ast.Node) {
	switch n := n.(type) {
	case *ast.Heading:
		kind := Heading
		if n.Level == 1 {
			kind = Title
		}
		r.all = append(r.all, Block{Kind: kind, Runs: r.runs(n)})
	case *ast.List:
		r.list(n, 0)
	case *east.Table:
		for row := n.FirstChild(); row != nil; row = row.NextSibling() {
			_, head := row.(*east.TableHeader)
			b := Block{Kind: Row, Head: head}
			for cell := row.FirstChild(); cell != nil; cell = cell.NextSibling() {
				b.Cells = append(b.Cells, r.runs(cell))
			}
			r.all = append(r.all, b)
		}
	case *ast.FencedCodeBlock, *ast.CodeBlock:
		var lines strings.Builder
		for i := range n.Lines().Len() {
			at := n.Lines().At(i)
			lines.Write(at.Value(r.source))
		}
		r.all = append(r.all, Block{Kind: Para, Runs: []Run{{Text: strings.TrimRight(lines.String(), "\n"), Code: true}}})
	case *ast.Paragraph, *ast.TextBlock:
		r.para(n, Block{Kind: Para})
	}
}

// para is a paragraph, or the picture that stands alone in it.
func (r *reader) para(n ast.Node, b Block) {
	if image, ok := n.FirstChild().(*ast.Image); ok && image.NextSibling() == nil {
		r.all = append(r.all, Block{Kind: Picture, Depth: b.Depth, Runs: r.runs(image), Source: file(string(image.Destination))})
		return
	}
	b.Runs = r.runs(n)
	r.all = append(r.all, b)
}

func (r *reader) list(l *ast.List, depth int) {
	number := 0
	if l.IsOrdered() {
		number = max(1, l.Start)
	}
	for item := l.FirstChild(); item != nil; item = item.NextSibling() {
		first := true
		for n := item.FirstChild(); n != nil; n = n.NextSibling() {
			if inner, ok := n.(*ast.List); ok {
				r.list(inner, depth+1)
				continue
			}
			b := Block{Kind: Item, Depth: depth, Number: number}
			if !first {
				b = Block{Kind: Para, Depth: depth + 1}
			}
			r.para(n, b)
			first = false
		}
		if number > 0 {
			number++
		}
	}
}

// runs are the words below a node, neighbours that are set alike joined.
func (r *reader) runs(n ast.Node) (all []Run) {
	add := func(run Run) {
		if last := len(all) - 1; last >= 0 && all[last].Bold == run.Bold && all[last].Code == run.Code && all[last].Link == run.Link {
			all[last].Text += run.Text
			return
		}
		all = append(all, run)
	}
	var walk func(n ast.Node, like Run)
	walk = func(n ast.Node, like Run) {
		for n := n.FirstChild(); n != nil; n = n.NextSibling() {
			now := like
			switch n := n.(type) {
			case *ast.Text:
				now.Text = string(n.Value(r.source))
				if n.SoftLineBreak() || n.HardLineBreak() {
					now.Text += " "
				}
				add(now)
				continue
			case *ast.String:
				now.Text = string(n.Value)
				add(now)
				continue
			case *ast.AutoLink:
				now.Text, now.Link = string(n.Label(r.source)), string(n.URL(r.source))
				add(now)
				continue
			case *ast.Emphasis:
				now.Bold = true
			case *ast.CodeSpan:
				now.Code = true
			case *ast.Link:
				now.Link = target(string(n.Destination))
			}
			walk(n, now)
		}
	}
	walk(n, Run{})
	return all
}

// target is the article a link leads to, or its address.
func target(to string) string {
	if name, ok := strings.CutSuffix(to, ".md"); ok && !strings.Contains(name, "://") {
		return file(name)
	}
	return to
}

func file(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

// Plain is the words of runs alone.
func Plain(runs []Run) string {
	var s strings.Builder
	for _, r := range runs {
		s.WriteString(r.Text)
	}
	return s.String()
}
