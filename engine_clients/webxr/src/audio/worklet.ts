/** The module of the audio thread: registers both worklets. */

import { CaptureProcessor } from "./capture_processor";
import { VoiceProcessor } from "./voice_processor";
import { registerProcessor } from "./worklet_scope";

registerProcessor("frametalk-capture", CaptureProcessor);
registerProcessor("frametalk-voice", VoiceProcessor);
