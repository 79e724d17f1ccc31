namespace Mesh.Consul;

/// <summary>One thing that a token may or may not do.</summary>
/// <param name="Resource"><c>service</c>, <c>node</c> or <c>key</c>.</param>
/// <param name="Access"><c>read</c>, <c>list</c> or <c>write</c>.</param>
/// <param name="Segment">The name; empty asks for what holds whatever the name is.</param>
public sealed record ConsulPermission(string Resource, string Access, string Segment)
{
    /// <summary>The rule that allows it, in the words of a Consul policy.</summary>
    public string Rule => Segment.Length == 0 || Access == "list"
        ? $"{Resource}_prefix \"{Segment}\" {{ policy = \"{Access}\" }}"
        : $"{Resource} \"{Segment}\" {{ policy = \"{Access}\" }}";
}
