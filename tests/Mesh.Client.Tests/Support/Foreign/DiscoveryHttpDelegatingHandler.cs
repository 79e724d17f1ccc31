namespace Steeltoe.Discovery.HttpClients;

/// <summary>Stands for the handler of this name in a package that the tests do not reference.</summary>
internal sealed class DiscoveryHttpDelegatingHandler : DelegatingHandler;
