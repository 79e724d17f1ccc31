namespace Mesh.Consul;

/// <summary>
/// A hash of what matters in an answer, so that a watch can tell a change from a mere wake-up. The words of checks are
/// left out: they may differ at every probe and change nothing. Two equal hashes of different answers cost a pause, no
/// data.
/// </summary>
internal static class Fingerprint
{
    public static int Of(ServiceHealth[] instances)
    {
        var hash = default(HashCode);
        foreach (var instance in instances)
        {
            hash.Add(instance.Node.Node);
            hash.Add(instance.Node.Address);
            hash.Add(instance.Service.Id);
            hash.Add(instance.Service.Address);
            hash.Add(instance.Service.Port);
            hash.Add(instance.Service.ModifyIndex);
            AddChecks(ref hash, instance.Checks);
        }

        return hash.ToHashCode();
    }

    public static int Of(ConsulCheck[] checks)
    {
        var hash = default(HashCode);
        AddChecks(ref hash, checks);
        return hash.ToHashCode();
    }

    public static int Of(IReadOnlyDictionary<string, string[]> services)
    {
        var hash = default(HashCode);
        foreach (var (name, tags) in services.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            hash.Add(name);
            foreach (var tag in tags)
            {
                hash.Add(tag);
            }
        }

        return hash.ToHashCode();
    }

    public static int Of(string[] names)
    {
        var hash = default(HashCode);
        foreach (var name in names)
        {
            hash.Add(name);
        }

        return hash.ToHashCode();
    }

    public static int Of(KvEntry[] entries)
    {
        var hash = default(HashCode);
        foreach (var entry in entries)
        {
            hash.Add(entry.Key);
            hash.Add(entry.ModifyIndex);
            hash.Add(entry.Flags);
        }

        return hash.ToHashCode();
    }

    /// <summary>Each by its index: in newer versions a change of one is a change of all that share its destination.</summary>
    public static int Of(Intention[] intentions)
    {
        var hash = default(HashCode);
        foreach (var intention in intentions)
        {
            hash.Add(intention.SourceName);
            hash.Add(intention.SourceNamespace);
            hash.Add(intention.SourcePeer);
            hash.Add(intention.DestinationName);
            hash.Add(intention.Action);
            hash.Add(intention.ModifyIndex);
        }

        return hash.ToHashCode();
    }

    public static int Of(ConnectRoots roots)
    {
        var hash = default(HashCode);
        hash.Add(roots.TrustDomain);
        hash.Add(roots.ActiveRootId);
        foreach (var root in roots.Roots)
        {
            hash.Add(root.CertificatePem);
        }

        return hash.ToHashCode();
    }

    private static void AddChecks(ref HashCode hash, IReadOnlyList<ConsulCheck> checks)
    {
        foreach (var check in checks)
        {
            hash.Add(check.Node);
            hash.Add(check.CheckId);
            hash.Add(check.Status);
        }
    }
}
