/** Positions of the joints: a stance for each mood, and gestures added to it. Angles in radians. */

export const JOINTS = [
  "chestTurn",
  "chestLean",
  "chestSway",
  "headNod",
  "headTurn",
  "headTilt",
  "leftSwing",
  "leftOut",
  "leftTwist",
  "leftElbow",
  "leftWrist",
  "rightSwing",
  "rightOut",
  "rightTwist",
  "rightElbow",
  "rightWrist",
  "brows",
  "smile",
  "lookUp",
  "lookAside",
] as const;
export type Joint = (typeof JOINTS)[number];
export type Pose = Partial<Record<Joint, number>>;

const REST: Pose = {
  leftSwing: 0.02,
  leftOut: 0.16,
  leftElbow: 0.35,
  rightSwing: 0.02,
  rightOut: 0.16,
  rightElbow: 0.35,
};

/** What the character is doing, from the turn's state. */
export type Mood = "idle" | "listening" | "thinking" | "talking";

export const STANCES: Record<Mood, Pose> = {
  idle: { ...REST, smile: 0.12 },
  listening: { ...REST, chestLean: 0.07, headTilt: 0.09, headNod: 0.04, brows: 0.25, smile: 0.2 },
  thinking: {
    ...REST,
    leftSwing: 0.62,
    leftOut: -0.12,
    leftTwist: 0.6,
    leftElbow: 2.25,
    leftWrist: 0.25,
    rightSwing: 0.3,
    rightTwist: 1.1,
    rightElbow: 1.45,
    headNod: -0.05,
    headTurn: 0.14,
    brows: -0.3,
    lookUp: 0.22,
    lookAside: 0.25,
  },
  talking: {
    ...REST,
    leftSwing: 0.16,
    leftElbow: 0.85,
    rightSwing: 0.16,
    rightElbow: 0.85,
    smile: 0.08,
  },
};

/** A movement; `at` returns what it adds to the stance after the part `t` (0 to 1) of its length. */
interface Gesture {
  length_s: number;
  at(t: number): Pose;
}

/** 0 at both ends, 1 in the middle part. */
const rise = (t: number, edge = 0.25) => {
  const x = Math.min(1, Math.min(t, 1 - t) / edge);
  return x * x * (3 - 2 * x);
};
const swing = (t: number, times: number) => Math.sin(t * times * Math.PI * 2);

export const GESTURES: Record<string, Gesture> = {
  nod: { length_s: 0.9, at: (t) => ({ headNod: 0.17 * Math.max(0, swing(t, 2)) * (1.2 - t) }) },
  shake: {
    length_s: 1.1,
    at: (t) => ({ headTurn: 0.26 * swing(t, 2.5) * rise(t), brows: -0.3 * rise(t) }),
  },
  shrug: {
    length_s: 1.5,
    at: (t) => ({
      leftOut: 0.35 * rise(t),
      rightOut: 0.35 * rise(t),
      leftElbow: 0.95 * rise(t),
      rightElbow: 0.95 * rise(t),
      leftTwist: -0.5 * rise(t),
      rightTwist: -0.5 * rise(t),
      headTilt: 0.16 * rise(t),
      brows: 0.9 * rise(t),
    }),
  },
  wave: {
    length_s: 1.8,
    at: (t) => ({
      rightSwing: 1.0 * rise(t),
      rightOut: 0.75 * rise(t),
      rightElbow: 1.5 * rise(t),
      rightTwist: 0.5 * swing(t, 3) * rise(t),
      smile: 0.7 * rise(t),
      brows: 0.4 * rise(t),
    }),
  },
  bow: { length_s: 1.6, at: (t) => ({ chestLean: 0.42 * rise(t), headNod: 0.25 * rise(t) }) },
  laugh: {
    length_s: 1.7,
    at: (t) => ({
      chestLean: -0.06 * rise(t) + 0.03 * swing(t, 6) * rise(t),
      headNod: -0.14 * rise(t),
      smile: 1 * rise(t),
      brows: 0.6 * rise(t),
    }),
  },
  sigh: {
    length_s: 1.6,
    at: (t) => ({
      chestLean: 0.1 * rise(t),
      headNod: 0.2 * rise(t),
      brows: 0.3 * rise(t),
      smile: -0.3 * rise(t),
    }),
  },
  think: {
    length_s: 2.2,
    at: (t) => ({ lookUp: 0.3 * rise(t), headTilt: -0.12 * rise(t), brows: -0.4 * rise(t) }),
  },
  point: {
    length_s: 1.8,
    at: (t) => ({
      rightSwing: 1.35 * rise(t),
      rightOut: 0.25 * rise(t),
      rightElbow: -0.25 * rise(t),
      headNod: 0.05 * rise(t),
    }),
  },
  give: {
    length_s: 1.7,
    at: (t) => ({
      leftSwing: 0.95 * rise(t),
      leftOut: -0.12 * rise(t),
      leftElbow: 0.35 * rise(t),
      leftWrist: -0.4 * rise(t),
      chestLean: 0.1 * rise(t),
      smile: 0.35 * rise(t),
    }),
  },
};

/** Names of gestures that mean one of these. */
export const SAME_GESTURE: Record<string, string> = {
  nods: "nod",
  shakes_head: "shake",
  shake_head: "shake",
  shrugs: "shrug",
  waves: "wave",
  bows: "bow",
  laughs: "laugh",
  chuckles: "laugh",
  chuckle: "laugh",
  sighs: "sigh",
  thinks: "think",
  points: "point",
  gives: "give",
  hand_over: "give",
};

/** The face for an emotion's name. */
export const EMOTIONS: Record<string, Pose> = {
  happy: { smile: 0.8, brows: 0.35 },
  sad: { smile: -0.7, brows: 0.25, headNod: 0.1 },
  angry: { smile: -0.45, brows: -1, headNod: 0.06 },
  surprised: { brows: 1, headNod: -0.06 },
  afraid: { brows: 0.8, smile: -0.4, chestLean: -0.06 },
  disgusted: { brows: -0.6, smile: -0.5, headTurn: 0.1 },
  neutral: {},
};
