/** The voices of one audio thread, by session: what a microphone there may lower at once. */

import type { VoiceOnset } from "../core/onset";

export interface Voice {
  /** The player's own voice set in. False if there is nothing to lower. */
  lower(onset: VoiceOnset): boolean;
  /** How loud it was since it was asked last, in dB of full scale. */
  takeLevelDb(): number;
}

const voices = new Map<string, Voice>();

export function enter(session: string, voice: Voice): void {
  voices.set(session, voice);
}

export function leave(session: string, voice: Voice): void {
  if (voices.get(session) === voice) voices.delete(session);
}

export function voiceOf(session: string): Voice | undefined {
  return voices.get(session);
}

/** How loud all of them were, in dB of full scale: the microphone hears every one. */
export function loudestDb(): number {
  let most = -96;
  for (const voice of voices.values()) most = Math.max(most, voice.takeLevelDb());
  return most;
}
