using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace Mesh.Testing;

/// <summary>
/// Writes subject alternative names. The platform's builder takes only what it holds for a URI, and tests need the rest too.
/// </summary>
internal static class SubjectNames
{
    public static X509Extension Of(IReadOnlyList<string> uris, IReadOnlyList<string> dnsNames)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            foreach (var name in dnsNames)
            {
                writer.WriteCharacterString(UniversalTagNumber.IA5String, name, new Asn1Tag(TagClass.ContextSpecific, 2));
            }

            foreach (var uri in uris)
            {
                writer.WriteCharacterString(UniversalTagNumber.IA5String, uri, new Asn1Tag(TagClass.ContextSpecific, 6));
            }
        }

        return new X509Extension("2.5.29.17", writer.Encode(), critical: false);
    }
}
