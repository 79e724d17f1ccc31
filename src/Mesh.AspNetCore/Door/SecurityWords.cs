namespace Mesh.AspNetCore.Door;

/// <summary>The words of security documents.</summary>
internal static class SecurityWords
{
    /// <summary>As documents write it: <c>strict</c>, <c>enforce</c>, <c>allow</c>.</summary>
    public static string Of<TEnum>(TEnum value)
        where TEnum : struct, Enum => value.ToString().ToLowerInvariant();
}
