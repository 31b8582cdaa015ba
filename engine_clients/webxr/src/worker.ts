/** The hub in a Worker, so that sound never passes through the page's main thread. */

import { hostHub } from "./host";

const scope = globalThis as unknown as {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(message: unknown): void;
};
const host = hostHub((event) => scope.postMessage(event));
scope.onmessage = ({ data }) => host(data);
