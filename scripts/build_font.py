"""Cuts the Kai face of the interface down to the characters that it needs, and draws the seal of the tab.

The face is LXGW WenKai (OFL 1.1), from the npm package @fontsource/lxgw-wenkai, which holds it whole.
Run: npm pack @fontsource/lxgw-wenkai@5.3.0 && tar xzf fontsource-lxgw-wenkai-5.3.0.tgz
     pip install fonttools brotli && python scripts/build_font.py package/files/lxgw-wenkai-latin-500-normal.woff2
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools import subset  # type: ignore[import-untyped]
from fontTools.pens.svgPathPen import SVGPathPen  # type: ignore[import-untyped]
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

from shici.checkpoint import PRETRAINED
from shici.vocabulary import Vocabulary

FOLDER = Path(__file__).resolve().parent.parent / "shici" / "app" / "static"
FAMILY = "Shici WenKai"  # the licence asks that a changed font bears another name
SEAL = "诗"
SIGNS = "–—…·×÷√Σσ−≤≥≈→←↑↓↵⏎○●◐▸▾▲△□■✓∞αβγμε₀₁₂₃₄₅₆₇₈₉ⁱᵀ"


def main() -> None:
    face = TTFont(Path(sys.argv[1]))
    draw_seal(face)
    options = subset.Options()
    options.flavor = "woff2"
    options.layout_features = ["*"]  # vertical forms among them
    options.hinting = False
    subsetter = subset.Subsetter(options)
    subsetter.populate(text="".join(sorted(wanted())))
    subsetter.subset(face)
    rename(face)
    subset.save_font(face, str(FOLDER / "kai.woff2"), options)
    print(f"{FOLDER / 'kai.woff2'}: {(FOLDER / 'kai.woff2').stat().st_size / 1e6:.2f} MB")


def wanted() -> set[str]:
    """The model's characters, GB 2312 (whatever a sentence of the interface may use), Latin and a few signs."""
    model = {token for token in Vocabulary.load(PRETRAINED / "vocabulary.txt").tokens if len(token) == 1}
    rows = (bytes((high, low)) for high in range(0xA1, 0xF8) for low in range(0xA1, 0xFF))
    common = set("".join(row.decode("gb2312", errors="ignore") for row in rows))
    return model | common | set(map(chr, range(0x20, 0x7F))) | set(SIGNS)


def rename(face: TTFont) -> None:
    """Give every name of the face the new family; the copyright and the licence stay."""
    for record in face["name"].names:
        if record.nameID in (1, 3, 4, 6, 16):
            record.string = FAMILY.replace(" ", "") if record.nameID == 6 else FAMILY


def draw_seal(face: TTFont) -> None:
    """seal.svg: one character in white on vermilion, as outlines, so that it looks the same without the font."""
    glyphs, pen = face.getGlyphSet(), SVGPathPen(face.getGlyphSet())
    glyphs[face.getBestCmap()[ord(SEAL)]].draw(pen)
    units = face["head"].unitsPerEm
    scale, rise = 52 / units, 0.86 * units
    (FOLDER / "seal.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" width="64" height="64">'
        '<rect x="2" y="2" width="60" height="60" rx="9" fill="#b23a24"/>'
        f'<g transform="translate(6 6) scale({scale:.6f} {-scale:.6f}) translate(0 {-rise:.0f})">'
        f'<path fill="#faf5ea" d="{pen.getCommands()}"/></g></svg>\n'
    )


if __name__ == "__main__":
    main()
