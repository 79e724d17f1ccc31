namespace Microsoft.Extensions.ServiceDiscovery.Http;

/// <summary>Stands for the handler of this name in a package that the tests do not reference.</summary>
internal class ResolvingHttpDelegatingHandler : DelegatingHandler;
