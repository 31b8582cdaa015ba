/** Immersive sessions: how one is entered and left, and what its controllers and hands do. */

import {
  BufferGeometry,
  Line,
  LineBasicMaterial,
  Matrix4,
  Mesh,
  MeshBasicMaterial,
  MeshStandardMaterial,
  type Object3D,
  SphereGeometry,
  Vector3,
  type WebGLRenderer,
  type XRTargetRaySpace,
} from "three";

export type Kind = "vr" | "ar";

const FEATURES: Record<Kind, XRSessionInit> = {
  vr: { optionalFeatures: ["local-floor", "hand-tracking"] },
  ar: { optionalFeatures: ["local-floor", "hand-tracking"] },
};
const JOINT_METRES = 0.008;

/** Where heights are counted from: the floor where it is known, else the eyes at the start. */
async function floorOf(session: XRSession): Promise<XRReferenceSpaceType> {
  return session.requestReferenceSpace("local-floor").then(
    () => "local-floor",
    () => "local",
  );
}

/** What somebody in a headset does. */
export interface Deeds {
  entered(kind: Kind): void;
  left(): void;
  /** The trigger, or a pinch: pressed and let go. `id`: a controller's or hand's number. */
  press(id: number): void;
  release(id: number): void;
  /** Whether the player can see and act: false while the headset shows something else. */
  visible(here: boolean): void;
  failed(error: unknown): void;
}

/** A controller or hand: where it is, and which way it points. */
export interface Pointer {
  origin: Vector3;
  direction: Vector3;
}

export class Headset {
  /** Controllers and hands by number, the one that was used last first. */
  readonly hands = [1, 0];
  private session: XRSession | null = null;
  private readonly controllers: XRTargetRaySpace[] = [];
  private readonly pointing: Pointer[] = [];
  private readonly present = new Set<number>();
  private readonly joints: Mesh[] = [];
  private readonly turned = new Matrix4();

  constructor(
    private readonly renderer: WebGLRenderer,
    private readonly player: Object3D,
    private readonly deeds: Deeds,
  ) {
    renderer.xr.enabled = true;
    for (const id of [0, 1]) this.addController(id);
  }

  /** Whether this machine has such a session to offer. */
  static async offers(kind: Kind): Promise<boolean> {
    try {
      return (await navigator.xr?.isSessionSupported(`immersive-${kind}`)) ?? false;
    } catch {
      return false; // forbidden by the page's policy
    }
  }

  get inside(): boolean {
    return this.session !== null;
  }

  /** Must be called in answer to a gesture of the player. */
  async enter(kind: Kind): Promise<void> {
    if (this.session || !navigator.xr) return;
    try {
      const session = await navigator.xr.requestSession(`immersive-${kind}`, FEATURES[kind]);
      this.session = session;
      session.addEventListener("end", () => this.over());
      session.addEventListener("visibilitychange", () => {
        this.deeds.visible(session.visibilityState === "visible");
      });
      this.renderer.xr.setReferenceSpaceType(await floorOf(session));
      await this.renderer.xr.setSession(session);
      this.deeds.entered(kind);
    } catch (error) {
      await this.session?.end().catch(() => undefined);
      this.session = null;
      this.deeds.failed(error);
    }
  }

  async leave(): Promise<void> {
    await this.session?.end();
  }

  /** Where a controller or hand is and points; null when it is not there. The same object each time. */
  pointer(id: number): Pointer | null {
    const controller = this.controllers[id];
    const pointer = this.pointing[id];
    if (!pointer || !controller?.visible || !this.present.has(id)) return null;
    this.turned.extractRotation(controller.matrixWorld);
    pointer.origin.setFromMatrixPosition(controller.matrixWorld);
    pointer.direction.set(0, 0, -1).applyMatrix4(this.turned);
    return pointer;
  }

  /** Once a frame, inside a session: the joints of tracked hands. */
  update(frame: XRFrame | undefined): void {
    for (const joint of this.joints) joint.visible = false;
    const space = this.renderer.xr.getReferenceSpace();
    if (!frame?.getJointPose || !space || !this.session) return;
    // In every frame: no objects are made here beyond those that the browser hands out.
    let shown = 0;
    for (const { hand } of this.session.inputSources) {
      if (!hand) continue;
      for (const joint of hand.values()) {
        const pose = frame.getJointPose(joint, space);
        if (!pose) continue;
        const { x, y, z } = pose.transform.position;
        const ball = this.joint(shown++);
        ball.visible = true;
        ball.position.set(x, y, z);
        ball.scale.setScalar(pose.radius ?? JOINT_METRES);
      }
    }
  }

  private over(): void {
    this.session = null;
    for (const id of this.present) this.deeds.release(id);
    // One that is ended while it is hidden says nothing of being seen again.
    this.deeds.visible(true);
    this.deeds.left();
  }

  private addController(id: number): void {
    const controller = this.renderer.xr.getController(id);
    const grip = this.renderer.xr.getControllerGrip(id);
    const ray = new Line(
      new BufferGeometry().setFromPoints([new Vector3(), new Vector3(0, 0, -3)]),
      new LineBasicMaterial({ color: 0xf0a24a, transparent: true, opacity: 0.6 }),
    );
    controller.add(ray);
    const handle = new Mesh(
      new SphereGeometry(0.03, 16, 12).scale(0.8, 0.8, 1.8),
      new MeshStandardMaterial({ color: 0x4d3a28, roughness: 0.6 }),
    );
    grip.add(handle);
    controller.addEventListener("connected", ({ data }) => {
      this.present.add(id);
      handle.visible = !data.hand;
    });
    controller.addEventListener("disconnected", () => {
      this.present.delete(id);
      this.deeds.release(id);
    });
    // Not `select`: emulators and some browsers send it before the press.
    controller.addEventListener("selectstart", () => {
      this.hands.sort((a, b) => Number(b === id) - Number(a === id));
      this.deeds.press(id);
    });
    controller.addEventListener("selectend", () => this.deeds.release(id));
    this.controllers.push(controller);
    this.pointing.push({ origin: new Vector3(), direction: new Vector3() });
    this.player.add(controller, grip);
  }

  private joint(index: number): Mesh {
    let ball = this.joints[index];
    if (!ball) {
      ball = new Mesh(new SphereGeometry(1, 8, 6), new MeshBasicMaterial({ color: 0xd0a884 }));
      this.joints.push(ball);
      this.player.add(ball);
    }
    return ball;
  }
}
