/** Text on a plane, for captions and numbers in a headset. */

import { CanvasTexture, Mesh, MeshBasicMaterial, PlaneGeometry, SRGBColorSpace } from "three";

const PIXELS_PER_METRE = 900;

/** One line of a panel. */
export interface Line {
  text: string;
  colour: string;
  /** Height of the text, in metres. */
  size?: number;
  /** A bar below the line; `from` and `to` are parts of the width. */
  bar?: { from: number; to: number; colour: string };
}

/** A plane with text. */
export class Panel {
  readonly mesh: Mesh<PlaneGeometry, MeshBasicMaterial>;
  private readonly canvas: HTMLCanvasElement;
  private readonly texture: CanvasTexture;
  private shown = "";

  /** Width and height in metres. */
  constructor(width: number, height: number) {
    this.canvas = document.createElement("canvas");
    this.canvas.width = width * PIXELS_PER_METRE;
    this.canvas.height = height * PIXELS_PER_METRE;
    this.texture = new CanvasTexture(this.canvas);
    this.texture.colorSpace = SRGBColorSpace;
    const material = new MeshBasicMaterial({
      map: this.texture,
      transparent: true,
      depthTest: false,
      toneMapped: false,
      fog: false,
    });
    this.mesh = new Mesh(new PlaneGeometry(width, height), material);
    this.mesh.renderOrder = 10;
    this.mesh.visible = false;
  }

  /** Show these lines, wrapped; without lines the panel is hidden. Draws only if they changed. */
  show(lines: readonly Line[], align: CanvasTextAlign = "center"): void {
    const now = JSON.stringify(lines);
    this.mesh.visible = lines.length > 0;
    if (now === this.shown) return;
    this.shown = now;
    if (lines.length) this.draw(lines, align);
  }

  dispose(): void {
    this.mesh.removeFromParent();
    this.mesh.geometry.dispose();
    this.mesh.material.dispose();
    this.texture.dispose();
  }

  private draw(lines: readonly Line[], align: CanvasTextAlign): void {
    const pen = this.canvas.getContext("2d");
    if (!pen) return;
    const { width, height } = this.canvas;
    const edge = width * 0.03;
    pen.clearRect(0, 0, width, height);
    pen.fillStyle = "rgba(20, 13, 8, 0.8)";
    pen.beginPath();
    pen.roundRect(0, 0, width, height, edge);
    pen.fill();
    pen.textAlign = align;
    pen.textBaseline = "top";
    let y = edge;
    for (const line of lines) {
      const size = (line.size ?? 0.032) * PIXELS_PER_METRE;
      pen.font = `${size}px system-ui, sans-serif`;
      if (line.bar) {
        pen.fillStyle = line.bar.colour;
        pen.fillRect(
          line.bar.from * width,
          y + size,
          (line.bar.to - line.bar.from) * width,
          size * 0.25,
        );
      }
      pen.fillStyle = line.colour;
      for (const row of wrapped(pen, line.text, width - 2 * edge)) {
        if (y + size > height) break;
        pen.fillText(row, align === "center" ? width / 2 : edge, y);
        y += size * 1.3;
      }
    }
    this.texture.needsUpdate = true;
  }
}

function wrapped(pen: CanvasRenderingContext2D, text: string, width: number): string[] {
  const rows: string[] = [];
  let row = "";
  for (const word of text.split(" ")) {
    const longer = row ? `${row} ${word}` : word;
    if (row && pen.measureText(longer).width > width) {
      rows.push(row);
      row = word;
    } else row = longer;
  }
  if (row) rows.push(row);
  return rows;
}
