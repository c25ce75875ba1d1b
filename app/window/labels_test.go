package window

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"raisehand/app/snapshot"
	"raisehand/assets/words"
	"raisehand/capture/report"
)

// figures are the keys that the checks write into Detail, Params and Facts,
// read from their source.
func figures(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	keep := func(at string, e ast.Expr) {
		lit, ok := e.(*ast.BasicLit)
		if !ok || lit.Kind != token.STRING {
			return
		}
		if key, err := strconv.Unquote(lit.Value); err == nil && !strings.HasPrefix(key, "_") {
			found[key] = at
		}
	}
	err := filepath.WalkDir("../../capture", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CompositeLit:
				if m, ok := n.Type.(*ast.MapType); ok && nameOf(m.Value) == "any" {
					for _, x := range n.Elts {
						if kv, ok := x.(*ast.KeyValueExpr); ok {
							keep(path, kv.Key)
						}
					}
				}
			case *ast.AssignStmt:
				for _, x := range n.Lhs {
					if at, ok := x.(*ast.IndexExpr); ok {
						keep(path, at.Index)
					}
				}
			case *ast.CallExpr:
				if nameOf(n.Fun) == "put" && len(n.Args) > 0 {
					keep(path, n.Args[0])
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func nameOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

// Every figure that goes has a name in the person's language: no key of ours
// is seen in "What will be sent".
func TestEveryFigureHasAName(t *testing.T) {
	keys := figures(t)
	for _, known := range []string{"rtt_ms", "encode_ms", "processes", "cpu_own_pct", "peak_dbfs", "width"} {
		if keys[known] == "" {
			t.Errorf("%q was not found in the source", known)
		}
	}
	for _, lang := range words.Langs {
		b := words.In(lang)
		for key, at := range keys {
			one := map[string]any{key: 1.0}
			asDetail := snapshot.Outgoing{Report: &report.Report{TakenAt: time.Now(), Results: []report.Result{{Check: "mic", Code: "mic.ok", Detail: one}}}}
			asFact := snapshot.Outgoing{Report: &report.Report{TakenAt: time.Now(), Facts: one}}
			inside := snapshot.Outgoing{Report: &report.Report{TakenAt: time.Now(), Facts: map[string]any{"displays": []any{map[string]any{key: 1.0, "more": 2.0, "other": 3.0}}}}}
			named := false
			for _, o := range []snapshot.Outgoing{asDetail, asFact} {
				bare := true
				for _, e := range o.List(b) {
					bare = bare && e.Name != key
				}
				named = named || bare
			}
			if !named {
				t.Errorf("%s: %q of %s has no name", lang, key, at)
			}
			if key != "width" && key != "height" {
				continue
			}
			for _, e := range inside.List(b) {
				if strings.Contains(e.Value, key) {
					t.Errorf("%s: %q stands in %q", lang, key, e.Value)
				}
			}
		}
	}
}
