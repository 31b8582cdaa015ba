/** The hub in a Worker: the page's main thread never sees sound. */

import { hostHub } from "./host";

const scope = globalThis as unknown as {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(message: unknown): void;
};
const host = hostHub((event) => scope.postMessage(event));
scope.onmessage = ({ data }) => host(data);
