namespace Microsoft.Extensions.Http;

/// <summary>Stands for the handler of this name in a package that the tests do not reference.</summary>
internal class PolicyHttpMessageHandler : DelegatingHandler;
