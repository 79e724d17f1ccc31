using System.Text.Json;
using Mesh.Policy.Language;

namespace Mesh.Policy;

/// <summary>Prints documents and policies as canonical JSON: fixed order of fields, two spaces, line feeds.</summary>
public static class PolicyWriter
{
    /// <summary>
    /// The document in canonical form: what <see cref="PolicyReader"/> reads back as the same document. Comments and
    /// <c>$schema</c> are not part of a document and are lost.
    /// </summary>
    public static string Write(TrafficDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        return Printing.ToText(TrafficLanguage.OfService, document);
    }

    /// <summary>The security document in canonical form.</summary>
    public static string Write(SecurityDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        return Printing.ToText(SecurityLanguage.OfGlobal, document);
    }

    /// <summary>The switch document in canonical form.</summary>
    public static string Write(SwitchDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        return Printing.ToText(writer => SwitchLanguage.Write(writer, document));
    }

    /// <summary>
    /// What is in force for a service: every value in the form a document would write it, and under <c>origins</c>
    /// where each comes from.
    /// </summary>
    public static string Write(EffectivePolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return Printing.ToText(writer => EffectivePrinter.Write(writer, policy));
    }

    /// <summary>What is in force for the calls that a service receives, in the same form.</summary>
    public static string Write(InboundPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return Printing.ToText(writer => EffectivePrinter.Write(writer, policy));
    }

    /// <summary>
    /// What is in force at the door of a service, in the same form; <c>lockedAuthorization</c> are the rules that the
    /// global document locks.
    /// </summary>
    public static string Write(SecurityPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return Printing.ToText(writer => EffectivePrinter.Write(writer, policy));
    }
}
