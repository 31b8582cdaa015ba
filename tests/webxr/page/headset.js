// An emulated headset, by iwer. Loaded after iwer and before the page's own scripts.
window.device = new IWER.XRDevice(IWER.metaQuest3, { stereoEnabled: false });
device.installRuntime({ forceInstall: true }); // replaces Chromium's WebXR, which has no device
device.position.set(0, 1.6, 0);
