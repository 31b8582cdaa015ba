using System.Collections.Generic;
using NUnit.Framework;

namespace Frametalk.Tests
{
    [TestFixture]
    public class LedgerTests
    {
        private const int Hz = 24000;

        private sealed class Reports : ILedgerOwner
        {
            public readonly List<long> Samples = new List<long>();
            public bool Done;

            public void Reported(ref Played played)
            {
                Samples.Add(played.Sample);
                Done = played.Done;
            }

            public void Due(ref HubEvent waiting)
            {
            }
        }

        [Test]
        public void ASampleIsNeverLowerAlsoWhenADeviceThatStoodStillSaysWhereItWasCut()
        {
            var reports = new Reports();
            var ledger = new Ledger(reports);
            ledger.Begin(1, Hz, 0, 100000);
            ledger.Received(Hz, 0);
            var runs = new PlayStatus { Reply = 1, AtUs = 0, Running = true };
            ledger.Status(ref runs);
            ledger.Step(300000);
            var ended = new PlayStatus { Reply = 1, AtUs = 200000, Sample = 4800, Done = true, Cut = true };
            ledger.Status(ref ended);
            ledger.Step(310000);
            CollectionAssert.AreEqual(new long[] { 7212, 7212 }, reports.Samples);
            Assert.IsTrue(reports.Done);
        }
    }
}
