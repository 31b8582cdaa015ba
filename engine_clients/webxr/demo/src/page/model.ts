/** Another body for the character: a VRM file dropped onto the page, or given in its address as ?vrm=. */

import type { Character } from "../character/smith.ts";

export interface Host {
  recast(character: Character): void;
  problem(text: string, remedy: string): void;
}

/** Show models that are dropped onto the page, and the one that the address gives, in the character's place. */
export function offerModels(host: Host): void {
  window.addEventListener("dragover", (event) => event.preventDefault());
  window.addEventListener("drop", (event) => {
    event.preventDefault();
    const file = event.dataTransfer?.files[0];
    if (file) void receive(host, file.name, () => file.arrayBuffer());
  });
  const address = new URLSearchParams(location.search).get("vrm");
  if (address) void receive(host, address, () => fetched(address));
}

async function receive(host: Host, name: string, read: () => Promise<ArrayBuffer>): Promise<void> {
  try {
    const data = await read();
    const { loadVrm } = await import("../character/vrm.ts");
    host.recast(await loadVrm(data));
  } catch (error) {
    host.problem(
      `${name} cannot be shown: ${error instanceof Error ? error.message : error}`,
      "It must be a VRM model, on this server or dropped onto the page.",
    );
  }
}

async function fetched(address: string): Promise<ArrayBuffer> {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`the server answers with ${answer.status}`);
  return answer.arrayBuffer();
}
