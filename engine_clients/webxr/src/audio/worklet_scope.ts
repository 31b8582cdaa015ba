/** What an AudioWorkletGlobalScope has; TypeScript's libraries do not know it. */

interface Scope {
  readonly sampleRate: number;
  readonly currentFrame: number;
  readonly currentTime: number;
  readonly AudioWorkletProcessor: new () => { readonly port: MessagePort };
  registerProcessor(name: string, processor: new () => object): void;
}

const scope = globalThis as unknown as Scope;

export const registerProcessor: Scope["registerProcessor"] = (name, processor) =>
  scope.registerProcessor(name, processor);
export const Processor = scope.AudioWorkletProcessor;
export const sampleRate = scope.sampleRate;
export const currentFrame = (): number => scope.currentFrame;
