/** The blacksmith: a body and a head that live, listen, think, talk and hand things over. */

import { Group, type Object3D, Vector3 } from "three";
import { noise, random } from "../world/noise.ts";
import { Body } from "./body.ts";
import { Head } from "./head.ts";
import {
  EMOTIONS,
  GESTURES,
  JOINTS,
  type Joint,
  type Mood,
  type Pose,
  SAME_GESTURE,
  STANCES,
} from "./pose.ts";

const HALF_LIFE_S: Partial<Record<Joint, number>> = {
  headNod: 0.07,
  headTurn: 0.12,
  brows: 0.07,
  smile: 0.12,
  lookUp: 0.03,
  lookAside: 0.03,
};
const OTHER_HALF_LIFE_S = 0.13;
const EMOTION_LASTS_S = 4;
const HEAD_SIZE = 1.16; // of life: a face that is read from two metres
const MAX_HEAD_TURN = 0.75;
const BLINK_S = 0.16;

/** A character that a page can animate without knowing of what it is made. */
export interface Character {
  readonly object: Object3D;
  /** Where the eyes are, in the world. */
  eyes(into: Vector3): Vector3;
  be(mood: Mood): void;
  gesture(name: string): void;
  feel(emotion: string, strength: number): void;
  /** Look at this point of the world from now on. */
  watch(point: Vector3): void;
  /** Weights of the mouth in this frame. */
  speak(weights: Readonly<Record<string, number>>): void;
  /** The weight that the face shows for a viseme. */
  influence(viseme: string): number;
  /** Where a thing that is handed over hangs. */
  readonly grip: Object3D;
  update(time_s: number, step_s: number): void;
}

export class Blacksmith implements Character {
  readonly object = new Group();
  readonly grip: Object3D;
  private readonly head = new Head();
  private readonly body = new Body();
  private readonly now: Record<Joint, number>;
  private readonly dice = random(41);
  private readonly gaze = new Vector3(0, 1.6, 0);
  private readonly from = new Vector3();
  private mood: Mood = "idle";
  private playing: { name: string; since_s: number }[] = [];
  private emotion: { pose: Pose; strength: number; until_s: number } | null = null;
  private time_s = 0;
  private nextBlink_s = 1.5;
  private blinkSince_s = -1;
  private glance: [number, number] = [0, 0];
  private nextGlance_s = 0;
  private loudness = 0;

  constructor() {
    this.now = Object.fromEntries(JOINTS.map((joint) => [joint, 0])) as Record<Joint, number>;
    this.body.neck.add(this.head.group);
    this.head.group.scale.setScalar(HEAD_SIZE);
    this.head.group.position.set(0, 0.125, 0.03);
    this.object.add(this.body.group);
    this.grip = this.body.left.grip;
  }

  eyes(into: Vector3): Vector3 {
    return this.head.group.getWorldPosition(into).add(new Vector3(0, 0.02, 0.08));
  }

  be(mood: Mood): void {
    this.mood = mood;
  }

  gesture(name: string): void {
    const known = SAME_GESTURE[name] ?? name;
    if (known in GESTURES) this.playing.push({ name: known, since_s: this.time_s });
  }

  feel(emotion: string, strength: number): void {
    const pose = EMOTIONS[emotion];
    if (pose) this.emotion = { pose, strength, until_s: this.time_s + EMOTION_LASTS_S };
  }

  watch(point: Vector3): void {
    this.gaze.copy(point);
  }

  speak(weights: Readonly<Record<string, number>>): void {
    this.head.speak(weights);
    this.loudness += (1 - (weights.sil ?? 1) - this.loudness) * 0.12;
  }

  influence(viseme: string): number {
    return this.head.influence(viseme);
  }

  update(time_s: number, step_s: number): void {
    this.time_s = time_s;
    const target = this.target(time_s);
    for (const joint of JOINTS) {
      const half = HALF_LIFE_S[joint] ?? OTHER_HALF_LIFE_S;
      this.now[joint] += ((target[joint] ?? 0) - this.now[joint]) * (1 - 0.5 ** (step_s / half));
    }
    this.apply(time_s);
  }

  private target(time_s: number): Pose {
    const sum: Pose = { ...STANCES[this.mood] };
    const add = (more: Pose, weight = 1) => {
      for (const [joint, angle] of Object.entries(more) as [Joint, number][])
        sum[joint] = (sum[joint] ?? 0) + angle * weight;
    };
    add(this.idling(time_s));
    if (this.mood === "talking") add(this.talking(time_s));
    if (this.emotion && time_s < this.emotion.until_s)
      add(this.emotion.pose, this.emotion.strength);
    this.playing = this.playing.filter(
      ({ name, since_s }) => time_s - since_s < (GESTURES[name]?.length_s ?? 0),
    );
    for (const { name, since_s } of this.playing) {
      const gesture = GESTURES[name];
      if (gesture) add(gesture.at((time_s - since_s) / gesture.length_s));
    }
    add(this.looking(time_s));
    return sum;
  }

  /** Weight from foot to foot, a head that is never quite still. */
  private idling(time_s: number): Pose {
    const drift = (rate: number, seed: number) => noise(time_s * rate, 0.5, 4096, seed) - 0.5;
    return {
      chestSway: 0.05 * drift(0.35, 1),
      chestTurn: 0.08 * drift(0.25, 2),
      headTilt: 0.06 * drift(0.5, 3),
      headNod: 0.04 * drift(0.6, 4),
      leftSwing: 0.08 * drift(0.4, 5),
      rightSwing: 0.08 * drift(0.4, 6),
    };
  }

  /** Hands and head go with the voice. */
  private talking(time_s: number): Pose {
    const beat = (rate: number, seed: number) =>
      (noise(time_s * rate, 0.5, 4096, seed) - 0.5) * 2 * Math.min(1, this.loudness * 1.6);
    return {
      headNod: 0.07 * beat(2.3, 11),
      headTilt: 0.06 * beat(1.1, 12),
      headTurn: 0.07 * beat(0.9, 13),
      leftElbow: 0.45 * beat(1.3, 14),
      leftTwist: 0.35 * beat(0.9, 15),
      rightElbow: 0.45 * beat(1.2, 16),
      rightTwist: 0.35 * beat(0.8, 17),
      leftSwing: 0.18 * beat(0.8, 18),
      rightSwing: 0.18 * beat(0.7, 19),
      brows: 0.45 * beat(1.2, 20),
      chestTurn: 0.05 * beat(0.6, 21),
    };
  }

  /** Head and eyes share the way to what is looked at; eyes make small jumps of their own. */
  private looking(time_s: number): Pose {
    const away = this.from.copy(this.gaze).sub(this.eyes(new Vector3()));
    this.object.worldToLocal(away.add(this.object.getWorldPosition(new Vector3())));
    const aside = Math.atan2(away.x, away.z);
    const up = Math.atan2(away.y, Math.hypot(away.x, away.z));
    if (time_s >= this.nextGlance_s) {
      this.glance = [(this.dice() - 0.5) * 0.07, (this.dice() - 0.5) * 0.05];
      this.nextGlance_s = time_s + 0.6 + this.dice() * 1.8;
    }
    const turn = Math.max(-MAX_HEAD_TURN, Math.min(MAX_HEAD_TURN, aside * 0.75));
    const away_s = this.mood === "thinking" ? 0.4 : 1;
    return {
      headTurn: turn * away_s,
      headNod: -up * 0.6,
      chestTurn: 0.15 * aside,
      lookAside: (aside - turn) * away_s + this.glance[0],
      lookUp: up * 0.4 + this.glance[1],
    };
  }

  private blink(time_s: number): number {
    if (time_s >= this.nextBlink_s) {
      this.blinkSince_s = time_s;
      this.nextBlink_s = time_s + 1.4 + this.dice() * 3.6;
    }
    const t = (time_s - this.blinkSince_s) / BLINK_S;
    return t < 1 ? Math.sin(Math.PI * t) ** 0.7 : 0;
  }

  private apply(time_s: number): void {
    const { body, now } = this;
    body.breathe(0.5 + 0.5 * Math.sin(time_s * 1.5));
    body.chest.rotation.set(now.chestLean, now.chestTurn, now.chestSway);
    body.neck.rotation.set(
      now.headNod - now.chestLean * 0.6,
      now.headTurn - now.chestTurn,
      now.headTilt,
    );
    for (const side of ["left", "right"] as const) {
      const { shoulder, elbow, wrist } = body[side];
      const mirror = side === "left" ? -1 : 1;
      shoulder.rotation.set(
        -now[`${side}Swing`],
        mirror * now[`${side}Twist`] * -1,
        mirror * now[`${side}Out`],
      );
      elbow.rotation.x = -now[`${side}Elbow`];
      wrist.rotation.x = -now[`${side}Wrist`];
    }
    this.head.express({
      brows: clamp(now.brows),
      smile: clamp(now.smile),
      blink: this.blink(time_s),
      look: [now.lookAside, now.lookUp],
    });
  }
}

const clamp = (x: number) => Math.min(1, Math.max(-1, x));
