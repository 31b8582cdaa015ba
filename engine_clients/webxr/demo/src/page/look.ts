/** Turns the view without a headset: by dragging, or by arrow keys. */

import type { PerspectiveCamera } from "three";

const RADIANS_PER_PIXEL = 0.0035;
const RADIANS_PER_KEY = 0.12;
const MAX_UP = 0.9;

/** The direction of the view. */
export class Look {
  /** The mouse's place on the canvas, -1 to 1; null when it is elsewhere. */
  pointer: { x: number; y: number } | null = null;
  private yaw = 0;
  private pitch = -0.04;

  constructor(canvas: HTMLCanvasElement) {
    let dragging = false;
    canvas.addEventListener("pointerdown", () => {
      dragging = true;
    });
    window.addEventListener("pointerup", () => {
      dragging = false;
    });
    canvas.addEventListener("pointerleave", () => {
      this.pointer = null;
    });
    canvas.addEventListener("pointermove", (event) => {
      const { width, height } = canvas.getBoundingClientRect();
      this.pointer = { x: (event.offsetX / width) * 2 - 1, y: 1 - (event.offsetY / height) * 2 };
      if (dragging)
        this.turn(event.movementX * RADIANS_PER_PIXEL, event.movementY * RADIANS_PER_PIXEL);
    });
    window.addEventListener("keydown", ({ code, target }) => {
      if (target instanceof HTMLInputElement || target instanceof HTMLSelectElement) return;
      if (code === "ArrowLeft") this.turn(RADIANS_PER_KEY, 0);
      if (code === "ArrowRight") this.turn(-RADIANS_PER_KEY, 0);
      if (code === "ArrowUp") this.turn(0, RADIANS_PER_KEY);
      if (code === "ArrowDown") this.turn(0, -RADIANS_PER_KEY);
    });
  }

  apply(camera: PerspectiveCamera): void {
    camera.rotation.set(this.pitch, this.yaw, 0, "YXZ");
  }

  private turn(aside: number, up: number): void {
    this.yaw += aside;
    this.pitch = Math.max(-MAX_UP, Math.min(MAX_UP, this.pitch + up));
  }
}
