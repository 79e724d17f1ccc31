using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace Mesh.Tests.Shared;

/// <summary>
/// Prints the public surface of an assembly as text, one member a line, sorted, so that a committed file can be
/// compared with it: nothing becomes public, changes or disappears without showing in a diff.
/// </summary>
internal static class PublicSurface
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static |
        BindingFlags.DeclaredOnly;

    /// <summary>
    /// Compares with <c>src/&lt;assembly&gt;/PublicApi.txt</c>. Set <c>MESH_ACCEPT_API=1</c> to rewrite the file.
    /// </summary>
    public static void ShouldMatchCommittedFile(Assembly assembly)
    {
        var file = Path.Combine(RepositoryRoot(), "src", assembly.GetName().Name!, "PublicApi.txt");
        var actual = Print(assembly);
        if (Environment.GetEnvironmentVariable("MESH_ACCEPT_API") == "1")
        {
            File.WriteAllText(file, actual);
        }

        var expected = File.Exists(file) ? File.ReadAllText(file).ReplaceLineEndings("\n") : "";
        if (expected != actual)
        {
            var before = expected.Split('\n').ToHashSet(StringComparer.Ordinal);
            var after = actual.Split('\n').ToHashSet(StringComparer.Ordinal);
            var report = new StringBuilder()
                .AppendLine(CultureInfo.InvariantCulture, $"The public surface differs from {file}.")
                .AppendLine("If the change is wanted, run the test once with MESH_ACCEPT_API=1 and commit the file.");
            foreach (var line in before.Except(after).Order(StringComparer.Ordinal))
            {
                report.AppendLine(CultureInfo.InvariantCulture, $"- {line}");
            }

            foreach (var line in after.Except(before).Order(StringComparer.Ordinal))
            {
                report.AppendLine(CultureInfo.InvariantCulture, $"+ {line}");
            }

            Assert.Fail(report.ToString());
        }
    }

    /// <summary>The folder that holds <c>Mesh.Client.sln</c>, found upwards from the test's own binaries.</summary>
    public static string RepositoryRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Mesh.Client.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"No Mesh.Client.sln above {AppContext.BaseDirectory}.");
    }

    private static string Print(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (var type in assembly.GetExportedTypes().OrderBy(t => t.FullName, StringComparer.Ordinal))
        {
            text.Append(Kind(type)).Append(' ').Append(Name(type)).Append(Bases(type)).Append('\n');
            var lines = type.GetMembers(Declared).Select(Line).OfType<string>().Distinct(StringComparer.Ordinal);
            foreach (var line in lines.Order(StringComparer.Ordinal))
            {
                text.Append("    ").Append(line).Append('\n');
            }
        }

        return text.ToString();
    }

    private static string Kind(Type type) => type switch
    {
        { IsEnum: true } => "enum",
        { IsInterface: true } => "interface",
        { IsValueType: true } => "struct",
        _ when typeof(Delegate).IsAssignableFrom(type) => "delegate",
        { IsAbstract: true, IsSealed: true } => "static class",
        { IsAbstract: true } => "abstract class",
        { IsSealed: true } => "sealed class",
        _ => "class",
    };

    private static string Bases(Type type)
    {
        var bases = new List<string>();
        if (type is { IsEnum: false, IsValueType: false, BaseType: { } parent } && parent != typeof(object))
        {
            bases.Add(Name(parent));
        }

        bases.AddRange(type.GetInterfaces().Where(i => i.IsPublic || i.IsNestedPublic).Select(Name)
            .Order(StringComparer.Ordinal));
        return type.IsEnum || bases.Count == 0 ? "" : " : " + string.Join(", ", bases);
    }

    private static string? Line(MemberInfo member) => member switch
    {
        FieldInfo { IsSpecialName: true } => null,
        FieldInfo field when Visible(field.IsPublic, field.IsFamily, field.IsFamilyOrAssembly) =>
            $"{(field.IsLiteral ? "const " : field.IsStatic ? "static " : "")}{Name(field.FieldType)} {field.Name}" +
            (field.IsLiteral ? $" = {Convert.ToString(field.GetRawConstantValue(), CultureInfo.InvariantCulture)}" : ""),
        ConstructorInfo ctor when Visible(ctor.IsPublic, ctor.IsFamily, ctor.IsFamilyOrAssembly) =>
            $".ctor({Parameters(ctor)})",
        PropertyInfo property => Property(property),
        EventInfo { AddMethod: { } add } e when Visible(add.IsPublic, add.IsFamily, add.IsFamilyOrAssembly) =>
            $"event {Name(e.EventHandlerType!)} {e.Name}",
        MethodInfo { IsSpecialName: true } method when !method.Name.StartsWith("op_", StringComparison.Ordinal) => null,
        MethodInfo method when Visible(method.IsPublic, method.IsFamily, method.IsFamilyOrAssembly) &&
                               method.GetCustomAttribute<CompilerGeneratedAttribute>() is null =>
            $"{(method.IsStatic ? "static " : method.IsAbstract ? "abstract " : "")}{Name(method.ReturnType)} " +
            $"{method.Name}{Generics(method)}({Parameters(method)})",
        _ => null,
    };

    private static string? Property(PropertyInfo property)
    {
        static bool Shown(MethodInfo? m) => m is not null && Visible(m.IsPublic, m.IsFamily, m.IsFamilyOrAssembly);
        if (!Shown(property.GetMethod) && !Shown(property.SetMethod))
        {
            return null;
        }

        var init = property.SetMethod?.ReturnParameter.GetRequiredCustomModifiers()
            .Contains(typeof(IsExternalInit)) == true;
        var isStatic = (property.GetMethod ?? property.SetMethod)!.IsStatic ? "static " : "";
        return $"{isStatic}{Name(property.PropertyType)} {property.Name} {{ " +
               (Shown(property.GetMethod) ? "get; " : "") +
               (Shown(property.SetMethod) ? init ? "init; " : "set; " : "") + "}";
    }

    private static bool Visible(bool isPublic, bool isFamily, bool isFamilyOrAssembly) =>
        isPublic || isFamily || isFamilyOrAssembly;

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(p =>
        $"{(p.IsOut ? "out " : p.ParameterType.IsByRef ? p.IsIn ? "in " : "ref " : "")}{Name(p.ParameterType)} {p.Name}" +
        (p.HasDefaultValue ? $" = {p.DefaultValue ?? "null"}" : "")));

    private static string Generics(MethodInfo method) => method.IsGenericMethod
        ? $"<{string.Join(", ", method.GetGenericArguments().Select(a => a.Name))}>"
        : "";

    private static string Name(Type type)
    {
        if (type.IsByRef)
        {
            return Name(type.GetElementType()!);
        }

        if (type.IsArray)
        {
            return Name(type.GetElementType()!) + "[]";
        }

        if (type.IsGenericParameter)
        {
            return type.Name;
        }

        var name = type.IsNested ? $"{Name(type.DeclaringType!)}.{type.Name}" : $"{type.Namespace}.{type.Name}";
        return type.IsGenericType
            ? $"{name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>"
            : name;
    }
}
