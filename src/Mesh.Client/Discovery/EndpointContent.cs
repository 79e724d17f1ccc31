namespace Mesh.Client.Discovery;

/// <summary>
/// Whether two descriptions say the same. The record's own equality compares tags and metadata by reference, which two
/// answers of the registry never share.
/// </summary>
internal static class EndpointContent
{
    public static bool Same(EndpointInfo left, EndpointInfo right) =>
        ReferenceEquals(left, right) ||
        (left.Id == right.Id &&
         left.Host == right.Host &&
         left.Port == right.Port &&
         left.Weight == right.Weight &&
         left.Health == right.Health &&
         left.Vanished == right.Vanished &&
         left.Node == right.Node &&
         left.Datacenter == right.Datacenter &&
         left.Zone == right.Zone &&
         left.IsSidecar == right.IsSidecar &&
         left.Tags.SequenceEqual(right.Tags) &&
         SamePairs(left.Metadata, right.Metadata));

    private static bool SamePairs(IReadOnlyDictionary<string, string> left, IReadOnlyDictionary<string, string> right)
    {
        if (left.Count != right.Count)
        {
            return false;
        }

        foreach (var (key, value) in left)
        {
            if (!right.TryGetValue(key, out var other) || value != other)
            {
                return false;
            }
        }

        return true;
    }
}
