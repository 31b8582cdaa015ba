/** Immersive sessions: entering, leaving, controllers and hands. */

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

/** The origin of heights: the floor if it is known, else the eyes at the start. */
async function floorOf(session: XRSession): Promise<XRReferenceSpaceType> {
  return session.requestReferenceSpace("local-floor").then(
    () => "local-floor",
    () => "local",
  );
}

/** What a player in a headset does. */
export interface HeadsetEvents {
  entered(kind: Kind): void;
  left(): void;
  /** The trigger or a pinch is pressed or released. `id`: the controller's or hand's number. */
  press(id: number): void;
  release(id: number): void;
  /** Whether the player can see and act: false while the headset shows something else. */
  visible(here: boolean): void;
  failed(error: unknown): void;
}

/** The place and direction of a controller or hand. */
export interface Pointer {
  origin: Vector3;
  direction: Vector3;
}

/** The headset of this machine. */
export class Headset {
  /** Numbers of controllers and hands, the last used first. */
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
    private readonly events: HeadsetEvents,
  ) {
    renderer.xr.enabled = true;
    for (const id of [0, 1]) this.addController(id);
  }

  /** Whether this machine offers such a session. */
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

  /** Enter a session. Call it in a gesture of the player. */
  async enter(kind: Kind): Promise<void> {
    if (this.session || !navigator.xr) return;
    try {
      const session = await navigator.xr.requestSession(`immersive-${kind}`, FEATURES[kind]);
      this.session = session;
      session.addEventListener("end", () => this.ended());
      session.addEventListener("visibilitychange", () => {
        this.events.visible(session.visibilityState === "visible");
      });
      this.renderer.xr.setReferenceSpaceType(await floorOf(session));
      await this.renderer.xr.setSession(session);
      this.events.entered(kind);
    } catch (error) {
      await this.session?.end().catch(() => undefined);
      this.session = null;
      this.events.failed(error);
    }
  }

  async leave(): Promise<void> {
    await this.session?.end();
  }

  /** The place and direction of a controller or hand; null if it is absent. The same object each time. */
  pointer(id: number): Pointer | null {
    const controller = this.controllers[id];
    const pointer = this.pointing[id];
    if (!pointer || !controller?.visible || !this.present.has(id)) return null;
    this.turned.extractRotation(controller.matrixWorld);
    pointer.origin.setFromMatrixPosition(controller.matrixWorld);
    pointer.direction.set(0, 0, -1).applyMatrix4(this.turned);
    return pointer;
  }

  /** Show the joints of tracked hands; called once a frame. */
  update(frame: XRFrame | undefined): void {
    for (const joint of this.joints) joint.visible = false;
    const space = this.renderer.xr.getReferenceSpace();
    if (!frame?.getJointPose || !space || !this.session) return;
    // Runs in every frame, so it allocates no objects.
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

  private ended(): void {
    this.session = null;
    for (const id of this.present) this.events.release(id);
    // A session that ends while it is hidden sends no further change of visibility.
    this.events.visible(true);
    this.events.left();
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
      this.events.release(id);
    });
    // Not `select`: emulators and some browsers send it before the press.
    controller.addEventListener("selectstart", () => {
      this.hands.sort((a, b) => Number(b === id) - Number(a === id));
      this.events.press(id);
    });
    controller.addEventListener("selectend", () => this.events.release(id));
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
