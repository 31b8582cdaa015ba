using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Frametalk.Core.Tests")]
