/** The parts of AudioWorkletGlobalScope that are used here; TypeScript's libraries do not declare it. */

interface Scope {
  readonly sampleRate: number;
  readonly currentFrame: number;
  readonly currentTime: number;
  readonly AudioWorkletProcessor: new () => { readonly port: MessagePort };
  registerProcessor(name: string, processor: new () => object): void;
}

const scope = globalThis as unknown as Scope;

/** Register a worklet by name. */
export const registerProcessor: Scope["registerProcessor"] = (name, processor) =>
  scope.registerProcessor(name, processor);
/** The base class of worklets. */
export const Processor = scope.AudioWorkletProcessor;
/** The context's rate, in Hz. */
export const sampleRate = scope.sampleRate;
/** The first frame of the block that is being rendered. */
export const currentFrame = (): number => scope.currentFrame;
