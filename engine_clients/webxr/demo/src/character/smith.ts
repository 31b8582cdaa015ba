/** The blacksmith: animates a body and a head. */

import { Group, type Object3D, Vector3 } from "three";
import { noise, random } from "../world/noise.ts";
import { Body } from "./body.ts";
import { type Expression, Head } from "./head.ts";
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
const BEFORE_HEAD = new Vector3(0, 0.02, 0.08); // the eyes, from the middle of the head

interface Playing {
  name: string;
  since_s: number;
}

/** A character that the page can animate, whatever its model. */
export interface Character {
  readonly object: Object3D;
  /** The place of the eyes, in the world. */
  eyes(into: Vector3): Vector3;
  be(mood: Mood): void;
  gesture(name: string): void;
  feel(emotion: string, strength: number): void;
  /** Look at this point of the world from now on. */
  watch(point: Vector3): void;
  /** Set the mouth's weights for this frame. */
  speak(weights: Readonly<Record<string, number>>): void;
  /** The weight that the face shows for a viseme. */
  influence(viseme: string): number;
  /** The hand, which carries a thing that is handed over. */
  readonly grip: Object3D;
  update(time_s: number, step_s: number): void;
}

export class Blacksmith implements Character {
  readonly object = new Group();
  readonly grip: Object3D;
  private readonly head = new Head();
  private readonly body = new Body();
  private readonly now = still();
  private readonly target = still();
  private readonly dice = random(41);
  private readonly gaze = new Vector3(0, 1.6, 0);
  private readonly from = new Vector3();
  private readonly away = new Vector3();
  private readonly face: Expression = { brows: 0, smile: 0, blink: 0, look: [0, 0] };
  private mood: Mood = "idle";
  private readonly playing: Playing[] = [];
  private emotion: { pose: Pose; strength: number; until_s: number } | null = null;
  private time_s = 0;
  private nextBlink_s = 1.5;
  private blinkSince_s = -1;
  private glanceAside = 0;
  private glanceUp = 0;
  private nextGlance_s = 0;
  private loudness = 0;

  constructor() {
    this.body.neck.add(this.head.group);
    this.head.group.scale.setScalar(HEAD_SIZE);
    this.head.group.position.set(0, 0.125, 0.03);
    this.object.add(this.body.group);
    this.grip = this.body.left.grip;
  }

  eyes(into: Vector3): Vector3 {
    return this.head.group.getWorldPosition(into).add(BEFORE_HEAD);
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
    this.aim(time_s);
    for (const joint of JOINTS) {
      const half = HALF_LIFE_S[joint] ?? OTHER_HALF_LIFE_S;
      this.now[joint] += (this.target[joint] - this.now[joint]) * (1 - 0.5 ** (step_s / half));
    }
    this.apply(time_s);
  }

  /** Compute the joints' targets. Runs in every frame, so it allocates no objects. */
  private aim(time_s: number): void {
    for (const joint of JOINTS) this.target[joint] = 0;
    this.add(STANCES[this.mood]);
    this.idle(time_s);
    if (this.mood === "talking") this.talk(time_s);
    if (this.emotion && time_s < this.emotion.until_s)
      this.add(this.emotion.pose, this.emotion.strength);
    for (let i = this.playing.length - 1; i >= 0; i--) {
      const { name, since_s } = this.playing[i] as Playing;
      const gesture = GESTURES[name];
      if (gesture && time_s - since_s < gesture.length_s)
        this.add(gesture.at((time_s - since_s) / gesture.length_s));
      else this.playing.splice(i, 1);
    }
    this.look(time_s);
  }

  private add(pose: Pose, weight = 1): void {
    for (const joint of JOINTS) {
      const angle = pose[joint];
      if (angle !== undefined) this.target[joint] += angle * weight;
    }
  }

  /** Small movements at rest: shifting weight, a head that is never quite still. */
  private idle(time_s: number): void {
    const { target } = this;
    target.chestSway += 0.05 * drift(time_s * 0.35, 1);
    target.chestTurn += 0.08 * drift(time_s * 0.25, 2);
    target.headTilt += 0.06 * drift(time_s * 0.5, 3);
    target.headNod += 0.04 * drift(time_s * 0.6, 4);
    target.leftSwing += 0.08 * drift(time_s * 0.4, 5);
    target.rightSwing += 0.08 * drift(time_s * 0.4, 6);
  }

  /** Move hands and head with the voice. */
  private talk(time_s: number): void {
    const { target } = this;
    const strength = 2 * Math.min(1, this.loudness * 1.6);
    target.headNod += 0.07 * strength * drift(time_s * 2.3, 11);
    target.headTilt += 0.06 * strength * drift(time_s * 1.1, 12);
    target.headTurn += 0.07 * strength * drift(time_s * 0.9, 13);
    target.leftElbow += 0.45 * strength * drift(time_s * 1.3, 14);
    target.leftTwist += 0.35 * strength * drift(time_s * 0.9, 15);
    target.rightElbow += 0.45 * strength * drift(time_s * 1.2, 16);
    target.rightTwist += 0.35 * strength * drift(time_s * 0.8, 17);
    target.leftSwing += 0.18 * strength * drift(time_s * 0.8, 18);
    target.rightSwing += 0.18 * strength * drift(time_s * 0.7, 19);
    target.brows += 0.45 * strength * drift(time_s * 1.2, 20);
    target.chestTurn += 0.05 * strength * drift(time_s * 0.6, 21);
  }

  /** Turn head and eyes together towards the gaze's target; the eyes also make small jumps. */
  private look(time_s: number): void {
    const { target } = this;
    const away = this.away.copy(this.gaze).sub(this.eyes(this.from));
    this.object.worldToLocal(away.add(this.object.getWorldPosition(this.from)));
    const aside = Math.atan2(away.x, away.z);
    const up = Math.atan2(away.y, Math.hypot(away.x, away.z));
    if (time_s >= this.nextGlance_s) {
      this.glanceAside = (this.dice() - 0.5) * 0.07;
      this.glanceUp = (this.dice() - 0.5) * 0.05;
      this.nextGlance_s = time_s + 0.6 + this.dice() * 1.8;
    }
    const turn = Math.max(-MAX_HEAD_TURN, Math.min(MAX_HEAD_TURN, aside * 0.75));
    const attention = this.mood === "thinking" ? 0.4 : 1;
    target.headTurn += turn * attention;
    target.headNod -= up * 0.6;
    target.chestTurn += 0.15 * aside;
    target.lookAside += (aside - turn) * attention + this.glanceAside;
    target.lookUp += up * 0.4 + this.glanceUp;
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
    const { left, right } = body;
    left.shoulder.rotation.set(-now.leftSwing, now.leftTwist, -now.leftOut);
    left.elbow.rotation.x = -now.leftElbow;
    left.wrist.rotation.x = -now.leftWrist;
    right.shoulder.rotation.set(-now.rightSwing, -now.rightTwist, now.rightOut);
    right.elbow.rotation.x = -now.rightElbow;
    right.wrist.rotation.x = -now.rightWrist;
    const { face } = this;
    face.brows = clamp(now.brows);
    face.smile = clamp(now.smile);
    face.blink = this.blink(time_s);
    face.look[0] = now.lookAside;
    face.look[1] = now.lookUp;
    this.head.express(face);
  }
}

const clamp = (x: number) => Math.min(1, Math.max(-1, x));

/** Slow noise from -0.5 to 0.5. */
const drift = (t: number, seed: number) => noise(t, 0.5, 4096, seed) - 0.5;

const still = () => Object.fromEntries(JOINTS.map((joint) => [joint, 0])) as Record<Joint, number>;
