// SPDX-License-Identifier: Apache-2.0
#include "src/table/html_page.h"

namespace marey::table {

const std::string_view kPageStyle = R"css(
:root {
  color-scheme: light dark;
  --paper: #fff; --ink: #1c2127; --dim: #57606a; --rule: #d5dbe1; --shade: #f4f6f8;
  --accent: #0a5fbf; --area: rgb(10 95 191 / 16%); --bar: #cfe2fa; --mark: #fff3c4; --shadow: rgb(0 0 0 / 18%);
  --good: #0f6b2f; --good-shade: #e8f6ec; --note: #7a4b00; --note-shade: #fff5db;
  --bad: #a3132b; --bad-shade: #fdecee;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #11161b; --ink: #e5e9ed; --dim: #a0abb6; --rule: #303943; --shade: #1a2128;
    --accent: #75b5ff; --area: rgb(117 181 255 / 22%); --bar: #234468; --mark: #4a3f14; --shadow: rgb(0 0 0 / 65%);
    --good: #82e0a3; --good-shade: #14291c; --note: #f2c46d; --note-shade: #2e2513;
    --bad: #ff9aa5; --bad-shade: #351a1f;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 1rem; -webkit-text-size-adjust: 100%; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body {
  margin: 0 auto; padding: 1.5rem clamp(1rem, 3vw, 2.5rem) 3rem; max-width: 112rem;
  background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
}
a { color: var(--accent); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
h1, h2, h3, p, dl, figure { margin: 0; }
h1 { font-size: 1.75rem; line-height: 1.2; overflow-wrap: anywhere; }
h2 { font-size: 1.35rem; line-height: 1.3; margin: 2.5rem 0 .75rem; }
h3 { font-size: 1.1rem; line-height: 1.3; }
code, pre { font: .875em/1.45 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
p code, dd code, li code { background: var(--shade); border-radius: 3px; padding: .1em .3em; white-space: nowrap; }

.lead { margin-top: .35rem; color: var(--dim); overflow-wrap: anywhere; }
.health {
  margin-top: 1.25rem; padding: .75rem 1rem; border-left: 4px solid; border-radius: 4px;
  overflow-wrap: anywhere;
}
.health.good { color: var(--good); background: var(--good-shade); }
.health.note { color: var(--note); background: var(--note-shade); }
.health.bad { color: var(--bad); background: var(--bad-shade); }
.health p { font-weight: 600; }
.health ul { margin: .5rem 0 0; padding-left: 1.25rem; color: var(--ink); }
.facts {
  display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 17rem), 1fr));
  gap: 0 2rem; margin-top: 1.25rem;
}
.facts div { padding: .4rem 0; border-bottom: 1px solid var(--rule); }
.facts dt { font-size: .8125rem; color: var(--dim); }
.facts dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }

nav { margin-top: 1.75rem; }
nav h2 { font-size: .8125rem; font-weight: 600; color: var(--dim); margin: 0 0 .35rem; }
nav ul { list-style: none; margin: 0; padding: 0; columns: 17rem; column-gap: 2rem; }
nav li { padding: .15rem 0; break-inside: avoid; }
nav a { text-decoration: none; }
nav a:hover { text-decoration: underline; }

.charts {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, max(26rem, 34%)), 1fr));
  gap: 1.75rem 2.5rem;
}
.chart { min-width: 0; }
.chart figcaption { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem; }
.chart .title { font-weight: 600; }
.chart .extent { color: var(--dim); font-variant-numeric: tabular-nums; }
.plot {
  position: relative; display: grid; margin: .75rem 0 .4rem; column-gap: .5rem;
  grid-template: 7rem 1.5rem / minmax(2.25rem, max-content) minmax(0, 1fr);
  font-size: .75rem; line-height: 1; color: var(--dim); font-variant-numeric: tabular-nums;
}
.plot svg { width: 100%; height: 100%; overflow: visible; }
.plot path { fill: none; vector-effect: non-scaling-stroke; }
.plot .grid { stroke: var(--rule); stroke-width: 1; }
.plot .area { fill: var(--area); }
.plot .line { stroke: var(--accent); stroke-width: 1.5; stroke-linejoin: round; }
.values { position: relative; }
.values span { position: absolute; right: 0; transform: translateY(-50%); white-space: nowrap; }
.times { position: relative; grid-column: 2; }
.times span { position: absolute; top: .5rem; transform: translateX(-50%); white-space: nowrap; }
.times .first { transform: none; }
.times .last { transform: translateX(-100%); }
.cursor { position: absolute; top: 0; height: 7rem; width: 1px; background: var(--ink); pointer-events: none; }
.readout {
  position: absolute; top: -.6rem; padding: .3rem .45rem; border-radius: 4px; white-space: nowrap;
  background: var(--ink); color: var(--paper); pointer-events: none; transform: translate(-50%, -50%);
}

.help, .reading, .omitted, .nothing { max-width: 75ch; }
.help, .omitted { color: var(--dim); font-size: .875rem; }
.omitted { margin-top: .4rem; }
section.table { margin: 2.75rem 0 0; scroll-margin-top: 1rem; }
section.table .help { margin-top: .25rem; }
.reading { margin-top: .35rem; font-size: .9375rem; }
.scroll {
  overflow-x: auto; margin-top: .75rem;
  /* A shadow where there is more, which the paper covers at either end. */
  background:
    linear-gradient(to right, var(--paper) 40%, transparent) 0 0 / 2rem 100% no-repeat local,
    linear-gradient(to left, var(--paper) 40%, transparent) 100% 0 / 2rem 100% no-repeat local,
    linear-gradient(to right, var(--shadow), transparent) 0 0 / .75rem 100% no-repeat scroll,
    linear-gradient(to left, var(--shadow), transparent) 100% 0 / .75rem 100% no-repeat scroll;
}
table { border-collapse: collapse; font-size: .875rem; line-height: 1.35; font-variant-numeric: tabular-nums; }
caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
th, td { padding: .3rem .5rem; text-align: right; white-space: nowrap; vertical-align: top; }
tr > :first-child { padding-left: .25rem; }
thead th {
  vertical-align: bottom; white-space: normal; font-weight: 600; color: var(--dim);
  border-bottom: 2px solid var(--rule);
}
tbody tr { border-bottom: 1px solid var(--rule); }
tbody tr:hover { background: var(--shade); }
.text, .evidence { text-align: left; }
tbody .text {
  font-weight: 400; white-space: normal; overflow-wrap: break-word; min-width: 5rem; max-width: 26rem;
}
td.bar {
  min-width: 11rem; print-color-adjust: exact; -webkit-print-color-adjust: exact;
  background: linear-gradient(to right, var(--bar) var(--bar-length, 0), transparent 0) no-repeat 0 50% / calc(100% - 4.5rem) 70%;
}
thead button {
  all: unset; cursor: pointer; display: inline; color: inherit; border-radius: 2px;
}
thead button:hover { color: var(--ink); text-decoration: underline; }
thead button:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
th[aria-sort] button { color: var(--ink); }
th[aria-sort=descending] button::after { content: " \2193"; }
th[aria-sort=ascending] button::after { content: " \2191"; }
td.evidence { white-space: normal; min-width: 6rem; }
td.evidence summary { white-space: nowrap; }
td.evidence code, td.evidence pre { display: block; width: min(30rem, 75vw); overflow-wrap: anywhere; }
td.evidence code { margin-top: .25rem; user-select: all; }
td.evidence pre { margin: .35rem 0; max-height: 20rem; overflow-y: auto; white-space: pre-wrap; }
summary { cursor: pointer; color: var(--accent); }
.columns { margin-top: .6rem; font-size: .875rem; }
.columns dl { display: grid; grid-template-columns: max-content minmax(0, 75ch); gap: .25rem 1rem; margin-top: .5rem; }
.columns dt { font-weight: 600; }
.columns dd { margin: 0; color: var(--dim); }
input.all { position: absolute; opacity: 0; pointer-events: none; }
tbody.rest { display: none; }
input.all:checked ~ .scroll tbody.rest { display: table-row-group; }
label.all {
  display: inline-block; margin-top: .5rem; padding: .25rem .7rem; font-size: .875rem; cursor: pointer;
  color: var(--accent); border: 1px solid var(--rule); border-radius: 4px;
}
label.all:hover { background: var(--shade); }
input.all:focus-visible ~ label.all { outline: 2px solid var(--accent); outline-offset: 2px; }
label.all span + span, input.all:checked ~ label.all span:first-child { display: none; }
input.all:checked ~ label.all span + span { display: inline; }
.nothing { margin-top: 2.75rem; }
:target > h3, figure:target .title { background: var(--mark); }
footer { margin-top: 3rem; padding-top: .75rem; border-top: 1px solid var(--rule); color: var(--dim); font-size: .875rem; }

@media screen and (min-width: 40.01rem) {
  tbody .short { white-space: nowrap; }
}
@media (min-width: 90rem) {
  .columns-page { display: grid; grid-template-columns: 14rem minmax(0, 1fr); gap: 3rem; }
  nav { position: sticky; top: 1.5rem; align-self: start; max-height: calc(100vh - 3rem); overflow-y: auto; margin-top: 2.5rem; }
  nav ul { columns: auto; }
}
@media (max-width: 40rem) {
  .facts div { display: grid; grid-template-columns: 6.5rem minmax(0, 1fr); align-items: baseline; padding: .25rem 0; }
  th, td { padding: .3rem .45rem; }
  tbody .text { max-width: 60vw; }
  thead tr > .text:first-child, tbody th[scope=row] {
    position: sticky; left: 0; background: var(--paper); min-width: 38vw; max-width: 46vw;
  }
  .columns dl { grid-template-columns: minmax(0, 1fr); gap: 0; }
  .columns dd { margin-bottom: .4rem; }
}
@media print {
  :root {
    --paper: #fff; --ink: #000; --dim: #444; --rule: #bbb; --shade: #fff; --accent: #0a5fbf;
    --area: rgb(10 95 191 / 16%); --bar: #cfe2fa; --good: #0f6b2f; --note: #7a4b00; --bad: #a3132b;
    --good-shade: #fff; --note-shade: #fff; --bad-shade: #fff;
  }
  body { font-size: 10pt; max-width: none; padding: 0; }
  nav, label.all, .columns, .evidence, .hint { display: none; }
  .columns-page, .charts { display: block; }
  .chart { display: inline-block; vertical-align: top; width: 47%; margin: 0 2% 1rem 0; }
  .facts { grid-template-columns: repeat(4, 1fr); font-size: 8pt; }
  .facts dt { font-size: 7pt; }
  .help, .reading, .omitted, .nothing { font-size: 8pt; max-width: none; }
  section.table { margin-top: 1.5rem; }
  .scroll { overflow: visible; background: none; }
  table { font-size: 6.5pt; }
  th, td { padding: 2pt 3pt; }
  tbody .text { min-width: 5em; overflow-wrap: anywhere; }
  thead { display: table-header-group; }
  tr, figure, h2, h3, .help, .reading { break-inside: avoid; }
  h2, h3, .help, .reading { break-after: avoid; }
}
)css";

const std::string_view kPageScript = R"js(
"use strict";
for (const hint of document.querySelectorAll(".scripted")) hint.hidden = false;
for (const table of document.querySelectorAll("section.table table")) {
  const heads = [...table.tHead.rows[0].cells];
  const visible = table.tBodies[0].rows.length;
  const valueOf = (row, column, isText) => {
    const cell = row.cells[column];
    if (isText) return cell.textContent;
    return parseFloat(cell.title || cell.textContent);
  };
  const sort = (column) => {
    const head = heads[column];
    const isText = head.dataset.sort === "text";
    const first = isText ? "ascending" : "descending";
    const other = isText ? "descending" : "ascending";
    const order = head.getAttribute("aria-sort") === first ? other : first;
    for (const each of heads) each.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", order);
    const sign = order === "ascending" ? 1 : -1;
    const rows = [...table.tBodies].flatMap((body) => [...body.rows]);
    const keys = new Map(rows.map((row) => [row, valueOf(row, column, isText)]));
    const isNothing = (key) => (isText ? key === "-" : Number.isNaN(key));
    rows.sort((a, b) => {
      const x = keys.get(a);
      const y = keys.get(b);
      if (isNothing(x) || isNothing(y)) return isNothing(x) - isNothing(y);
      return sign * (isText ? x.localeCompare(y) : x - y);
    });
    rows.forEach((row, i) => table.tBodies[i < visible ? 0 : 1].append(row));
  };
  heads.forEach((head, column) => {
    if (!head.dataset.sort) return;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () => sort(column));
    head.append(button);
  });
}
document.addEventListener("toggle", (event) => {
  const shown = event.target;
  if (shown.open && shown.closest("td")) shown.scrollIntoView({ block: "nearest", inline: "nearest" });
}, true);
for (const plot of document.querySelectorAll(".plot")) {
  const picture = plot.querySelector("svg");
  const values = plot.dataset.values.split("|");
  const begin = Number(plot.dataset.begin);
  const step = (Number(plot.dataset.end) - begin) / values.length;
  const cursor = document.createElement("div");
  cursor.className = "cursor";
  const readout = document.createElement("div");
  readout.className = "readout";
  readout.setAttribute("role", "status");
  let at = -1;
  const hide = () => {
    at = -1;
    cursor.remove();
    readout.remove();
  };
  const show = (index) => {
    at = Math.max(0, Math.min(values.length - 1, index));
    const box = picture.getBoundingClientRect();
    const left = box.left - plot.getBoundingClientRect().left;
    const x = left + ((at + 0.5) / values.length) * box.width;
    const seconds = ((begin + (at + 0.5) * step) / 1e9).toFixed(step < 1e6 ? 6 : 3);
    const value = values[at] === "" ? "not known" : `${values[at]} ${plot.dataset.unit}`;
    readout.textContent = `${value.trim()} at ${seconds}s`;
    plot.append(cursor, readout);
    cursor.style.left = `${x}px`;
    const half = readout.offsetWidth / 2;
    readout.style.left = `${Math.max(half, Math.min(plot.clientWidth - half, x))}px`;
  };
  plot.addEventListener("pointermove", (event) => {
    const box = picture.getBoundingClientRect();
    if (event.clientX < box.left || event.clientX > box.right) return hide();
    show(Math.floor(((event.clientX - box.left) / box.width) * values.length));
  });
  plot.addEventListener("pointerleave", hide);
  plot.addEventListener("blur", hide);
  plot.addEventListener("keydown", (event) => {
    const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.key === "Escape") hide();
    if (move === undefined) return;
    event.preventDefault();
    show(at < 0 ? (move > 0 ? 0 : values.length - 1) : at + move);
  });
}
)js";

const std::string_view kPageScriptSha256 = "8kvDaGJ8PsfbJPgPDxN4GbM2jRA81gBtXjyhyP4kcII=";

}  // namespace marey::table
