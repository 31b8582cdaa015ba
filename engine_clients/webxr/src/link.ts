/** Connects the page to its hub: in a Worker, or in this thread if the page may not start one. */

import type { HubEvent } from "./core/protocol";
import { hostHub, type ToHub } from "./host";

declare const __WORKER_URL__: URL;

/** The page's connection to its hub. */
export interface Link {
  send(data: ToHub, transfer?: Transferable[]): void;
  close(): void;
}

/** Start a hub. `workerUrl`: the address of frametalk-worker.js; false: no Worker. */
export function openLink(
  workerUrl: string | URL | false | undefined,
  onEvent: (event: HubEvent) => void,
): Link {
  if (workerUrl === false || typeof Worker === "undefined") return inline(onEvent);
  try {
    return threaded(start(workerUrl), onEvent);
  } catch {
    return inline(onEvent); // a Content-Security-Policy without worker-src
  }
}

function start(url: string | URL | undefined): Worker {
  // Bundlers look for exactly this expression to include the file.
  if (url === undefined) return new Worker(__WORKER_URL__, { type: "module", name: "frametalk" });
  return new Worker(url, { type: "module", name: "frametalk" });
}

function threaded(worker: Worker, onEvent: (event: HubEvent) => void): Link {
  worker.onmessage = ({ data }: MessageEvent<HubEvent>) => onEvent(data);
  worker.onerror = (event) =>
    onEvent({
      on: "failure",
      failure: {
        code: "worker_failed",
        text: `frametalk-worker.js cannot run: ${event.message || "it cannot be loaded"}`,
        stage: "link",
        fault: "client",
        remedy: "serve frametalk-worker.js beside frametalk.js, or give its address in `workerUrl`",
        fatal: true,
      },
    });
  return {
    send: (data, transfer = []) => worker.postMessage(data, transfer),
    close: () => worker.terminate(),
  };
}

function inline(onEvent: (event: HubEvent) => void): Link {
  let open = true;
  const take = hostHub((event) => {
    if (open) onEvent(event);
  });
  return {
    send: (data) => take(data),
    close: () => {
      open = false;
    },
  };
}
