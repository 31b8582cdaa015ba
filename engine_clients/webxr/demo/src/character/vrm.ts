/** A VRM model in the blacksmith's place. This module is loaded only when a model is given. */

import { type VRM, VRMHumanBoneName, VRMLoaderPlugin, VRMUtils } from "@pixiv/three-vrm";
import { toVrm } from "frametalk";
import { Group, type Object3D, Vector3 } from "three";
import { GLTFLoader } from "three/addons/loaders/GLTFLoader.js";
import { random } from "../world/noise.ts";
import { EMOTIONS, type Mood } from "./pose.ts";
import type { Character } from "./smith.ts";

const ARMS_DOWN = 1.25; // radians from the T pose
const BLINK_S = 0.15;
const EMOTION_LASTS_S = 4;
const FACES: Record<string, string> = {
  happy: "happy",
  sad: "sad",
  angry: "angry",
  surprised: "surprised",
};

const SHOWN = Object.values(FACES);
const BEFORE_HEAD = new Vector3(0, 0.06, 0.08); // the eyes, from the middle of the head

/** Load a model. Throws an Error if it is not a VRM. */
export async function loadVrm(data: ArrayBuffer): Promise<Character> {
  const loader = new GLTFLoader();
  loader.register((parser) => new VRMLoaderPlugin(parser));
  const model = await loader.parseAsync(data, "");
  const vrm = model.userData.vrm as VRM | undefined;
  if (!vrm) throw new Error("this 3D model is not a VRM: it has no humanoid");
  VRMUtils.removeUnnecessaryVertices(vrm.scene);
  VRMUtils.rotateVRM0(vrm); // models of VRM 0 face the other way
  return new VrmCharacter(vrm);
}

class VrmCharacter implements Character {
  readonly object = new Group();
  readonly grip: Object3D;
  private readonly target = new Group();
  private readonly dice = random(7);
  private mood: Mood = "idle";
  private weights: Readonly<Record<string, number>> = { sil: 1 };
  private emotion: { face: string; strength: number; until_s: number } | null = null;
  private time_s = 0;
  private nextBlink_s = 2;
  private blinkSince_s = -1;

  constructor(private readonly vrm: VRM) {
    this.object.add(vrm.scene, this.target);
    this.turn(VRMHumanBoneName.LeftUpperArm, 0, 0, -ARMS_DOWN);
    this.turn(VRMHumanBoneName.RightUpperArm, 0, 0, ARMS_DOWN);
    if (vrm.lookAt) vrm.lookAt.target = this.target;
    this.grip = vrm.humanoid.getNormalizedBoneNode(VRMHumanBoneName.RightHand) ?? this.object;
    vrm.scene.traverse((part) => {
      part.frustumCulled = false; // a moving body leaves the bounds of its rest pose
    });
  }

  eyes(into: Vector3): Vector3 {
    const head = this.vrm.humanoid.getNormalizedBoneNode(VRMHumanBoneName.Head);
    return (head ?? this.object).getWorldPosition(into).add(BEFORE_HEAD);
  }

  be(mood: Mood): void {
    this.mood = mood;
  }

  gesture(): void {
    // Models bring no gestures, and the blacksmith's would distort clothes and hair.
  }

  feel(emotion: string, strength: number): void {
    const face = FACES[emotion];
    if (face && emotion in EMOTIONS) {
      this.emotion = { face, strength, until_s: this.time_s + EMOTION_LASTS_S };
    }
  }

  watch(point: Vector3): void {
    this.object.worldToLocal(this.target.position.copy(point));
  }

  speak(weights: Readonly<Record<string, number>>): void {
    this.weights = weights;
    for (const [name, value] of Object.entries(toVrm(weights as Parameters<typeof toVrm>[0]))) {
      this.vrm.expressionManager?.setValue(name, value);
    }
  }

  influence(viseme: string): number {
    return this.weights[viseme] ?? 0;
  }

  update(time_s: number, step_s: number): void {
    this.time_s = time_s;
    const listening = this.mood === "listening" ? 1 : 0;
    this.turn(VRMHumanBoneName.Spine, 0.02 * Math.sin(time_s * 1.5) + 0.05 * listening, 0, 0);
    this.turn(VRMHumanBoneName.Head, 0.03 * Math.sin(time_s * 0.7), 0, 0.06 * listening);
    const faces = this.vrm.expressionManager;
    faces?.setValue("blink", this.blink(time_s));
    for (const face of SHOWN) {
      const shown = this.emotion?.face === face && time_s < this.emotion.until_s;
      faces?.setValue(face, shown ? (this.emotion?.strength ?? 0) : 0);
    }
    this.vrm.update(step_s);
  }

  private turn(bone: VRMHumanBoneName, x: number, y: number, z: number): void {
    this.vrm.humanoid.getNormalizedBoneNode(bone)?.rotation.set(x, y, z);
  }

  private blink(time_s: number): number {
    if (time_s >= this.nextBlink_s) {
      this.blinkSince_s = time_s;
      this.nextBlink_s = time_s + 1.5 + this.dice() * 3.5;
    }
    const t = (time_s - this.blinkSince_s) / BLINK_S;
    return t < 1 ? Math.sin(Math.PI * t) : 0;
  }
}
