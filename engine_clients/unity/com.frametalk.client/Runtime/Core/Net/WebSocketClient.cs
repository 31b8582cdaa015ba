using System;
using System.IO;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Threading;

namespace Frametalk
{
    /// <summary>
    /// A WebSocket over TCP or TLS. One thread connects and reads; whoever sends, writes. It allocates nothing for a frame.
    /// </summary>
    internal sealed class WebSocketClient : IFrametalkSocket
    {
        private const int ConnectWithinMs = 5000;
        private const int HandshakeWithinMs = 10000;
        private const int SendWithinMs = 5000;
        private const int Abnormal = 1006;
        private static readonly byte[] NormalClose = { 0x03, 0xe8 };

        private readonly bool anyCertificate;
        private readonly object sending = new object();
        private readonly WebSocketFrames frames = new WebSocketFrames();
        private readonly RandomNumberGenerator random = new RNGCryptoServiceProvider();
        private readonly byte[] mask = new byte[4];
        private readonly byte[] outgoing = new byte[Wire.MaxMessageBytes + WebSocketFrames.LongestHeader];
        private IFrametalkSocketEvents events;
        private Uri url;
        private Socket socket;
        private Stream stream;
        private volatile bool closed; // by us: call no more events

        public WebSocketClient(bool anyCertificate)
        {
            this.anyCertificate = anyCertificate;
        }

        public void Open(Uri address, IFrametalkSocketEvents into)
        {
            url = address;
            events = into;
            new Thread(Run) { IsBackground = true, Name = "frametalk receiver" }.Start();
        }

        public void Send(byte[] data, int offset, int count)
        {
            lock (sending) Write(WebSocketFrames.Binary, data, offset, count);
        }

        public void Close(int code)
        {
            if (closed) return;
            // A sender that is stuck must not hold up the caller.
            if (code == WebSocketFrames.NormalCode && Monitor.TryEnter(sending))
            {
                try
                {
                    Write(WebSocketFrames.CloseFrame, NormalClose, 0, NormalClose.Length);
                }
                finally
                {
                    Monitor.Exit(sending);
                }
            }
            closed = true;
            Shut();
        }

        // ---- the receiver's thread --------------------------------------------------------------------------------

        private void Run()
        {
            var code = Abnormal;
            string detail;
            try
            {
                Connect();
                Shake();
                events.Opened();
                code = Receive();
                detail = "";
            }
            catch (WebSocketViolation violation)
            {
                code = violation.Code;
                detail = violation.Message;
                SendClose(code);
            }
            catch (Exception error)
            {
                if (!Expected(error)) throw;
                detail = Innermost(error);
            }
            Shut();
            if (!closed) events.Closed(code, detail);
        }

        /// <summary>What sockets and TLS throw, also when another thread closes them.</summary>
        private bool Expected(Exception error)
        {
            return closed || error is IOException || error is SocketException || error is AuthenticationException
                || error is ObjectDisposedException || error is InvalidOperationException;
        }

        private void Connect()
        {
            var addresses = Dns.GetHostAddresses(url.DnsSafeHost);
            SocketException refused = null;
            foreach (var address in addresses)
            {
                if (closed) throw new IOException("closed");
                try
                {
                    socket = Connected(address);
                    break;
                }
                catch (SocketException error)
                {
                    refused = error;
                }
            }
            if (socket == null) throw refused ?? new SocketException((int)SocketError.HostNotFound);
            socket.NoDelay = true;
            socket.SendTimeout = SendWithinMs;
            socket.ReceiveTimeout = HandshakeWithinMs;
            stream = new NetworkStream(socket, true);
            if (url.Scheme == "wss") stream = Secured(stream);
        }

        private Socket Connected(IPAddress address)
        {
            var made = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                var pending = made.BeginConnect(address, url.Port, null, null);
                if (!pending.AsyncWaitHandle.WaitOne(ConnectWithinMs)) throw new SocketException((int)SocketError.TimedOut);
                made.EndConnect(pending);
                return made;
            }
            catch (SocketException)
            {
                made.Close();
                throw;
            }
        }

        private Stream Secured(Stream plain)
        {
            var secured = new SslStream(
                plain, false, (sender, certificate, chain, errors) => anyCertificate || errors == SslPolicyErrors.None);
            secured.AuthenticateAsClient(url.DnsSafeHost, null, SslProtocols.Tls12, false);
            return secured;
        }

        private void Shake()
        {
            var nonce = new byte[16];
            random.GetBytes(nonce);
            var handshake = new WebSocketHandshake(url, nonce);
            var request = handshake.Request();
            stream.Write(request, 0, request.Length);
            var head = new byte[WebSocketHandshake.LongestResponse];
            var count = 0;
            var end = -1;
            while (end < 0)
            {
                var read = count < head.Length ? stream.Read(head, count, head.Length - count) : 0;
                if (read == 0) throw new IOException("it answered no WebSocket handshake");
                count += read;
                end = WebSocketHandshake.End(head, count);
            }
            var refusal = handshake.Refusal(head, end);
            if (refusal != null) throw new IOException(refusal);
            frames.MakeRoom();
            Buffer.BlockCopy(head, end, frames.Buffer, frames.Tail, count - end);
            frames.Added(count - end);
            socket.ReceiveTimeout = 0;
        }

        /// <summary>Read until the end; returns the close code.</summary>
        private int Receive()
        {
            while (true)
            {
                int kind;
                byte[] data;
                int at;
                int count;
                while (frames.TryNext(out kind, out data, out at, out count))
                {
                    if (kind == WebSocketFrames.CloseFrame) return Closed(data, at, count);
                    if (kind == WebSocketFrames.Ping) lock (sending) Write(WebSocketFrames.Pong, data, at, count);
                    if (kind == WebSocketFrames.Binary) Deliver(data, at, count);
                }
                var room = frames.MakeRoom();
                var read = stream.Read(frames.Buffer, frames.Tail, room);
                if (read == 0) return Abnormal;
                frames.Added(read);
            }
        }

        private void Deliver(byte[] data, int at, int count)
        {
            if (at != 0)
            {
                Buffer.BlockCopy(data, at, frame, 0, count);
                data = frame;
            }
            events.Frame(data, count);
        }

        private readonly byte[] frame = new byte[Wire.MaxMessageBytes];

        private int Closed(byte[] data, int at, int count)
        {
            var code = count >= 2 ? data[at] << 8 | data[at + 1] : 1005;
            SendClose(count >= 2 ? code : WebSocketFrames.NormalCode);
            return code;
        }

        private void SendClose(int code)
        {
            lock (sending) Write(WebSocketFrames.CloseFrame, new[] { (byte)(code >> 8), (byte)code }, 0, 2);
        }

        // ---- any thread -------------------------------------------------------------------------------------------

        private void Write(int kind, byte[] data, int offset, int count)
        {
            if (closed || stream == null) return;
            random.GetBytes(mask);
            var length = WebSocketFrames.Write(outgoing, kind, mask, data, offset, count);
            try
            {
                stream.Write(outgoing, 0, length);
            }
            catch (Exception error)
            {
                if (!Expected(error)) throw;
                Shut(); // the receiver reports it
            }
        }

        private void Shut()
        {
            var open = socket;
            if (open == null) return;
            try
            {
                open.Shutdown(SocketShutdown.Both);
            }
            catch (Exception error)
            {
                if (!(error is SocketException) && !(error is ObjectDisposedException)) throw;
            }
            open.Close();
        }

        private static string Innermost(Exception error)
        {
            while (error.InnerException != null) error = error.InnerException;
            return error.Message;
        }
    }
}
