namespace Mesh.Policy;

/// <summary>
/// The words of an enumeration on the wire, at the index of its value; the first stands for "unknown".
/// </summary>
internal interface IWireWords<TEnum>
    where TEnum : struct, Enum
{
    static abstract string[] Words { get; }
}
