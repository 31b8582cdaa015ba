// A headset that is not there: iwer's. Put in after iwer and before the page's own scripts.
window.device = new IWER.XRDevice(IWER.metaQuest3, { stereoEnabled: false });
device.installRuntime({ forceInstall: true }); // over the one of Chromium, which has no device
device.position.set(0, 1.6, 0);
