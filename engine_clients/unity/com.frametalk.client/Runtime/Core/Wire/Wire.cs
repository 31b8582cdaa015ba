namespace Frametalk
{
    /// <summary>Limits of protocols/wire.md, and its errors.</summary>
    internal static class Wire
    {
        public const int MaxMessageBytes = 61440;
        public const int MaxDepth = 32;
        public const int MaxContainers = 8192;
        public const long MaxWhole = (1L << 53) - 1;

        public static FrametalkException Malformed(string text)
        {
            return new FrametalkException("message_malformed", text, "wire");
        }

        public static FrametalkException Invalid(string text, string remedy = "")
        {
            return new FrametalkException("message_invalid", text, "wire", remedy);
        }

        public static FrametalkException NotFinite()
        {
            return new FrametalkException("number_not_finite", "NaN or infinity", "wire", "check numbers before sending");
        }

        public static FrametalkException TooDeep()
        {
            return new FrametalkException("message_too_deep", "nested deeper than " + MaxDepth, "wire", "flatten it");
        }

        public static FrametalkException TooLarge(int bytes)
        {
            return new FrametalkException(
                "message_too_large", "a message of " + bytes + " bytes; " + MaxMessageBytes + " are allowed", "wire", "split it");
        }
    }
}
