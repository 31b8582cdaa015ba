import { afterEach, describe, expect, it, vi } from "vitest";
import { bestEcho, helloOf, serverAddress } from "../src/options";

afterEach(() => vi.unstubAllGlobals());

describe("hello", () => {
  it("says nothing of what the page leaves open", () => {
    expect(helloOf({}, "duck", [], "websocket")).toEqual({
      type: "hello",
      protocol: 1,
      client: { name: "webxr", engine: "browser" },
      echo: "duck",
      tools: [],
      features: ["resume", "floor", "turn_hint"],
    });
  });

  it("says what the page sets, and nothing that is not for the server", () => {
    const tool = { name: "open" };
    const set = {
      character: "smith",
      language: "de",
      token: "secret",
      scopes: ["doors"],
      consent: { store: true },
      child: false,
      interruptible: "words",
    } as const;
    const options = { ...set, url: "ws://there", opus: true, client: { name: "tavern" } };
    const hello = helloOf(options, "none", [tool], "websocket");
    expect(hello).toMatchObject({ ...set, tools: [tool], echo: "none" });
    expect(hello.client).toEqual({ name: "tavern", engine: "browser" });
    expect(Object.keys(hello)).not.toContain("url");
    expect(Object.keys(hello)).not.toContain("opus");
  });

  it.each(["auto", "webrtc"] as const)("offers a peer connection for %s", (transport) => {
    expect(helloOf({}, "duck", [], transport).features).toContain("rtc");
  });
});

describe("the server's address", () => {
  it.each([
    ["ws://there:8765", "ws://there:8765/v1"],
    ["http://there/talk", "ws://there/talk"],
    ["https://there", "wss://there/v1"],
    [undefined, "wss://game.example/v1"],
    ["/talk", "wss://game.example/talk"],
  ])("%s is %s", (url, address) => {
    vi.stubGlobal("location", { href: "https://game.example/play/index.html" });
    expect(serverAddress(url)).toBe(address);
  });
});

describe("echo", () => {
  it.each([
    [true, "platform_aec"],
    [false, "duck"],
  ])("is left to the browser if it cancels echo: %s", (echoCancellation, policy) => {
    const mediaDevices = { getSupportedConstraints: () => ({ echoCancellation }) };
    vi.stubGlobal("navigator", { mediaDevices });
    expect(bestEcho()).toBe(policy);
  });

  it("is ducked without a microphone", () => {
    vi.stubGlobal("navigator", {});
    expect(bestEcho()).toBe("duck");
  });
});
