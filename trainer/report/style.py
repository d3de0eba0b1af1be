"""How the page looks: the studio's colours, light and dark, on screen and on paper."""

from __future__ import annotations

CSS = """
:root { color-scheme: light dark; --window:#E9EAEC; --panel:#F7F7F8; --raised:#FFFFFF;
  --border:#D5D7DB; --text:#1B1C1F; --muted:#5C6068; --accent:#2B62D9; --ok:#2C8A57;
  --warning:#8A5A04; --error:#B8342D; --band:#2C8A5726; }
@media (prefers-color-scheme: dark) { :root { --window:#17181B; --panel:#1F2024; --raised:#2A2C31;
  --border:#383A40; --text:#E8E9EB; --muted:#9B9EA6; --accent:#6C9CFF; --ok:#5DBB86;
  --warning:#E2AC4A; --error:#EB6F68; --band:#5DBB8630; } }
* { box-sizing: border-box; }
html { scroll-padding-top: 72px; }
body { margin: 0; background: var(--window); color: var(--text); overflow-wrap: break-word;
  font: 14px/1.5 system-ui, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif; }
main, header { max-width: 1200px; margin: 0 auto; padding: 0 24px; }
header { padding-top: 40px; }
h1 { font-size: 26px; font-weight: 600; letter-spacing: -.01em; margin: 0 0 4px; }
h2 { font-size: 20px; font-weight: 600; margin: 64px 0 4px; }
h3 { font-size: 15px; font-weight: 600; margin: 32px 0 8px; }
p { margin: 0 0 8px; max-width: 76ch; }
a { color: var(--accent); text-decoration: none; }
a:hover { text-decoration: underline; }
a:focus-visible, summary:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px;
  border-radius: 2px; }
.muted, caption, figcaption, dt { color: var(--muted); }
.small { font-size: 12px; }
nav { position: sticky; top: 0; z-index: 2; background: var(--window);
  border-bottom: 1px solid var(--border); margin-top: 24px; }
nav div { max-width: 1200px; margin: 0 auto; padding: 10px 24px; display: flex; flex-wrap: wrap;
  gap: 4px 20px; }
.tally { display: flex; flex-wrap: wrap; gap: 8px 40px; margin: 24px 0 0; }
.tally div { min-width: 110px; }
.tally b { display: block; font-size: 26px; font-weight: 600; line-height: 1.2;
  font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin: 12px 0; }
th { text-align: left; font-weight: 500; font-size: 12px; color: var(--muted);
  padding: 4px 16px 6px 0; border-bottom: 1px solid var(--border); vertical-align: bottom; }
td.small { min-width: 72px; } td.target { min-width: 150px; max-width: 190px; }
td { padding: 7px 16px 7px 0; border-bottom: 1px solid var(--border); vertical-align: top; }
tr.group td { padding-top: 28px; font-weight: 600; font-size: 15px; }
tr.group span { font-weight: 400; font-size: 12px; color: var(--muted); margin-left: 10px; }
.num { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.value { font-weight: 600; } .arrow { display: inline-block; width: 1em; margin-left: 4px;
  text-align: center; color: var(--muted); font-size: 12px; }
.baselines { font-size: 12px; color: var(--muted); min-width: 200px; max-width: 240px; }
.baselines div { display: flex; gap: 8px; } .baselines span:first-child { min-width: 38px;
  text-align: right; font-variant-numeric: tabular-nums; color: var(--text); }
.title { min-width: 220px; } .title > a { color: inherit; }
tr.figure td { border-bottom: 0; padding-bottom: 0; padding-top: 14px; }
tr.told td { padding-top: 2px; padding-bottom: 14px; }
tr.figure:target td.title { color: var(--accent); }
.mark { white-space: nowrap; font-size: 13px; }
.mark.met { color: var(--ok); } .mark.missed { color: var(--error); }
.mark.open { color: var(--muted); }
.ruler { display: block; } .ruler .axis { stroke: var(--border); stroke-width: 1; }
.ruler .band { fill: var(--band); } .ruler .tick { stroke: var(--muted); stroke-width: 2; }
.ruler .dot { stroke: var(--window); stroke-width: 1.5; fill: var(--accent); }
.ruler .dot.met { fill: var(--ok); } .ruler .dot.missed { fill: var(--error); }
.ruler .whisker { stroke: var(--text); stroke-width: 2; } .ruler .zero { stroke: var(--muted);
  stroke-dasharray: 2 2; }
details { font-size: 12px; } summary { color: var(--muted); cursor: pointer; }
summary:hover { color: var(--accent); }
details p { margin: 4px 0 8px; color: var(--muted); max-width: 64ch; }
.protocol { font-size: 12px; color: var(--muted); max-width: 120ch; margin: 2px 0 0; }
.published { font-size: 12px; max-width: 120ch; margin: 4px 0 0; padding-left: 10px;
  border-left: 2px solid var(--border); color: var(--muted); }
figure { margin: 20px 0; } figure img { display: block; max-width: 100%; height: auto;
  border-radius: 6px; } figcaption { font-size: 12px; margin-bottom: 6px; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 4px 20px;
  margin: 12px 0; font-size: 13px; } dd { margin: 0; }
code { font: 12px/1.5 ui-monospace, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
code.digest { display: block; min-width: 33ch; word-break: break-all; }
ul { padding-left: 18px; margin: 8px 0; } li { margin: 4px 0; max-width: 100ch; }
.claim { display: grid; grid-template-columns: 92px minmax(0, 1fr); gap: 12px; margin: 8px 0; }
@media print { :root { color-scheme: light; --window:#fff; --panel:#fff; --raised:#fff;
    --border:#ccc; --text:#000; --muted:#444; --accent:#000; --ok:#1c6b40; --error:#a02018;
    --band:#2C8A5726; }
  @page { margin: 14mm; } body { font-size: 9pt; background: none; } nav { display: none; }
  main, header { max-width: none; padding: 0; }
  .scroll { overflow: visible; } h2 { break-before: page; margin-top: 0; }
  h2.first { break-before: auto; margin-top: 24px; } tr, figure { break-inside: avoid; }
  h3 { break-after: avoid; } thead { display: table-header-group; }
  tr.figure, tr.group { break-after: avoid; } details { display: none; }
  td, th { padding-top: 4px; padding-bottom: 4px; padding-right: 10px; }
  tr.group td { padding-top: 14px; } tr.figure td { padding-top: 8px; }
  .title { min-width: 0; } .baselines { min-width: 150px; }
  td.target { min-width: 110px; } .ruler { width: 110px; height: auto; }
  figure img { max-height: 22cm; width: auto; }
  * { print-color-adjust: exact; } }
@media screen and (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
@media screen and (max-width: 760px) {
  main, header, nav div { padding-left: 14px; padding-right: 14px; }
  nav { position: static; } html { scroll-padding-top: 8px; } h2 { margin-top: 40px; }
  .title { min-width: 150px; } td.target { min-width: 120px; } .tally { gap: 8px 24px; } }
"""
