using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace Mesh.Client.Security;

/// <summary>Reads the URIs among the subject alternative names of a certificate, which the platform does not.</summary>
internal static class UriNames
{
    private const string SubjectAlternativeName = "2.5.29.17";
    private static readonly Asn1Tag Uri = new(TagClass.ContextSpecific, 6);

    /// <summary>All of them, of all such extensions, also where there may be only one.</summary>
    /// <returns><see langword="null"/> when an extension cannot be read.</returns>
    public static IReadOnlyList<string>? Of(X509Certificate2 certificate)
    {
        var found = new List<string>();
        try
        {
            foreach (var extension in certificate.Extensions)
            {
                if (extension.Oid?.Value == SubjectAlternativeName)
                {
                    Read(extension.RawData, found);
                }
            }
        }
        catch (AsnContentException)
        {
            return null;
        }

        return found;
    }

    private static void Read(byte[] extension, List<string> found)
    {
        var outer = new AsnReader(extension, AsnEncodingRules.DER);
        var names = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        while (names.HasData)
        {
            if (names.PeekTag() == Uri)
            {
                found.Add(names.ReadCharacterString(UniversalTagNumber.IA5String, Uri));
            }
            else
            {
                names.ReadEncodedValue();
            }
        }
    }
}
