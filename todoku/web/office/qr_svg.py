"""Pure. A QR code as SVG for a page that is printed: one path of dark modules, black on white, its light border included."""

import zint

QUIET = 4  # modules, ISO/IEC 18004
_ROW_BYTES = 144  # how zint lays out encoded_data: 1152 modules a row, lowest bit first


def qr_svg(text: str) -> str:
    """The symbol with error correction M; `text` holds letters, digits and hyphens of a label alone."""
    assert text.isascii() and text.replace("-", "").isalnum(), "a label's code is plain"
    symbol = zint.Symbol()
    symbol.symbology = zint.Symbology.QRCODE
    symbol.option_1 = 2  # M
    symbol.encode(text)
    size, modules = symbol.rows, bytes(symbol.encoded_data)
    dark = "".join(
        f"M{col + QUIET} {row + QUIET}h1v1h-1z"
        for row in range(size)
        for col in range(size)
        if modules[row * _ROW_BYTES + col // 8] >> (col % 8) & 1
    )
    side = size + 2 * QUIET
    return (
        f'<svg class="qr" viewBox="0 0 {side} {side}" role="img" aria-label="{text} のQRコード" '
        f'shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{side}v{side}H0z"/><path d="{dark}"/></svg>'
    )
