namespace Mesh.Consul;

/// <summary>Bounds how many watches of a client block at once; first come, first served.</summary>
internal sealed class BlockingSlots
{
    // Guards the counts, the queue and the state of every ticket. Held for a few instructions; waiters are completed
    // with asynchronous continuations, so none of their code runs under it.
    private readonly Lock _gate = new();
    private readonly LinkedList<Ticket> _waiting = new();
    private readonly int _slots;
    private int _free;
    private int _watches;

    public BlockingSlots(int slots)
    {
        _slots = slots;
        _free = slots;
    }

    /// <summary>
    /// True when there are more watches than slots: none should then keep its slot for minutes. The queue would be the
    /// wrong thing to look at, because a watch that just gave its turn up is not back in it yet.
    /// </summary>
    public bool IsContended
    {
        get
        {
            lock (_gate)
            {
                return _watches > _slots;
            }
        }
    }

    /// <summary>Watches that have a slot now.</summary>
    public int Taken
    {
        get
        {
            lock (_gate)
            {
                return _slots - _free;
            }
        }
    }

    /// <summary>Counts a watch that takes turns, from its start to its end.</summary>
    public void AddWatch()
    {
        lock (_gate)
        {
            _watches++;
        }
    }

    /// <summary>A watch has ended.</summary>
    public void RemoveWatch()
    {
        lock (_gate)
        {
            _watches--;
        }
    }

    /// <summary>Takes a slot or a place in the queue. Disposing the ticket gives up whichever it has.</summary>
    public Ticket Enter()
    {
        var ticket = new Ticket(this);
        lock (_gate)
        {
            if (_free > 0)
            {
                _free--;
                ticket.GrantLocked();
            }
            else
            {
                _waiting.AddLast(ticket);
            }
        }

        return ticket;
    }

    private void Leave(Ticket ticket)
    {
        lock (_gate)
        {
            if (_waiting.Remove(ticket))
            {
                return;
            }

            if (_waiting.First is { } next)
            {
                _waiting.RemoveFirst();
                next.Value.GrantLocked();
            }
            else
            {
                _free++;
            }
        }
    }

    /// <summary>A slot, or a place in the queue for one.</summary>
    internal sealed class Ticket : IDisposable
    {
        private readonly BlockingSlots _owner;
        private readonly TaskCompletionSource _granted = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _disposed;

        public Ticket(BlockingSlots owner) => _owner = owner;

        /// <summary>Completes when the slot is ours.</summary>
        public Task Granted => _granted.Task;

        public void GrantLocked() => _granted.SetResult();

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
            {
                _owner.Leave(this);
            }
        }
    }
}
