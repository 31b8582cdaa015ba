using System;

namespace Frametalk
{
    /// <summary>What a socket reports. It may call from any thread, one call at a time.</summary>
    public interface IFrametalkSocketEvents
    {
        /// <summary>The WebSocket is open.</summary>
        void Opened();

        /// <summary>A binary frame has come. The array is the socket's again after the call.</summary>
        void Frame(byte[] data, int count);

        /// <summary>
        /// The socket is closed, with this WebSocket close code (1006: broken). `detail`: why, for people. Called once, also
        /// when it could not be opened; not after <see cref="IFrametalkSocket.Close"/>.
        /// </summary>
        void Closed(int code, string detail);
    }

    /// <summary>A WebSocket that carries binary frames: one connection.</summary>
    public interface IFrametalkSocket
    {
        /// <summary>Open it; returns at once.</summary>
        void Open(Uri url, IFrametalkSocketEvents events);

        /// <summary>Send one binary frame. Called by one thread at a time, after <see cref="IFrametalkSocketEvents.Opened"/>.</summary>
        void Send(byte[] data, int offset, int count);

        /// <summary>Close it, with a normal close frame if `code` is 1000, and call no more events. Any thread.</summary>
        void Close(int code);
    }
}
