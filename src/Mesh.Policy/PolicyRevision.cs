using System.Security.Cryptography;

namespace Mesh.Policy;

/// <summary>
/// Which state of a document: compared for equality, never for order, because Consul's index restarts with the
/// datacenter and means nothing in another one.
/// </summary>
/// <param name="Datacenter">The Consul datacenter the document was read in.</param>
/// <param name="ModifyIndex">
/// Consul's <c>ModifyIndex</c> of the key; 0 when the document did not come from Consul.
/// </param>
/// <param name="Hash">The content: <see cref="HashOf"/> of the raw bytes.</param>
public sealed record PolicyRevision(string Datacenter, ulong ModifyIndex, string Hash)
{
    /// <summary>The first 16 hexadecimal digits, in lower case, of the SHA-256 of a document's raw bytes.</summary>
    public static string HashOf(ReadOnlySpan<byte> body)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(body, hash);
        return Convert.ToHexStringLower(hash[..8]);
    }

    /// <summary>The revision as logs and exceptions show it: <c>dc1@42#0123456789abcdef</c>.</summary>
    public override string ToString() => $"{Datacenter}@{ModifyIndex}#{Hash}";
}
