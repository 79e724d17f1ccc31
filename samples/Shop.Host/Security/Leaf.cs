namespace Shop.Host.Security;

/// <summary>The certificate an instance shows.</summary>
/// <param name="Serial">Its serial number.</param>
/// <param name="Authority">The key that signed it.</param>
internal sealed record Leaf(string Serial, string Authority);
