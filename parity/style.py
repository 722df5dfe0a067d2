"""The look of the report: colours as variables, so that light and dark differ in one place."""

CSS = """
:root {
  --paper: #fbfbfa; --card: #fff; --ink: #1c1e21; --soft: #667; --line: #e3e4e8;
  --pass: #137a4b; --fail: #b3261e; --absent: #6b7280; --bar: #b9c7e6; --accent: #2f5bd0;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #131417; --card: #1b1d21; --ink: #e8e9ec; --soft: #9aa0ab; --line: #30333a;
    --pass: #4cc38a; --fail: #ff7b72; --absent: #9aa0ab; --bar: #364a77; --accent: #8fb0ff;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 .5rem; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 0 0 .75rem; display: flex; gap: .6rem; align-items: center; }
h3 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
.eyebrow { margin: 0; color: var(--soft); font-size: .8rem; letter-spacing: .06em;
  text-transform: uppercase; }
.lead { margin: 0; } .reason { color: var(--soft); margin: 0 0 1rem; overflow-wrap: anywhere; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 12px;
  padding: 1.25rem; margin-top: 1.25rem; }
.badge { font-size: .75rem; font-weight: 600; padding: .1rem .55rem; border-radius: 99px;
  border: 1px solid currentColor; white-space: nowrap; }
.badge.pass { color: var(--pass); } .badge.fail { color: var(--fail); }
.badge.absent { color: var(--absent); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 600; color: var(--soft); font-size: .8rem; }
th, td { padding: .4rem .75rem .4rem 0; border-bottom: 1px solid var(--line);
  vertical-align: top; overflow-wrap: anywhere; }
.numbers th:not(:first-child), .numbers td:not(:first-child) { text-align: right; }
tfoot td { font-weight: 600; border-bottom: 0; } tbody:last-child tr:last-child td { border: 0; }
svg { width: 100%; height: auto; display: block; margin-bottom: 1rem; }
svg text { fill: var(--ink); font-size: 12px; } svg .soft { fill: var(--soft); font-size: 11px; }
svg .end { text-anchor: end; } svg .middle { text-anchor: middle; }
svg .rows { fill: var(--bar); } svg .grid { stroke: var(--line); }
svg .tolerance { stroke: var(--fail); stroke-dasharray: 4 3; }
svg .good { fill: var(--pass); stroke: var(--pass); }
svg .bad { fill: var(--fail); stroke: var(--fail); }
"""
