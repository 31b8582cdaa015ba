namespace Frametalk
{
    /// <summary>
    /// What the player attends to, by entity id. Call its methods as often as you like: only changes are sent, at most ten a
    /// second.
    /// </summary>
    public sealed class Focus
    {
        private const long EveryUs = 100000;

        private readonly Session session;
        private readonly string[] last = new string[4];
        private long sentUs = long.MinValue / 2;

        internal Focus(Session session)
        {
            this.session = session;
        }

        /// <summary>What the player looks at; null: nothing.</summary>
        public void Gaze(string entity)
        {
            Set(0, entity);
        }

        /// <summary>What a ray or finger points at; null: nothing.</summary>
        public void Point(string entity)
        {
            Set(1, entity);
        }

        /// <summary>What the player touches; null: nothing.</summary>
        public void Touch(string entity)
        {
            Set(2, entity);
        }

        /// <summary>What the player stands near; null: nothing.</summary>
        public void Near(string entity)
        {
            Set(3, entity);
        }

        /// <summary>A new session: nothing has been sent yet.</summary>
        internal void Reset()
        {
            for (var i = 0; i < last.Length; i++) last[i] = null;
        }

        private void Set(int attention, string entity)
        {
            if (string.IsNullOrEmpty(entity)) entity = null;
            if (last[attention] == entity) return;
            if (entity != null)
            {
                // Within the limit a glance is skipped; one that lasts is sent by a later call.
                var nowUs = session.NowUs;
                if (nowUs - sentUs < EveryUs) return;
                if (!session.SendFocus(entity)) return;
                sentUs = nowUs;
            }
            last[attention] = entity;
        }
    }
}
