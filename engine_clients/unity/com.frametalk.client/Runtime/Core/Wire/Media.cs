namespace Frametalk
{
    /// <summary>The header of a media frame: 16 bytes, little-endian, then sound.</summary>
    internal struct Media
    {
        public const int HeaderBytes = 16;
        public const int Pcm16 = 1;
        public const int Opus = 2;
        public const int FlagLast = 1;
        public const int FlagSpeech = 2;

        public int Kind;
        public int Flags;
        public int Stream;
        public long Seq;
        public long Sample;

        /// <summary>Whether a frame's first byte says that it is media.</summary>
        public static bool Is(byte[] frame, int count)
        {
            return count > 0 && frame[0] < 0x80;
        }

        /// <summary>Read the header of a frame of `count` bytes. Throws FrametalkException.</summary>
        public static Media Read(byte[] frame, int count)
        {
            if (count > Wire.MaxMessageBytes) throw Wire.TooLarge(count);
            if (count < HeaderBytes) throw Bad("media_truncated", "a media frame of " + count + " bytes", "send the whole header");
            var media = new Media
            {
                Kind = frame[0],
                Flags = frame[1],
                Stream = frame[2] | frame[3] << 8,
                Seq = Little(frame, 4),
                Sample = Little(frame, 8) | Little(frame, 12) << 32,
            };
            if (media.Kind != Pcm16 && media.Kind != Opus)
            {
                throw Bad("media_kind_unknown", "media of the kind " + media.Kind, "1 is PCM16, 2 is Opus");
            }
            if (media.Kind == Pcm16 && (count & 1) != 0) throw Bad("media_odd_length", "half a sample", "send whole samples");
            if (media.Sample < 0 || media.Sample > Wire.MaxWhole) throw Wire.Invalid("a media frame's sample is 2^53 or more");
            return media;
        }

        /// <summary>Write the header to the first 16 bytes.</summary>
        public void Write(byte[] frame)
        {
            frame[0] = (byte)Kind;
            frame[1] = (byte)Flags;
            frame[2] = (byte)Stream;
            frame[3] = (byte)(Stream >> 8);
            for (var i = 0; i < 4; i++) frame[4 + i] = (byte)(Seq >> 8 * i);
            for (var i = 0; i < 8; i++) frame[8 + i] = (byte)(Sample >> 8 * i);
        }

        private static long Little(byte[] frame, int at)
        {
            return frame[at] | (long)frame[at + 1] << 8 | (long)frame[at + 2] << 16 | (long)frame[at + 3] << 24;
        }

        private static FrametalkException Bad(string code, string text, string remedy)
        {
            return new FrametalkException(code, text, "wire", remedy);
        }
    }
}
