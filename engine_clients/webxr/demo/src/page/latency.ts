/** The times of a turn and the cost of this page, as rows for the page and for a headset's panel. */

import type { FrametalkSession, Spread, StageTime } from "frametalk";
import type { Cost } from "./cost.ts";

const COLOURS: Record<string, string> = {
  input_device: "#8d99ae",
  capture: "#7a9e9f",
  endpoint_wait: "#c2b29b",
  recognition: "#e0a458",
  mind_first_token: "#d1603d",
  tools: "#9b6a6c",
  first_clause: "#b8c480",
  voice_first_sound: "#5b8e7d",
  sending: "#8cb4d2",
  client_buffer: "#6c7fc4",
  output_device: "#8d99ae",
  audible_onset: "#b39ddb",
  transport: "#8cb4d2",
};
const RATES_HZ = [72, 90, 120];
const CARRIERS = { websocket: "WebSocket", webrtc: "WebRTC" };

/** One row of the table. */
export interface Row {
  name: string;
  value: string;
  /** For a stage of the waterfall: its beginning and end, as parts of the whole. */
  bar?: { from: number; to: number; colour: string };
}

/** All rows, the newest turn's waterfall first. */
export function rows(session: FrametalkSession, cost: Cost): Row[] {
  const { last, mouthToEarMs, stats } = session.latency;
  const table: Row[] = [];
  if (last) {
    const whole = last.mouthToEarMs;
    const median = mouthToEarMs === null ? "" : ` (median ${ms(mouthToEarMs)})`;
    table.push({
      name: `turn ${last.turn}, mouth to ear`,
      value: whole === null ? last.unmeasured : ms(whole) + median,
    });
    table.push(...waterfall(last.stages, whole ?? 0));
    table.push(...last.unseen.map((stage) => ({ name: words(stage), value: "unknown" })));
  } else table.push({ name: "mouth to ear", value: "say something" });
  table.push(
    { name: "microphone to wire", value: spread(stats?.captureToWireMs) },
    { name: "received to output", value: spread(stats?.receivedToOutputMs) },
    {
      name: "lips behind sound",
      value: `${ms(cost.lipsMs.at(0.5))}, p95 ${ms(cost.lipsMs.at(0.95))}`,
    },
    { name: "microphone goes by", value: CARRIERS[session.transport] },
    { name: "round trip", value: ms(stats?.roundTripMs) },
    { name: "jitter", value: ms(stats?.jitterMs) },
    { name: "buffered", value: spread(stats?.bufferedMs) },
    { name: "underruns", value: String(stats?.underruns ?? 0) },
    { name: "frame", value: frame(cost) },
    {
      name: "our part of it",
      value: `${ms(cost.oursMs.at(0.5))}, p99 ${ms(cost.oursMs.at(0.99))}`,
    },
    ...RATES_HZ.map((hz) => budget(cost, hz)),
  );
  return table;
}

/** The rows in an element of the page. */
export class Table {
  private readonly table = document.createElement("table");
  private shown: Row[] = [];

  constructor(into: HTMLElement) {
    into.append(this.table);
  }

  /** Show these rows; only cells that changed are written. */
  show(lines: Row[]): void {
    const { rows } = this.table;
    for (const [i, line] of lines.entries()) {
      const row = rows[i] ?? emptyRow(this.table);
      const before = this.shown[i];
      if (before?.name !== line.name) write(row.cells[0], line.name);
      if (before?.value !== line.value) write(row.cells[1], line.value);
      if (before?.bar || line.bar) strip(row.cells[0], line.bar);
    }
    while (rows.length > lines.length) this.table.deleteRow(-1);
    this.shown = lines;
  }
}

function emptyRow(table: HTMLTableElement): HTMLTableRowElement {
  const row = table.insertRow();
  const name = document.createElement("th");
  name.scope = "row";
  row.append(name);
  row.insertCell();
  return row;
}

function write(cell: HTMLTableCellElement | undefined, text: string): void {
  if (cell) cell.textContent = text;
}

/** A bar below a stage's name, from its beginning to its end. */
function strip(cell: HTMLTableCellElement | undefined, bar: Row["bar"]): void {
  if (!cell) return;
  cell.classList.toggle("bar", bar !== undefined);
  if (!bar) return;
  cell.style.setProperty("--from", `${bar.from * 100}%`);
  cell.style.setProperty("--to", `${bar.to * 100}%`);
  cell.style.setProperty("--colour", bar.colour);
}

function waterfall(stages: readonly StageTime[], wholeMs: number): Row[] {
  let from = 0;
  return stages.map(({ stage, ms: took, estimated }) => {
    const to = from + (wholeMs ? took / wholeMs : 0);
    const bar = { from, to, colour: COLOURS[stage] ?? "#ffffff" };
    from = to;
    return { name: words(stage), value: ms(took) + (estimated ? ", estimated" : ""), bar };
  });
}

function words(stage: string): string {
  return stage.replaceAll("_", " ");
}

function frame(cost: Cost): string {
  const median = cost.frameMs.at(0.5);
  const rate = median ? ` (${Math.round(1000 / median)} Hz)` : "";
  return `${ms(median)}${rate}, p99 ${ms(cost.frameMs.at(0.99))}`;
}

function budget(cost: Cost, hz: number): Row {
  const part = ((cost.oursMs.at(0.99) ?? 0) * hz) / 1000;
  return { name: `of a frame at ${hz} Hz`, value: `${(part * 100).toFixed(1)} %` };
}

function spread(of: Spread | null | undefined): string {
  return `${ms(of?.p50)}, p95 ${ms(of?.p95)}`;
}

function ms(value: number | null | undefined): string {
  return value === null || value === undefined ? "-" : `${value.toFixed(value < 100 ? 1 : 0)} ms`;
}
