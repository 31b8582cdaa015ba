/** The shape of the blacksmith's head, and how each expression moves its points. All in metres. */

/** The movements of a mouth, each 0 to 1; visemes are mixtures of these. */
export interface Mouth {
  open?: number;
  wide?: number;
  round?: number;
  /** Lips rolled in, shut. */
  press?: number;
  /** Lower lip to the upper teeth. */
  tuck?: number;
  /** Upper lip raised. */
  lift?: number;
  /** Corners up, or down where negative. */
  smile?: number;
}

/** The 15 shapes of the wire. `sil` is the face at rest. */
export const VISEME_MOUTHS: Record<string, Mouth> = {
  sil: {},
  PP: { press: 1 },
  FF: { open: 0.14, tuck: 1, lift: 0.35 },
  TH: { open: 0.28, lift: 0.25 },
  DD: { open: 0.3, wide: 0.15, lift: 0.2 },
  kk: { open: 0.34, wide: 0.1 },
  CH: { open: 0.22, round: 0.6, lift: 0.35 },
  SS: { open: 0.13, wide: 0.5, lift: 0.3 },
  nn: { open: 0.2, wide: 0.1, lift: 0.1 },
  RR: { open: 0.24, round: 0.45 },
  aa: { open: 1, wide: 0.12 },
  E: { open: 0.55, wide: 0.5, lift: 0.2 },
  ih: { open: 0.36, wide: 0.65, lift: 0.2 },
  oh: { open: 0.7, round: 0.75 },
  ou: { open: 0.3, round: 1 },
};

export const MOUTH_Y = -0.05;
export const MOUTH_HALF = 0.03;
export const EYE = { x: 0.031, y: 0.018, z: 0.078, radius: 0.0145 };
const RX = 0.08;
const RY = 0.12;
const RZ = 0.1;

const bell = (x: number, width: number) => Math.exp((-x * x) / (2 * width * width));
const clamp = (x: number, low = 0, high = 1) => Math.min(high, Math.max(low, x));

/** The latitude at which the lips meet. */
export const MOUTH_LATITUDE = Math.asin(MOUTH_Y / RY);

/** A point of the face at rest. Longitude 0 is the middle of the face, which looks along +z. */
export function skin(longitude: number, latitude: number): [number, number, number] {
  const flat = Math.cos(latitude);
  let x = RX * flat * Math.sin(longitude);
  let y = RY * Math.sin(latitude);
  let z = RZ * flat * Math.cos(longitude);
  const front = clamp(Math.cos(longitude)) * flat;
  if (y < 0) {
    // A broad jaw, which narrows late and ends in a flat chin.
    const down = -y / RY;
    x *= 1 - 0.24 * down ** 1.8;
    z *= 1 - 0.06 * down ** 2;
    y *= 1 - 0.05 * down ** 3;
  }
  z += front * 0.012 * bell(y + 0.1, 0.017) * bell(x, 0.026); // chin
  z +=
    front *
    0.032 *
    bell(x, 0.0135) *
    (y < -0.014 ? bell(y + 0.014, 0.011) : bell(y + 0.014, 0.026)); // nose
  z += front * 0.009 * bell(y + 0.017, 0.009) * bell(Math.abs(x) - 0.014, 0.008); // its wings
  z += front * 0.0085 * bell(y - 0.04, 0.009) * bell(Math.abs(x) - 0.027, 0.022); // brow
  z -= front * 0.015 * bell(y - EYE.y, 0.012) * bell(Math.abs(x) - EYE.x, 0.013); // sockets
  z += front * 0.007 * bell(y + 0.02, 0.017) * bell(Math.abs(x) - 0.046, 0.015); // cheeks
  z += front * 0.0065 * bell(y - MOUTH_Y - 0.006, 0.006) * bell(x, 0.024); // upper lip
  z += front * 0.0085 * bell(y - MOUTH_Y + 0.007, 0.007) * bell(x, 0.021); // lower lip
  z -= front * 0.003 * bell(y - MOUTH_Y, 0.0022) * bell(x, 0.026); // where they meet
  if (z < 0) z *= 1.1;
  return [x, y, z];
}

/** How far `mouth` moves a point; `above`: it belongs to the upper lip. */
export function moved(
  [x, y, z]: readonly [number, number, number],
  above: boolean,
  mouth: Mouth,
): [number, number, number] {
  if (z < -0.01) return [0, 0, 0];
  const { open = 0, wide = 0, round = 0, press = 0, tuck = 0, lift = 0, smile = 0 } = mouth;
  const side = clamp(x / MOUTH_HALF, -1, 1);
  const away = y - MOUTH_Y;
  const lip = Math.sqrt(Math.max(0, 1 - (x / MOUTH_HALF) ** 2));
  const beyond = Math.abs(x) < MOUTH_HALF ? 1 : bell(Math.abs(x) / MOUTH_HALF - 1, 0.45);
  const near = bell(away, 0.02) * bell(x, 0.032);
  let dx = 0;
  let dy = 0;
  let dz = 0;
  if (above) {
    dy += (open * 0.003 + lift * 0.0055) * lip * bell(away, 0.012);
  } else {
    const jaw = clamp(1 - Math.abs(x) / 0.085) * clamp(z / 0.04) * clamp(-away / 0.018);
    dy -= open * 0.025 * (lip * bell(away, 0.028) + (1 - bell(away, 0.013)) * jaw * 0.85);
    dz -= open * 0.008 * jaw;
    dy += tuck * 0.006 * lip * bell(away, 0.009);
    dz -= tuck * 0.007 * lip * bell(away, 0.011);
  }
  dx +=
    (wide * 0.009 - round * 0.0135 + Math.max(0, smile) * 0.005) * side * bell(away, 0.02) * beyond;
  dz += (round * 0.014 - wide * 0.002) * near;
  dy += press * (above ? -1 : 1) * 0.0022 * near;
  dz -= press * 0.006 * bell(away, 0.009) * bell(x, 0.026);
  const corner = bell(Math.abs(x) - MOUTH_HALF, 0.013);
  dy += smile * 0.0085 * corner * bell(away, 0.016);
  dy += Math.max(0, smile) * 0.004 * bell(Math.abs(x) - 0.046, 0.015) * bell(y + 0.018, 0.014);
  return [dx, dy, dz];
}

/** How thick the beard is at a point of the face, 0 (none) to 1. */
export function beard(x: number, y: number, z: number): number {
  const jaw = clamp((-0.03 - y) / 0.02) * clamp((z + 0.03) / 0.03);
  const sideburn =
    clamp((0.03 - y) / 0.02) *
    clamp((Math.abs(x) - 0.066) / 0.006) *
    clamp((0.05 - z) / 0.02) *
    clamp((z + 0.015) / 0.02);
  // The mouth stays free: no beard around the lips, nor between nose and upper lip.
  const lips = clamp(Math.hypot(x / (MOUTH_HALF * 1.12), (y - MOUTH_Y) / 0.0155) - 1, 0, 1);
  const low = y < MOUTH_Y ? 1 : clamp((Math.abs(x) - MOUTH_HALF * 0.95) / 0.008);
  return Math.max(jaw * clamp(lips * 2.5) * low, sideburn * 0.7);
}

/** The moustache: two tufts below the nose. */
export function moustache(x: number, y: number): number {
  const line = MOUTH_Y + 0.0155 - 0.011 * (Math.abs(x) / 0.036) ** 2;
  return (
    clamp(1.25 - Math.abs(y - line) / 0.006) *
    clamp(1.2 - Math.abs(x) / 0.036) *
    clamp(Math.abs(x) / 0.003 + 0.35)
  );
}

/** Hair, swept back from the forehead. */
export function hair(x: number, y: number, z: number): number {
  const top = clamp((y - 0.052) / 0.012) * clamp((0.052 - z) / 0.012);
  const back = clamp((-0.002 - z) / 0.018) * clamp((y + 0.07) / 0.014);
  const temple =
    clamp((Math.abs(x) - 0.068) / 0.006) * clamp((y - 0.005) / 0.02) * clamp((0.04 - z) / 0.02);
  return Math.max(top, back, temple);
}
