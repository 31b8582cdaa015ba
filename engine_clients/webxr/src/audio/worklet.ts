/** The audio thread's module: both processors share it, so that the voice is lowered without a detour. */

import { CaptureProcessor } from "./capture_processor";
import { VoiceProcessor } from "./voice_processor";
import { registerProcessor } from "./worklet_scope";

registerProcessor("frametalk-capture", CaptureProcessor);
registerProcessor("frametalk-voice", VoiceProcessor);
