import { expect, it } from "vitest";
import { ClockEstimate } from "../../src/core/clock";
import type { Ping, Pong } from "../../src/core/messages";
import { Pings } from "../../src/core/pings";
import { Timeline } from "../timeline";

const AHEAD_US = 5_000_000; // how far the server's clock is ahead

class Pinged {
  readonly time = new Timeline();
  readonly estimate = new ClockEstimate();
  readonly sent: { message: Ping | Pong; ms: number }[] = [];
  readonly roundTripsMs: number[] = [];
  silences = 0;
  readonly pings = new Pings(
    {
      nowUs: this.time.nowUs,
      after: this.time.after,
      send: (message) => this.sent.push({ message, ms: this.time.ms }),
      returned: (roundTripMs) => this.roundTripsMs.push(roundTripMs),
      silent: () => this.silences++,
    },
    this.estimate,
  );

  of(index: number): Ping {
    return this.sent[index]?.message as Ping;
  }

  /** The server answers a ping, as a frame. */
  answer(index: number, more: Partial<Pong> = {}): void {
    const { id, t_us } = this.of(index);
    const theirUs = this.time.nowUs() + AHEAD_US;
    this.pings.frame();
    this.pings.pong({
      type: "pong",
      id,
      t_us,
      received_us: theirUs,
      sent_us: theirUs,
      ...more,
    });
  }
}

it("pings three times in the first half second, then once a second", () => {
  const { pings, time, sent } = new Pinged();
  pings.start(false);
  time.advance(3000);
  expect(sent.map(({ ms }) => ms)).toEqual([0, 250, 500, 1500, 2500]);
  expect(new Set(sent.map(({ message }) => message.id)).size).toBe(5);
});

it("estimates the server's clock from a pong, and reports the round trip", () => {
  const server = new Pinged();
  server.pings.start(false);
  server.time.advance(40);
  server.answer(0);
  expect(server.roundTripsMs).toEqual([40]);
  expect(server.estimate.offsetUs).toBe(AHEAD_US + 20_000);
});

it.each([
  ["an id that was not sent", { id: 99 }],
  ["another time than the ping's", { t_us: 1 }],
])("ignores a pong with %s", (_, pong) => {
  const server = new Pinged();
  server.pings.start(false);
  server.answer(0, pong);
  expect(server.roundTripsMs).toEqual([]);
  server.answer(0);
  server.answer(0); // a repetition
  expect(server.roundTripsMs).toEqual([0]);
});

it("answers each ping at once with its own clock", () => {
  const { pings, time, sent } = new Pinged();
  pings.answer({ type: "ping", id: 7, t_us: 123 });
  const nowUs = time.nowUs();
  expect(sent.map(({ message }) => message)).toEqual([
    { type: "pong", id: 7, t_us: 123, received_us: nowUs, sent_us: nowUs },
  ]);
});

it.each([
  ["15 s", false, 15_000],
  ["5 s, if the session can be resumed", true, 5000],
])("finds the server silent after %s", (_, resumable, ms) => {
  const server = new Pinged();
  server.pings.start(resumable);
  server.time.advance(3000);
  server.pings.frame();
  server.time.advance(ms - 100);
  expect(server.silences).toBe(0);
  server.time.advance(1100);
  expect(server.silences).toBe(1);
  const pings = server.sent.length;
  server.time.advance(5000);
  expect(server.silences).toBe(1);
  expect(server.sent).toHaveLength(pings);
});

it("neither pings nor finds silence without a connection", () => {
  const server = new Pinged();
  server.pings.start(false);
  server.pings.stop();
  server.time.advance(60_000);
  expect(server.sent).toHaveLength(1);
  expect(server.silences).toBe(0);
  server.answer(0); // of the connection before
  expect(server.roundTripsMs).toEqual([]);
});
