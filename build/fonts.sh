#!/bin/bash
# Makes assets/fonts/*.otf: the part of Noto Sans CJK (Simplified Chinese) that
# Raisehand's own words need, with the usual characters for what people type.
# Run it again when assets/fonts' test names a character the fonts lack.
# Needs (Debian, Ubuntu): fonts-noto-cjk python3-fonttools
set -euo pipefail
cd "$(dirname "$0")/.."
from=${NOTO_CJK:-/usr/share/fonts/opentype/noto}
py=${PYTHON:-/usr/bin/python3}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

"$py" - >"$tmp/chars" <<'PY'
import glob, json
keep = set(range(0x20, 0x7f)) | set(range(0xa0, 0x100))          # ASCII, Latin-1
keep |= set(range(0x2010, 0x2028)) | {0x2030, 0x2032, 0x2033, 0x2039, 0x203a, 0x20ac, 0x2122, 0x2116, 0x2026, 0x2212, 0x221e, 0x2248, 0x2260, 0x2264, 0x2265}
keep |= set(range(0x2190, 0x219a)) | set(range(0x2460, 0x2474))  # arrows, circled numbers
keep |= set(range(0x2581, 0x2590))                               # bars of a level
keep |= {0x25a0, 0x25a1, 0x25b2, 0x25b3, 0x25b6, 0x25bc, 0x25bd, 0x25c6, 0x25c7, 0x25cb, 0x25ce, 0x25cf, 0x2605, 0x2606, 0x2713}
keep |= set(range(0x3000, 0x3018)) | set(range(0xff01, 0xff60)) | {0xffe5, 0xfffd}
for row in range(0xb0, 0xf8):                                    # GB 2312: the 6763 usual characters
    for cell in range(0xa1, 0xff):
        try: keep.add(ord(bytes([row, cell]).decode('gb2312')))
        except UnicodeDecodeError: pass
def strings(x):
    if isinstance(x, str): yield x
    elif isinstance(x, dict):
        for v in x.values(): yield from strings(v)
for f in glob.glob('assets/words/*.json') + ['/dev/null']:
    if f.endswith('.json'):
        for s in strings(json.load(open(f, encoding='utf-8'))): keep |= {ord(c) for c in s}
print('\n'.join('U+%04X' % c for c in sorted(keep) if c >= 0x20))
PY

for weight in Regular Bold; do
  "$py" -m fontTools.subset "$from/NotoSansCJK-$weight.ttc" --font-number=2 --unicodes-file="$tmp/chars" \
    --glyphs=cid00725,cid00726,cid00728,cid00729,cid00117,cid00733 --no-hinting --desubroutinize --layout-features=kern,ccmp --name-IDs=0,1,2,3,4,5,6,13,14 \
    --notdef-outline --output-file="$tmp/$weight.otf"
  # Fyne sets a line by the font's ascent and descent; Noto CJK's own are made
  # for vertical text as well, and Latin beside Chinese would sit low.
  "$py" - "$tmp/$weight.otf" "assets/fonts/RaisehandSans-$weight.otf" <<'PY'
import sys
from fontTools.ttLib import TTFont
f = TTFont(sys.argv[1], recalcTimestamp=False)
upm = f['head'].unitsPerEm
up, down = int(1.069 * upm), int(0.293 * upm)
f['hhea'].ascent, f['hhea'].descent, f['hhea'].lineGap = up, -down, 0
o = f['OS/2']
o.sTypoAscender, o.sTypoDescender, o.sTypoLineGap, o.usWinAscent, o.usWinDescent = up, -down, 0, up, down
for n in f['name'].names:  # the licence reserves the name for the unchanged font
    if n.nameID in (1, 3, 4, 6):
        n.string = str(n).replace('Noto Sans CJK SC', 'Raisehand Sans').replace('NotoSansCJKsc', 'RaisehandSans').replace('Noto Sans CJK', 'Raisehand Sans')
# Quotation marks and the middle dot are as wide as a Chinese character in this
# font, which tears English apart: the narrow ones, which read well in both
# languages, take their place.
narrow = {0x2018: 'cid00725', 0x2019: 'cid00726', 0x201c: 'cid00728', 0x201d: 'cid00729', 0xb7: 'cid00117', 0x2022: 'cid00733'}
for t in f['cmap'].tables:
    if t.isUnicode() and t.format != 14: t.cmap.update(narrow)
for t in f['cmap'].tables:  # Noto CJK has no U+FFFD, and Fyne asks the first font for it: the box stands in
    if t.isUnicode() and t.format != 14: t.cmap[0xfffd] = t.cmap[0x25a1]
f.save(sys.argv[2])
PY
done
ls -l assets/fonts/*.otf
