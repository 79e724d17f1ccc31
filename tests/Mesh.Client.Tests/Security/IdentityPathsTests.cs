using Mesh.Client.Security;

namespace Mesh.Client.Tests.Security;

public sealed class IdentityPathsTests
{
    [Theory]
    [InlineData(null, "/ns/default/dc/dc1/svc/web", "web", "dc1")]
    [InlineData(null, "/ns/other/dc/dc1/svc/web", null, null)]
    [InlineData(null, "/ap/billing/ns/default/dc/dc1/svc/web", null, null)]
    [InlineData(null, "/ns/default/dc/dc1/svc/web/x", null, null)]
    [InlineData(null, "/ns/default/dc/dc1/SVC/web", null, null)]
    [InlineData(null, "/agent/client/dc/dc1/id/node", null, null)]
    [InlineData(null, "/web", null, null)]
    [InlineData("/ap/billing/ns/team/dc/{datacenter}/svc/{service}", "/ap/billing/ns/team/dc/dc2/svc/web", "web", "dc2")]
    [InlineData("/ns/shop/sa/{service}", "/ns/shop/sa/web", "web", null)]
    [InlineData("/{service}", "/web", "web", null)]
    public void ServiceOf_AnId_IsWhatTheShapeNames(string? template, string path, string? service, string? datacenter)
    {
        var paths = template is null ? new IdentityPaths() : new IdentityPaths(template);
        var id = new SpiffeId("td", path);

        Assert.Equal((service, datacenter), (paths.ServiceOf(id), paths.DatacenterOf(id)));
        if (service is not null)
        {
            Assert.Equal(id, paths.Expected(service, datacenter ?? "dc9", "td"));
        }
    }

    [Theory]
    [InlineData("", "does not begin with '/'")]
    [InlineData("ns/{service}", "does not begin with '/'")]
    [InlineData("/ns/default", "exactly once")]
    [InlineData("/{service}/{service}", "exactly once")]
    [InlineData("/{datacenter}/{datacenter}/{service}", "may have {datacenter} once")]
    [InlineData("/svc-{service}", "'svc-{service}'")]
    [InlineData("/{Service}", "'{Service}'")]
    [InlineData("/{service}/", "''")]
    [InlineData("/../{service}", "'..'")]
    public void ATemplate_ThatIsNone_IsRefusedWithTheReason(string template, string expected)
    {
        Assert.Contains(expected, IdentityPaths.Fault(template), StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new IdentityPaths(template));
    }

    [Theory]
    [InlineData("../admin")]
    [InlineData("a/b")]
    [InlineData("")]
    public void Expected_OfANameThatCannotBePartOfAnId_Throws(string service)
    {
        Assert.Throws<ArgumentException>(() => new IdentityPaths().Expected(service, "dc1", "td"));
    }
}
