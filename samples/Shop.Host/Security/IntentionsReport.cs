using System.Text.Json.Serialization;

namespace Shop.Host.Security;

/// <summary>What became of the customers' calls when an operator denied one edge and allowed it again, on open connections.</summary>
/// <param name="Edge">The edge.</param>
/// <param name="Denied">Calls denied as the operator wanted; not among the failed ones.</param>
/// <param name="DeniedWithinMs">When the last call that still passed was sent, after the operator's word.</param>
/// <param name="PassedLater">Calls that passed although sent more than a second after it.</param>
/// <param name="AllowedWithinMs">When the last call that was still denied was sent, after the operator's second word.</param>
/// <param name="DeniedLater">Calls denied although sent more than a second after that.</param>
/// <param name="OtherEdgesDenied">Calls denied that did not need the edge, or before anything was denied.</param>
/// <param name="IsAllowedAgain">The run was long enough for the second word.</param>
internal sealed record IntentionsReport(
    string Edge, long Denied, double DeniedWithinMs, long PassedLater, double AllowedWithinMs, long DeniedLater,
    long OtherEdgesDenied, bool IsAllowedAgain)
{
    [JsonIgnore]
    public bool IsGood =>
        Denied > 0 && PassedLater == 0 && DeniedLater == 0 && OtherEdgesDenied == 0 && IsAllowedAgain;
}
