"""Media over a peer connection (WebRTC): the microphone and, if the client likes, the sound of replies."""
